/**
 * The promise of a grant: the earliest moment at which the run would fit, behind the grants
 * that are out already, if everything that runs ends when it is expected to.
 *
 * Source: the shadow time of EASY backfilling (Lifka, "The ANL/IBM SP Scheduling System",
 * JSSPP 1995), extended to several pools and several reservations.
 */
import { expectedEndMs } from './expected-end.ts';
import type { Ledger } from './ledger.ts';
import type { StandingGrant } from './order.ts';
import type { Tables } from './tables.ts';
import { TimerHeap } from './timer-heap.ts';

/** The runs that occupy pools now, as run indexes in any order, and by run since when. */
export interface ActiveSet {
  readonly count: number;
  readonly runs: Int32Array;
  readonly startedAtMs: Float64Array;
}

export interface PromiseInput {
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly active: ActiveSet;
  readonly earlier: readonly StandingGrant[];
  readonly run: number;
  readonly nowMs: number;
}

/** Null when the run would not fit even then, because what nobody here runs takes too much. */
export function promisedAtMs(input: PromiseInput): number | null {
  const { tables, ledger, run, nowMs } = input;
  const tenant = tables.runTenant[run] as number;
  const signature = tables.runSignature[run] as number;
  const free = ledger.free.slice();
  const room = free.map((_, pool) => ledger.capRoom(tenant, pool));
  const changes = changesOf(input);
  for (let atMs = nowMs; atMs !== Number.POSITIVE_INFINITY; atMs = changes.topTime()) {
    while (changes.topTime() <= atMs) apply(changes.pop(), { tables, free, room, tenant });
    if (fits(tables, signature, free, room) && !harms(input, atMs, { free, room })) return atMs;
  }
  return null;
}

/** Changes of use by when they happen: run r frees what it occupies, or -1 - r: occupies it. */
function changesOf({ tables, active, earlier, nowMs }: PromiseInput): TimerHeap {
  const { runs, count, startedAtMs } = active;
  const changes = new TimerHeap(count + 2 * earlier.length);
  for (let i = 0; i < count; i += 1) {
    const run = runs[i] as number;
    const span = {
      sinceMs: startedAtMs[run] as number,
      p50Ms: tables.p50Ms[run] as number,
      timeoutMs: tables.timeoutMs[run] as number,
    };
    changes.push(expectedEndMs(span, nowMs), run);
  }
  for (const grant of earlier) {
    if (!grant.binding) continue;
    const fromMs = Math.max(grant.promisedAtMs, nowMs);
    changes.push(fromMs, -1 - grant.run);
    changes.push(fromMs + (tables.p50Ms[grant.run] as number), grant.run);
  }
  return changes;
}

function apply(
  change: number,
  { tables, free, room, tenant }: { tables: Tables; free: Float64Array; room: Float64Array; tenant: number },
): void {
  const { offset, pool, units } = tables.signatures;
  const run = change < 0 ? -1 - change : change;
  const signature = tables.runSignature[run] as number;
  const sameTenant = tables.runTenant[run] === tenant;
  for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
    const p = pool[i] as number;
    const amount = (change < 0 ? -1 : 1) * (units[i] as number);
    free[p] = (free[p] as number) + amount;
    if (sameTenant) room[p] = (room[p] as number) + amount;
  }
}

function fits(tables: Tables, signature: number, free: Float64Array, room: Float64Array): boolean {
  const { offset, pool, units } = tables.signatures;
  for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
    const p = pool[i] as number;
    if (Math.min(free[p] as number, room[p] as number) < (units[i] as number)) return false;
  }
  return true;
}

/** Whether a start at that moment would take what an earlier grant, promised for later, still waits for. */
function harms(
  { tables, earlier, run }: PromiseInput,
  atMs: number,
  left: { free: Float64Array; room: Float64Array },
): boolean {
  const goneAtMs = atMs + (tables.p90Ms[run] as number);
  return earlier.some(
    (grant) =>
      grant.binding &&
      grant.promisedAtMs > atMs &&
      goneAtMs > grant.promisedAtMs &&
      !leavesShare(tables, run, grant, left),
  );
}

/** The tenant's cap counts like a pool where the grant is of the same tenant. */
function leavesShare(
  tables: Tables,
  run: number,
  grant: StandingGrant,
  { free, room }: { free: Float64Array; room: Float64Array },
): boolean {
  const { offset, pool, units } = tables.signatures;
  const own = tables.runSignature[run] as number;
  const sameTenant = tables.runTenant[run] === grant.tenant;
  for (let i = offset[own] as number; i < (offset[own + 1] as number); i += 1) {
    const p = pool[i] as number;
    for (let j = offset[grant.signature] as number; j < (offset[grant.signature + 1] as number); j += 1) {
      if (pool[j] !== p) continue;
      const both = (units[i] as number) + (units[j] as number);
      if ((free[p] as number) < both || (sameTenant && (room[p] as number) < both)) return false;
    }
  }
  return true;
}
