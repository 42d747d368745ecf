/**
 * What lies before each held run of a snapshot: why it waits, its place in the median plan,
 * and how many are ahead of it where it waits.
 *
 * Always true: reasons, places and the counts ahead come from one snapshot and agree with each
 * other; a run is ahead only if the median plan starts it at an earlier instant. All of it is
 * columns of numbers by place in the snapshot's list of held runs, because it is computed on
 * one thread and read on another.
 */
import { decide } from '../admission/decide.ts';
import { holdReasons } from '../admission/hold-reasons.ts';
import { poolWaitedFor } from '../admission/pool-waited-for.ts';
import type { HoldReason } from '../model/decision.ts';
import type { RunId } from '../model/run.ts';
import type { HeldRun, Snapshot } from '../model/snapshot.ts';
import { medianPlan, type PlannedStart } from './plan.ts';

export interface OutlookColumns {
  /** Places of all held runs in the order of the plan, those without a place in it last; then by (held since, id). */
  readonly order: Int32Array;
  /** 1 for the first; 0 where the plan has none. */
  readonly position: Int32Array;
  /** Of the plan; NaN where it has none. */
  readonly startAtMs: Float64Array;
  readonly finishAtMs: Float64Array;
  /** Why heads of classes wait, and those that never start. */
  readonly reasons: readonly HoldReason[];
  /** Which of these; -1 when nothing keeps the run from starting now. */
  readonly reason: Int32Array;
  /** The place of the head of its class; -1 where the reason is its own. */
  readonly head: Int32Array;
  /** How many of its class go before it. */
  readonly behind: Int32Array;
  /** How many ask for the pool that it waits for and are planned to start earlier; -1 where that is not known. */
  readonly aheadInPool: Int32Array;
}

/** Yields now and then, some milliseconds apart. */
export function* outlook(snapshot: Snapshot): Generator<void, OutlookColumns> {
  const { held } = snapshot;
  const decision = decide(snapshot);
  yield;
  const reasons = holdReasons(snapshot, decision);
  yield;
  const plan = medianPlan(snapshot);
  yield;
  const places = new Map<RunId, number>(held.map((run, place) => [run.id, place]));
  const planned = planColumns(held, plan);
  const why = reasonColumns(held, reasons, places);
  yield;
  const order = inOrder(held, planned.position);
  yield;
  return { order, ...planned, ...why, aheadInPool: aheadInPool({ held, order, ...planned, ...why }) };
}

type PlanColumns = Pick<OutlookColumns, 'position' | 'startAtMs' | 'finishAtMs'>;
type ReasonColumns = Pick<OutlookColumns, 'reasons' | 'reason' | 'head' | 'behind'>;

function planColumns(held: readonly HeldRun[], plan: ReadonlyMap<RunId, PlannedStart>): PlanColumns {
  const position = new Int32Array(held.length);
  const startAtMs = new Float64Array(held.length).fill(Number.NaN);
  const finishAtMs = new Float64Array(held.length).fill(Number.NaN);
  held.forEach(({ id }, place) => {
    const start = plan.get(id);
    if (start === undefined) return;
    position[place] = start.position;
    startAtMs[place] = start.startAtMs;
    finishAtMs[place] = start.finishAtMs;
  });
  return { position, startAtMs, finishAtMs };
}

function reasonColumns(
  held: readonly HeldRun[],
  reasons: ReadonlyMap<RunId, HoldReason>,
  places: ReadonlyMap<RunId, number>,
): ReasonColumns {
  const numbers = new Map<HoldReason, number>();
  const numberOf = (reason: HoldReason): number => {
    const known = numbers.get(reason) ?? numbers.size;
    numbers.set(reason, known);
    return known;
  };
  const reason = new Int32Array(held.length).fill(-1);
  const head = new Int32Array(held.length).fill(-1);
  const behind = new Int32Array(held.length);
  held.forEach(({ id }, place) => {
    const why = reasons.get(id);
    if (why === undefined) return;
    if (why.kind === 'behind') {
      reason[place] = numberOf(why.first);
      head[place] = places.get(why.head) as number;
      behind[place] = why.ahead;
    } else reason[place] = numberOf(why);
  });
  return { reasons: [...numbers.keys()], reason, head, behind };
}

function inOrder(held: readonly HeldRun[], position: Int32Array): Int32Array {
  const last = (place: number): number => position[place] || Number.MAX_SAFE_INTEGER;
  return Int32Array.from(held, (_, place) => place).sort((a, b) => {
    const [one, other] = [held[a] as HeldRun, held[b] as HeldRun];
    const id = one.id < other.id ? -1 : Number(one.id > other.id);
    return last(a) - last(b) || one.heldSinceMs - other.heldSinceMs || id;
  });
}

type Counted = Pick<OutlookColumns, 'order' | 'position' | 'reasons' | 'reason'> & {
  readonly held: readonly HeldRun[];
};

/** Runs that the plan starts at the same instant share a position, and none is ahead of the other. */
function aheadInPool({ held, order, position, reasons, reason }: Counted): Int32Array {
  const ahead = new Int32Array(held.length).fill(-1);
  const pools = reasons.map(poolWaitedFor);
  const earlier = new Map<string, number>();
  let together: HeldRun[] = [];
  let before = 0;
  const pass = (): void => {
    for (const { requests } of together) {
      for (const pool of Object.keys(requests)) earlier.set(pool, (earlier.get(pool) ?? 0) + 1);
    }
    together = [];
  };
  for (const place of order) {
    const at = position[place] as number;
    if (at === 0) break;
    if (at !== before) pass();
    before = at;
    together.push(held[place] as HeldRun);
    const pool = pools[reason[place] as number] ?? null;
    if (pool !== null) ahead[place] = earlier.get(pool) ?? 0;
  }
  return ahead;
}
