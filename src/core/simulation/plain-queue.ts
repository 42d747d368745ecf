/**
 * The plain queue: held runs of a single class, first come, first served. Then a schedule
 * needs no events: each run starts when it is there and the slot that comes free first is.
 * Small set-ups have such queues, and it is many times faster than simulating one.
 *
 * Always true: the schedule is the one that the event simulation comes to, to the
 * millisecond. Source of the recursion: Kiefer and Wolfowitz, "On the Theory of Queues with
 * Many Servers", Transactions of the American Mathematical Society 78 (1955).
 */
import type { Tables } from '../admission/tables.ts';
import type { Schedule } from './schedule.ts';

/** Null when the queue is not plain, or nothing of it may start. */
export function plainQueue(tables: Tables): PlainQueue | null {
  const { classCount, signatures, runSignature, heldCount, activeCount } = tables;
  if (classCount !== 1 || tables.paused || tables.classStalled[0] === 1) return null;
  if (tables.tenantCapped[tables.classTenant[0] as number] === 1 || tables.grants.length > 0) return null;
  const signature = tables.classSignature[0] as number;
  // A wide run may be given a grant, which the first in line does not need but others could see.
  if (signatures.wide[signature] === 1) return null;
  for (let run = heldCount; run < heldCount + activeCount; run += 1) {
    if (runSignature[run] !== signature) return null;
  }
  const slots = slotsOf(tables, signature);
  return slots >= 1 ? new PlainQueue(tables, slots) : null;
}

/** How many runs of the signature fit beside what others use. */
function slotsOf({ signatures, size, otherUse }: Tables, signature: number): number {
  const { offset, pool, units } = signatures;
  let slots = Number.POSITIVE_INFINITY;
  for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
    const p = pool[i] as number;
    const room = (size[p] as number) - (otherUse[p] as number);
    slots = Math.min(slots, Math.floor(room / (units[i] as number)));
  }
  return slots;
}

export class PlainQueue {
  readonly #tables: Tables;
  /** When each slot comes free, as a heap: the soonest first. */
  readonly #freeAtMs: Float64Array;

  constructor(tables: Tables, slots: number) {
    this.#tables = tables;
    // More slots than runs are never used.
    this.#freeAtMs = new Float64Array(Math.max(1, Math.min(slots, tables.heldCount + tables.activeCount)));
  }

  run(
    durationsMs: Float64Array,
    startLatencyMs: number,
    { startMs, endMs }: Pick<Schedule, 'startMs' | 'endMs'>,
  ): void {
    const { sinceMs, heldCount } = this.#tables;
    this.#occupyByActive(durationsMs, startMs, endMs);
    const freeAtMs = this.#freeAtMs;
    // Held runs are indexed in the order in which they wait.
    for (let run = 0; run < heldCount; run += 1) {
      const atMs = Math.max(sinceMs[run] as number, freeAtMs[0] as number);
      const end = atMs + startLatencyMs + (durationsMs[run] as number);
      startMs[run] = atMs;
      endMs[run] = end;
      replaceFirst(freeAtMs, end);
    }
  }

  #occupyByActive(durationsMs: Float64Array, startMs: Float64Array, endMs: Float64Array): void {
    const { nowMs, sinceMs, heldCount, activeCount } = this.#tables;
    const ends = new Float64Array(activeCount);
    for (let i = 0; i < activeCount; i += 1) {
      const run = heldCount + i;
      startMs[run] = sinceMs[run] as number;
      endMs[run] = Math.max(nowMs, (sinceMs[run] as number) + (durationsMs[run] as number));
      ends[i] = endMs[run] as number;
    }
    this.#freeAtMs.fill(nowMs);
    // Of more runs than slots the first to end leave no slot behind. Ascending order is a heap.
    ends.sort();
    const slots = this.#freeAtMs.length;
    const kept = ends.subarray(Math.max(0, activeCount - slots));
    this.#freeAtMs.set(kept, slots - kept.length);
  }
}

/** The first of the heap goes, `value` comes in. */
function replaceFirst(heap: Float64Array, value: number): void {
  const size = heap.length;
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    let least = heap[child] as number;
    if (child + 1 < size && (heap[child + 1] as number) < least) {
      child += 1;
      least = heap[child] as number;
    }
    if (least >= value) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = value;
}
