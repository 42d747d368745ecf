/**
 * The launcher: plans occurrences ahead, creates the runs of launches whose moment has come,
 * and settles them; again and again.
 *
 * Like the admission loop it is level-triggered and keeps no authoritative memory: what it
 * goes by is in the store, the engine and history; hints and timers only say "look again".
 *
 * Always true: only the process that leads plans and launches; a failure of anything is logged
 * and tried again for ever; whatever instant the process is killed at, the next one goes on, and
 * no launch becomes two runs.
 */

import type { LaunchRecord } from '../../ports/launch-store.ts';
import type { Leadership } from '../../ports/leadership.ts';
import type { Log } from '../../ports/log.ts';
import { errorText } from '../admission/bounded-wait.ts';
import { Triggers } from '../admission/triggers.ts';
import type { PolicyRegistry } from '../policies/registry.ts';
import { type CreateLaunchesParts, LaunchCreation } from './create-launches.ts';
import { Planner, type PlannerParts } from './planner.ts';
import { LaunchSettling } from './settle-launches.ts';

export interface LauncherParts extends CreateLaunchesParts, Pick<PlannerParts, 'projects'> {
  readonly registry: PolicyRegistry;
  readonly leadership: Leadership;
  readonly log: Log;
  /** No request to create a run takes effect after the process that made it has ended. */
  readonly creationEndsWithProcess: boolean;
  /** Another pass was made. */
  readonly onPass?: () => void;
}

/** Also the most by which a change that nobody told of is noticed late. */
const PLAN_EVERY_MS = 5 * 60_000;
const RETRY_MS = 5_000;
/** Launches that are looked at in one step, so that other work comes in between. */
const STEP_MAX = 200;
/** Steps of one pass: more are left to the next, so that planning and settling come in between. */
const STEPS_MAX = 50;
const KEPT_MS = 90 * 86_400_000;

export class Launcher {
  readonly #parts: LauncherParts;
  readonly #planner: Planner;
  readonly #creation: LaunchCreation;
  readonly #settling: LaunchSettling;
  readonly #triggers: Triggers;
  #unsubscribe: readonly (() => void)[] = [];
  /** Null: at once. */
  #planAtMs: number | null = null;
  #term: number | null = null;
  /** Launches that a predecessor may have left being created, and that need not be waited for. */
  #inherited: boolean;
  #failed = false;

  constructor(parts: LauncherParts) {
    this.#parts = parts;
    this.#inherited = parts.creationEndsWithProcess;
    const { registry, launches, clock, projects, runs } = parts;
    const { engineKind } = runs;
    this.#planner = new Planner({ registry, store: launches, clock, projects, engineKind });
    this.#creation = new LaunchCreation(parts);
    this.#settling = new LaunchSettling(parts);
    this.#triggers = new Triggers(clock, () => this.#pass());
  }

  start(): void {
    const { registry, leadership } = this.#parts;
    this.#unsubscribe = [
      registry.onChange(() => {
        this.#planAtMs = null;
        this.wake();
      }),
      leadership.onChange(() => this.wake()),
    ];
    this.wake();
  }

  /** Look again soon: a run has ended, say, or an occurrence was ordered. */
  wake(): void {
    this.#triggers.wake();
  }

  /** Looks again; resolves when a pass that began after this call has ended. */
  passed(): Promise<void> {
    return this.#triggers.passed();
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#triggers.stop();
  }

  async #pass(): Promise<void> {
    if (!this.#leads()) return;
    try {
      await this.#planWhenDue();
      await this.#lookAfter();
      const isDone = await this.#launchDue();
      await this.#settling.settle();
      await this.#settling.expire();
      this.#failed = false;
      this.#triggers.wakeAt(isDone ? await this.#nextAtMs() : this.#parts.clock.nowMs());
    } catch (error) {
      this.#fail(error);
    }
    this.#parts.onPass?.();
  }

  #fail(error: unknown): void {
    const { clock, log } = this.#parts;
    if (!this.#failed) log.warn({ error: errorText(error) }, 'Launching has to wait');
    this.#failed = true;
    this.#triggers.wakeAt(clock.nowMs() + RETRY_MS);
  }

  /** Each time leadership is won, what another process left is looked at anew. */
  #leads(): boolean {
    const { leadership, clock } = this.#parts;
    const standing = leadership.standing();
    const leads = standing.kind === 'leading' && standing.untilMs > clock.nowMs();
    const term = standing.kind === 'leading' ? standing.term : null;
    if (term !== this.#term) {
      this.#term = term;
      this.#inherited = this.#parts.creationEndsWithProcess;
      this.#planAtMs = null;
    }
    return leads;
  }

  async #planWhenDue(): Promise<void> {
    const { clock, launches } = this.#parts;
    const nowMs = clock.nowMs();
    // A clock that was set back leaves the next time far ahead.
    const isDue =
      this.#planAtMs === null || this.#planAtMs <= nowMs || this.#planAtMs > nowMs + PLAN_EVERY_MS;
    if (!isDue) return;
    this.#planAtMs = nowMs + PLAN_EVERY_MS;
    try {
      await this.#planner.plan();
      await this.#settling.giveUpVanished();
      await launches.forgetBefore(nowMs - KEPT_MS);
    } catch (error) {
      this.#planAtMs = null;
      throw error;
    }
  }

  async #lookAfter(): Promise<void> {
    const { launches, clock } = this.#parts;
    for (let step = 0; step < STEPS_MAX && this.#leads(); step += 1) {
      const untilMs = this.#inherited ? Number.MAX_SAFE_INTEGER : clock.nowMs();
      const unanswered = await launches.unanswered(untilMs, STEP_MAX);
      if (unanswered.length === 0) {
        this.#inherited = false;
        return;
      }
      const lost = await this.#creation.lookAfter(unanswered);
      // While they were out, their policy may have changed.
      for (const { identity, key } of occurrencesOf(lost)) {
        await this.#planner.follow(identity, key, { always: true });
      }
    }
  }

  /** False when there is more to do at once. */
  async #launchDue(): Promise<boolean> {
    const { launches, clock } = this.#parts;
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if (!this.#leads()) return true;
      const due = await launches.due(clock.nowMs(), STEP_MAX);
      if (due.length === 0) return true;
      for (const { identity, key } of occurrencesOf(due)) {
        const some = due.filter((launch) => launch.identity === identity && launch.occurrenceKey === key);
        // What it was planned from has changed: what is due now is another question.
        if (await this.#planner.follow(identity, key)) continue;
        await this.#launch(identity, some);
      }
    }
    return false;
  }

  async #launch(identity: string, due: readonly LaunchRecord[]): Promise<void> {
    const record = await this.#planner.recordOf(identity);
    if (record !== null) return this.#creation.launch(record, due);
    const to = { state: 'withdrawn', reason: 'The policy was deleted.' } as const;
    await this.#parts.launches.change(due.map((launch) => ({ key: launch, from: 'planned', to })));
  }

  async #nextAtMs(): Promise<number> {
    const { launches, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const moments = [await launches.nextAtMs(), await launches.nextExpiryMs(), this.#planAtMs];
    const next = Math.min(...moments.map((moment) => moment ?? Number.POSITIVE_INFINITY));
    return Math.min(Math.max(next, nowMs), nowMs + PLAN_EVERY_MS);
  }
}

function occurrencesOf(
  launches: readonly LaunchRecord[],
): readonly { readonly identity: string; readonly key: string }[] {
  const found = new Map(
    launches.map(({ identity, occurrenceKey: key }) => [JSON.stringify([identity, key]), { identity, key }]),
  );
  return [...found.values()];
}
