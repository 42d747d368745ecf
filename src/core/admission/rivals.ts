/**
 * Older rivals of a wide overdue head: overdue heads that have waited longer, have no grant
 * and want one of the same scarce pools. They go first, or the grants of an endless stream
 * of wide runs would starve them.
 *
 * Rivals of a head only ever become fewer: whoever becomes overdue later is no older. So
 * each look goes on where the last one ended, unless somebody has no patience at all.
 */
import { RUNS_POOL } from '../model/run.ts';
import type { Ledger } from './ledger.ts';
import type { Tables } from './tables.ts';
import type { Waiting } from './waiting.ts';

export class Rivals {
  readonly #tables: Tables;
  readonly #ledger: Ledger;
  readonly #waiting: Waiting;
  /** By pool: the classes that ask for it, but for stalled ones; nobody for the pool `runs`. */
  readonly #askers: readonly Int32Array[];
  readonly #dwindle: boolean;
  /** By class: how many of the askers of its pools are settled to be no rivals, and of which head. */
  readonly #settled: Int32Array;
  readonly #head: Int32Array;

  constructor(tables: Tables, ledger: Ledger, waiting: Waiting) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#waiting = waiting;
    this.#askers = askersOf(tables);
    this.#dwindle = !tables.patienceMs.includes(0);
    this.#settled = new Int32Array(tables.classCount);
    this.#head = new Int32Array(tables.classCount);
    this.reset();
  }

  reset(): void {
    this.#head.fill(-1);
  }

  /** An overdue class whose head is an older rival of the head of class c, or -1. */
  olderThan(c: number, isGranted: (run: number) => boolean): number {
    const head = this.#waiting.headOf(c);
    const { offset, pool } = this.#tables.signatures;
    const signature = this.#tables.classSignature[c] as number;
    const settled = this.#head[c] === head && this.#dwindle ? (this.#settled[c] as number) : 0;
    this.#head[c] = head;
    this.#settled[c] = -1;
    let before = 0;
    for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
      const askers = this.#askers[pool[i] as number] as Int32Array;
      const rival = this.#among(askers, { c, settled, before }, isGranted);
      if (rival >= 0) return rival;
      before += askers.length;
    }
    if (this.#settled[c] === -1) this.#settled[c] = before;
    return -1;
  }

  /** Looks at the askers of one pool that are not settled; `before` them were those of other pools. */
  #among(
    askers: Int32Array,
    { c, settled, before }: { c: number; settled: number; before: number },
    isGranted: (run: number) => boolean,
  ): number {
    const waiting = this.#waiting;
    const { overdueMs } = waiting;
    const atMs = overdueMs[c] as number;
    const head = waiting.headOf(c);
    for (let i = Math.max(0, settled - before); i < askers.length; i += 1) {
      const other = askers[i] as number;
      const otherMs = overdueMs[other] as number;
      if (otherMs > atMs || (otherMs === atMs && waiting.headOf(other) >= head)) continue;
      if (this.#settled[c] === -1) this.#settled[c] = before + i;
      if (!isGranted(waiting.headOf(other)) && this.#underCaps(other)) return other;
    }
    return -1;
  }

  /** One whose own tenant's cap is what stops it gains nothing from going first. */
  #underCaps(c: number): boolean {
    const { classTenant, classSignature } = this.#tables;
    return this.#ledger.underCaps(classTenant[c] as number, classSignature[c] as number);
  }
}

function askersOf({
  signatures,
  poolIndex,
  poolNames,
  classCount,
  classSignature,
  classStalled,
}: Tables): Int32Array[] {
  const runsPool = poolIndex.get(RUNS_POOL) ?? -1;
  const askers: number[][] = poolNames.map(() => []);
  for (let c = 0; c < classCount; c += 1) {
    if (classStalled[c] === 1) continue;
    const s = classSignature[c] as number;
    for (const pool of signatures.pool.subarray(signatures.offset[s], signatures.offset[s + 1])) {
      if (pool !== runsPool) askers[pool]?.push(c);
    }
  }
  return askers.map((list) => Int32Array.from(list));
}
