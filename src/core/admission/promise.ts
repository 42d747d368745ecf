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

interface PromiseInput {
  readonly active: ActiveSet;
  readonly earlier: readonly StandingGrant[];
  readonly run: number;
  readonly nowMs: number;
}

/** Computes promises, in arrays that it keeps: making new ones would cost more than the rest. */
export class Promises {
  readonly #tables: Tables;
  readonly #ledger: Ledger;
  /** Changes of use by when they happen: run r frees what it occupies, or -1 - r: occupies it. */
  readonly #changes = new TimerHeap(0);
  readonly #left: Left;

  constructor(tables: Tables, ledger: Ledger) {
    this.#tables = tables;
    this.#ledger = ledger;
    const pools = tables.poolNames.length;
    this.#left = { free: new Float64Array(pools), room: new Float64Array(pools) };
  }

  /** Null when the run would not fit even then, because what nobody here runs takes too much. */
  promisedAtMs(input: PromiseInput): number | null {
    const tables = this.#tables;
    const tenant = tables.runTenant[input.run] as number;
    const signature = tables.runSignature[input.run] as number;
    const left = this.#left;
    const changes = this.#changes;
    this.#ledger.copyFree(left.free);
    for (let p = 0; p < left.room.length; p += 1) left.room[p] = this.#ledger.capRoom(tenant, p);
    this.#expect(input);
    for (let atMs = input.nowMs; atMs !== Number.POSITIVE_INFINITY; atMs = changes.topTime()) {
      while (changes.topTime() <= atMs) apply(changes.pop(), tables, tenant, left);
      if (fits(tables, signature, left) && !harms(tables, input, atMs, left)) return atMs;
    }
    return null;
  }

  #expect({ active, earlier, nowMs }: PromiseInput): void {
    const { p50Ms, timeoutMs } = this.#tables;
    const { runs, count, startedAtMs } = active;
    const changes = this.#changes;
    changes.clear();
    for (let i = 0; i < count; i += 1) {
      const run = runs[i] as number;
      const span = {
        sinceMs: startedAtMs[run] as number,
        p50Ms: p50Ms[run] as number,
        timeoutMs: timeoutMs[run] as number,
      };
      changes.push(expectedEndMs(span, nowMs), run);
    }
    for (const grant of earlier) {
      if (!grant.binding) continue;
      const fromMs = Math.max(grant.promisedAtMs, nowMs);
      changes.push(fromMs, -1 - grant.run);
      changes.push(fromMs + (p50Ms[grant.run] as number), grant.run);
    }
  }
}

/** What is left of each pool, and under the caps of the tenant that asks. */
interface Left {
  readonly free: Float64Array;
  readonly room: Float64Array;
}

function apply(change: number, tables: Tables, tenant: number, { free, room }: Left): void {
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

function fits(tables: Tables, signature: number, { free, room }: Left): boolean {
  const { offset, pool, units } = tables.signatures;
  for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
    const p = pool[i] as number;
    if (Math.min(free[p] as number, room[p] as number) < (units[i] as number)) return false;
  }
  return true;
}

/** Whether a start at that moment would take what an earlier grant, promised for later, still waits for. */
function harms(tables: Tables, { earlier, run }: PromiseInput, atMs: number, left: Left): boolean {
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
function leavesShare(tables: Tables, run: number, grant: StandingGrant, { free, room }: Left): boolean {
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
