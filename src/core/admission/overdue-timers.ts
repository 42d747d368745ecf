/**
 * When heads become overdue. Only what may change something is noticed: an overdue head of a
 * lower rank moves to the top level, a wide one may be given a grant. A narrow head of the
 * highest rank stands where it stood before, and it can be computed that it is overdue.
 */
import type { Tables } from './tables.ts';
import { TimerHeap } from './timer-heap.ts';
import { TimerLine } from './timer-line.ts';

export const NEVER = 0;
export const NARROW = 1;
export const WIDE = 2;
/** How the becoming overdue of a class is noticed. */
export type Notice = typeof NEVER | typeof NARROW | typeof WIDE;

export class OverdueTimers {
  /** By rank: of one patience most are set in the order in which they fire. */
  readonly #lines: readonly TimerLine[];
  readonly #others: TimerHeap;
  readonly #wide: TimerHeap;
  /** None fires before this. */
  nextMs = Number.POSITIVE_INFINITY;
  /** No wide head's fires before this. */
  nextWideMs = Number.POSITIVE_INFINITY;

  /** @param overdueMs by class: when its head becomes overdue */
  constructor(tables: Tables, overdueMs: Float64Array) {
    // Each arrival and each start sets at most one.
    this.#lines = runsByRank(tables).map((runs) => new TimerLine(2 * runs, overdueMs));
    this.#others = new TimerHeap(tables.classCount);
    this.#wide = new TimerHeap(tables.classCount);
  }

  clear(): void {
    for (const line of this.#lines) line.clear();
    this.#others.clear();
    this.#wide.clear();
    this.nextMs = Number.POSITIVE_INFINITY;
    this.nextWideMs = Number.POSITIVE_INFINITY;
  }

  /** Returns what makes them as they are now. */
  remember(): () => void {
    const { nextMs, nextWideMs } = this;
    const parts = [...this.#lines, this.#others, this.#wide].map((part) => part.remember());
    return () => {
      for (const restore of parts) restore();
      this.nextMs = nextMs;
      this.nextWideMs = nextWideMs;
    };
  }

  set(c: number, rank: number, notice: number, dueMs: number): void {
    if (dueMs < this.nextMs) this.nextMs = dueMs;
    if (notice === WIDE) {
      this.#wide.push(dueMs, c);
      if (dueMs < this.nextWideMs) this.nextWideMs = dueMs;
      return;
    }
    const line = this.#lines[rank] as TimerLine;
    if (line.takes(dueMs)) line.push(dueMs, c);
    else this.#others.push(dueMs, c);
  }

  /** Takes out a class whose timer has fired by now, or returns -1. A head that has started since may have set it. */
  take(nowMs: number): number {
    if (this.nextMs > nowMs) return -1;
    for (let rank = 1; rank < this.#lines.length; rank += 1) {
      const line = this.#lines[rank] as TimerLine;
      if (line.nextMs <= nowMs) return line.take();
    }
    if (this.#others.topTime() <= nowMs) return this.#others.pop();
    if (this.#wide.topTime() <= nowMs) return this.#wide.pop();
    this.nextWideMs = this.#wide.topTime();
    let nextMs = Math.min(this.#others.topTime(), this.#wide.topTime());
    for (const line of this.#lines) nextMs = Math.min(nextMs, line.nextMs);
    this.nextMs = nextMs;
    return -1;
  }
}

/** How the becoming overdue of each class is noticed. */
export function notices(tables: Tables): Uint8Array {
  const { classRank, classSignature, classStalled, patienceMs, signatures, maxGrants } = tables;
  return Uint8Array.from(classRank, (rank, c): Notice => {
    if (classStalled[c] === 1 || patienceMs[rank] === Number.POSITIVE_INFINITY) return NEVER;
    if (maxGrants > 0 && signatures.wide[classSignature[c] as number] === 1) return WIDE;
    return rank > 0 ? NARROW : NEVER;
  });
}

function runsByRank({ rankCount, classCount, classRank, classOffset }: Tables): number[] {
  const runs = Array.from({ length: rankCount }, () => 0);
  for (let c = 0; c < classCount; c += 1) {
    const rank = classRank[c] as number;
    runs[rank] = (runs[rank] as number) + (classOffset[c + 1] as number) - (classOffset[c] as number);
  }
  return runs;
}
