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

/** A change of use at a moment: +1 frees what the run occupies, -1 occupies it. */
interface Change {
  readonly atMs: number;
  readonly run: number;
  readonly sign: 1 | -1;
}

/** Null when the run would not fit even then, because what nobody here runs takes too much. */
export function promisedAtMs(input: PromiseInput): number | null {
  const { tables, ledger, run, nowMs } = input;
  const tenant = tables.runTenant[run] as number;
  const signature = tables.runSignature[run] as number;
  const free = ledger.free.slice();
  const pools = tables.poolNames.length;
  const room = Float64Array.from({ length: pools }, (_, pool) => ledger.capRoom(tenant, pool));
  const changes = changesOf(input);
  let next = 0;
  for (let atMs = nowMs; ; atMs = (changes[next] as Change).atMs) {
    for (; next < changes.length && (changes[next] as Change).atMs <= atMs; next += 1) {
      apply(changes[next] as Change, { tables, free, room, tenant });
    }
    if (fits(tables, signature, free, room) && !harms(input, atMs, { free, room })) return atMs;
    if (next >= changes.length) return null;
  }
}

function changesOf({ tables, active, earlier, nowMs }: PromiseInput): Change[] {
  const changes: Change[] = [];
  for (let i = 0; i < active.count; i += 1) {
    const run = active.runs[i] as number;
    const span = {
      sinceMs: active.startedAtMs[run] as number,
      p50Ms: tables.p50Ms[run] as number,
      timeoutMs: tables.timeoutMs[run] as number,
    };
    changes.push({ atMs: expectedEndMs(span, nowMs), run, sign: 1 });
  }
  for (const grant of earlier) {
    if (!grant.binding) continue;
    const fromMs = Math.max(grant.promisedAtMs, nowMs);
    changes.push({ atMs: fromMs, run: grant.run, sign: -1 });
    changes.push({ atMs: fromMs + (tables.p50Ms[grant.run] as number), run: grant.run, sign: 1 });
  }
  return changes.sort((a, b) => a.atMs - b.atMs);
}

function apply(
  change: Change,
  { tables, free, room, tenant }: { tables: Tables; free: Float64Array; room: Float64Array; tenant: number },
): void {
  const { offset, pool, units } = tables.signatures;
  const signature = tables.runSignature[change.run] as number;
  const sameTenant = tables.runTenant[change.run] === tenant;
  for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
    const p = pool[i] as number;
    const amount = change.sign * (units[i] as number);
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
