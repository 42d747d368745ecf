/**
 * What operators ordered, checked at each decision against what truly stands.
 *
 * - Nothing starts that a pause covers which stood before the look that was decided upon.
 * - A run that was moved to the front before that look keeps its units: whatever is let in
 *   and asks for one of its pools leaves them free, unless it was moved there later still.
 * - Nothing is let in that was held longer than the maximum age, and only such runs are
 *   cancelled for their age, none whose start can still land.
 */
import type { AdmissionSettings } from '../src/app/settings.ts';
import type { RunId } from '../src/core/model/run.ts';
import type { PoolCapacity } from '../src/ports/capacity.ts';
import type { ObservedRun } from '../src/ports/engine.ts';
import type { StartMark } from '../src/ports/store.ts';
import type { Operator } from './operator.ts';

export interface OrderChecksParts {
  readonly operator: Operator;
  readonly settings: AdmissionSettings;
  readonly fail: (message: string) => void;
  /** Penstock once decided to start it: if nothing came of it, it is left alone for a while. */
  readonly wasLetIn: (id: RunId) => boolean;
}

/** What a decision was made upon. */
export interface Basis {
  readonly runs: ReadonlyMap<RunId, ObservedRun>;
  readonly capacity: readonly PoolCapacity[];
  /** When the look was answered. */
  readonly seenAtMs: number;
}

export class OrderChecks {
  readonly #parts: OrderChecksParts;

  constructor(parts: OrderChecksParts) {
    this.#parts = parts;
  }

  decides(basis: Basis, marks: readonly StartMark[]): void {
    const { operator, settings, fail } = this.#parts;
    for (const { runId, markedAtMs } of marks) {
      const run = basis.runs.get(runId);
      if (run === undefined) continue;
      const pause = operator
        .pauses()
        .find((one) => one.sinceMs <= basis.seenAtMs && operator.covers(run, one));
      if (pause !== undefined) fail(`${runId} was let in though ${JSON.stringify(pause.target)} is paused`);
      const heldForMs = markedAtMs - run.heldSinceMs;
      if (settings.maxHeldMs !== null && heldForMs >= settings.maxHeldMs) {
        fail(`${runId} was let in though it was held for ${heldForMs} ms of ${settings.maxHeldMs}`);
      }
    }
  }

  /** `units`: in use with the run, which is let in at `atMs`. */
  letsIn(
    run: ObservedRun,
    basis: Basis,
    at: {
      readonly units: ReadonlyMap<string, number>;
      readonly atMs: number;
      readonly letIn: ReadonlySet<RunId>;
    },
  ): void {
    const { operator, fail } = this.#parts;
    // What was moved meanwhile this decision could not know.
    if (operator.frontsChangedAtMs() > basis.seenAtMs) return;
    for (const { runId } of operator.fronts()) {
      if (runId === run.id) return;
      const first = basis.runs.get(runId);
      if (first === undefined || at.letIn.has(runId) || !this.#binds(first, basis, at.atMs)) continue;
      for (const [pool, asked] of Object.entries(first.requests)) {
        if (run.requests[pool] === undefined) continue;
        const { size, otherUse } = soundPool(basis, pool) ?? { size: 0, otherUse: 0 };
        const left = size - otherUse - (at.units.get(pool) ?? 0);
        if (left < asked) fail(`${run.id} took ${pool} from ${runId}, which was moved to the front`);
      }
    }
  }

  /** Whether nothing but room keeps the run from starting. */
  #binds(run: ObservedRun, basis: Basis, atMs: number): boolean {
    const { operator, settings, wasLetIn } = this.#parts;
    if (run.state !== 'held' || !run.ours || wasLetIn(run.id)) return false;
    if (operator.pauses().some((pause) => operator.covers(run, pause))) return false;
    if (settings.maxHeldMs !== null && atMs - run.heldSinceMs >= settings.maxHeldMs) return false;
    if (!settings.priorities.some((priority) => priority.name === run.priority)) return false;
    const caps = settings.tenants.find((tenant) => tenant.name === run.tenant)?.caps ?? {};
    return Object.entries(run.requests).every(([pool, asked]) => {
      const sound = soundPool(basis, pool);
      return sound !== null && asked <= sound.size && asked <= (caps[pool] ?? Number.POSITIVE_INFINITY);
    });
  }

  cancelsForAge(run: ObservedRun | undefined, nowMs: number): void {
    const { settings, fail } = this.#parts;
    if (run === undefined) return;
    const heldForMs = nowMs - run.heldSinceMs;
    if (settings.maxHeldMs === null || heldForMs < settings.maxHeldMs) {
      fail(`${run.id} was to be cancelled for its age though held only ${heldForMs} ms`);
    }
  }
}

/** Null when it is missing, doubtful, or reported twice. */
function soundPool({ capacity }: Basis, name: string): PoolCapacity | null {
  const [pool, twin] = capacity.filter((one) => one.name === name);
  if (pool === undefined || twin !== undefined || pool.doubt !== null) return null;
  return isCount(pool.size) && isCount(pool.otherUse) ? pool : null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
