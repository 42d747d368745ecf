/**
 * Somebody who pauses, resumes and moves runs to the front, at any time. What he orders is
 * durable at once; he also remembers it, so that the checks know what truly stands.
 */
import type { RunId } from '../src/core/model/run.ts';
import type { Random } from '../src/core/random/random.ts';
import type { ObservedRun } from '../src/ports/engine.ts';
import type { ControlOrder, Front, PauseTarget, Store } from '../src/ports/store.ts';
import { chance, pick } from './draws.ts';
import type { EngineState } from './engine-state.ts';
import type { Plan } from './plan.ts';

export interface StandingPause {
  readonly target: PauseTarget;
  readonly sinceMs: number;
}

export interface OperatorParts {
  readonly plan: Plan;
  readonly state: EngineState;
  readonly store: Pick<Store, 'order'>;
  readonly nowMs: () => number;
}

export class Operator {
  readonly #parts: OperatorParts;
  #pauses: readonly StandingPause[] = [];
  /** The one moved last first. */
  #fronts: readonly Front[] = [];
  #frontsChangedAtMs = Number.NEGATIVE_INFINITY;
  orders = 0;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
  }

  pauses(): readonly StandingPause[] {
    return this.#pauses;
  }

  fronts(): readonly Front[] {
    return this.#fronts;
  }

  /** When he last moved a run, or moved one back. */
  frontsChangedAtMs(): number {
    return this.#frontsChangedAtMs;
  }

  covers(run: ObservedRun, { target }: StandingPause): boolean {
    if (target.scope === 'everything') return true;
    return target.scope === 'tenant' ? run.tenant === target.name : run.requests[target.name] !== undefined;
  }

  pauseOrResume(random: Random): void {
    if (this.#pauses.length > 0 && chance(random, 0.7)) {
      this.#resume(pick(random, this.#pauses).target);
      return;
    }
    const { pools, tenants } = this.#parts.plan;
    const target = pick<PauseTarget>(random, [
      { scope: 'everything' },
      { scope: 'tenant', name: pick(random, tenants) },
      { scope: 'pool', name: pick(random, pools).name },
    ]);
    if (this.#pauses.some((pause) => same(pause.target, target))) return;
    const sinceMs = this.#parts.nowMs();
    this.#pauses = [...this.#pauses, { target, sinceMs }];
    this.#give({ kind: 'pause', pause: { target, by: 'ann', reason: null, sinceMs } });
  }

  resumeAll(): void {
    for (const { target } of this.#pauses) this.#resume(target);
  }

  moveToFront(random: Random): void {
    const undone = this.#fronts[0];
    if (undone !== undefined && chance(random, 0.2)) {
      this.forget([undone.runId]);
      this.#frontsChangedAtMs = this.#parts.nowMs();
      this.#give({ kind: 'unfront', runId: undone.runId });
      return;
    }
    const held = [...this.#parts.state.runs()].filter((run) => run.state === 'held' && run.ours);
    if (held.length === 0) return;
    const atMs = this.#parts.nowMs();
    const front = { runId: pick(random, held).created.id, by: 'ann', atMs };
    this.forget([front.runId]);
    this.#fronts = [front, ...this.#fronts];
    this.#frontsChangedAtMs = atMs;
    this.#give({ kind: 'front', front });
  }

  /** The moves of these are over. */
  forget(ids: readonly RunId[]): void {
    this.#fronts = this.#fronts.filter((front) => !ids.includes(front.runId));
  }

  #resume(target: PauseTarget): void {
    this.#pauses = this.#pauses.filter((pause) => !same(pause.target, target));
    this.#give({ kind: 'resume', target });
  }

  #give(order: ControlOrder): void {
    this.orders += 1;
    const entry = { atMs: this.#parts.nowMs(), by: 'ann', what: order.kind, about: 'it', detail: null };
    void this.#parts.store.order(order, entry);
  }
}

function same(a: PauseTarget, b: PauseTarget): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
