/**
 * The counterfactual: the same runs, the same durations, the same pools, but nothing holds
 * them. Everything is let go when it is created, the timeout counts from then, and slots go
 * to whoever was created first and fits.
 *
 * It is a kind estimate of the harm: a run keeps its slot from its first to its last task.
 * Where the tasks of all runs compete with each other even fewer finish.
 *
 * Counted are runs that run already, whatever holds the others, and held runs. Left out are
 * those that ask for more than there is: they never run, held or not. Nothing pauses what
 * is not held.
 *
 * A replication of a forecast goes through this once as well, so it is as lean as the
 * simulation: heads and rooms are kept by signature, and a slot that comes free is looked at
 * only by those that ask for it.
 */
import type { Tables } from '../admission/tables.ts';
import { TimerHeap } from '../admission/timer-heap.ts';
import { Rooms } from './rooms.ts';

export interface Losses {
  readonly succeeded: number;
  /** Timed out before they got a slot. */
  readonly timedOutWaiting: number;
  /** Killed while they ran, their own time-outs among them, and how much slot time that wasted in all. */
  readonly timedOutRunning: number;
  readonly wastedSlotMs: number;
}

export class WithoutHolding {
  readonly #tables: Tables;
  /** Ends of what has a slot, with its signature. */
  readonly #ends: TimerHeap;
  readonly #rooms: Rooms;
  /** By held run: when its time is up; Infinity for never, and after the last one. */
  readonly #dueMs: Float64Array;
  /** Held runs by signature, in the order of creation; each queue ends with a number that is no run's. */
  readonly #queue: Int32Array;
  readonly #firstPlace: Int32Array;
  readonly #place: Int32Array;
  /** By signature: the run at its place. */
  readonly #head: Int32Array;
  /** Held runs that are there from the beginning, and those that can time out. */
  readonly #present: number;
  readonly #mortal: number;

  constructor(tables: Tables) {
    const { heldCount, activeCount, runSignature, signatures, sinceMs, timeoutMs, nowMs } = tables;
    this.#tables = tables;
    this.#ends = new TimerHeap(heldCount + activeCount);
    this.#rooms = new Rooms(tables);
    this.#dueMs = new Float64Array(heldCount + 1).fill(Number.POSITIVE_INFINITY);
    for (let run = 0; run < heldCount; run += 1) {
      this.#dueMs[run] = (sinceMs[run] as number) + (timeoutMs[run] as number);
    }
    const queues: number[][] = Array.from({ length: signatures.count }, () => []);
    for (let run = 0; run < heldCount; run += 1) queues[runSignature[run] as number]?.push(run);
    for (const queue of queues) queue.push(heldCount);
    this.#queue = Int32Array.from(queues.flat());
    this.#firstPlace = new Int32Array(queues.length);
    for (let s = 1; s < queues.length; s += 1) {
      this.#firstPlace[s] = (this.#firstPlace[s - 1] as number) + (queues[s - 1] as number[]).length;
    }
    this.#place = new Int32Array(queues.length);
    this.#head = new Int32Array(queues.length);
    let present = 0;
    while (present < heldCount && (sinceMs[present] as number) <= nowMs) present += 1;
    this.#present = present;
    this.#mortal = this.#dueMs.reduce((count, due) => count + (Number.isFinite(due) ? 1 : 0), 0);
  }

  /** @param durationsMs by run index, before any timeout; for active runs counted from their start */
  run(durationsMs: Float64Array): Losses {
    const { nowMs: beginMs, sinceMs, heldCount } = this.#tables;
    const losses = { succeeded: 0, timedOutWaiting: this.#mortal, timedOutRunning: 0, wastedSlotMs: 0 };
    this.#reset(durationsMs, losses);
    const ends = this.#ends;
    const rooms = this.#rooms;
    let created = this.#present;
    for (let nowMs = beginMs; nowMs !== Number.POSITIVE_INFINITY; ) {
      while (ends.topTime() <= nowMs) rooms.give(ends.pop());
      while (created < heldCount && (sinceMs[created] as number) <= nowMs) created += 1;
      for (let s = this.#nextFitting(nowMs, created); s >= 0; s = this.#nextFitting(nowMs, created)) {
        this.#start(s, nowMs, durationsMs, losses);
      }
      nowMs = ends.topTime();
      if (created < heldCount && (sinceMs[created] as number) < nowMs) nowMs = sinceMs[created] as number;
    }
    return losses;
  }

  #reset(durationsMs: Float64Array, losses: Counts): void {
    const { heldCount, activeCount, timeoutMs, sinceMs, nowMs, runSignature } = this.#tables;
    this.#ends.clear();
    this.#rooms.reset();
    this.#place.set(this.#firstPlace);
    for (let s = 0; s < this.#head.length; s += 1) {
      this.#head[s] = this.#queue[this.#place[s] as number] as number;
    }
    for (let run = heldCount; run < heldCount + activeCount; run += 1) {
      const durationMs = durationsMs[run] as number;
      const limitMs = timeoutMs[run] as number;
      const signature = runSignature[run] as number;
      this.#rooms.take(signature);
      const spanMs = Math.min(durationMs, limitMs);
      this.#ends.push(Math.max(nowMs, (sinceMs[run] as number) + spanMs), signature);
      if (durationMs <= limitMs) {
        losses.succeeded += 1;
      } else {
        losses.timedOutRunning += 1;
        losses.wastedSlotMs += limitMs;
      }
    }
  }

  /** The signature of the earliest created run that fits now, or -1. @param created the first run that is not there yet */
  #nextFitting(nowMs: number, created: number): number {
    const { lacking } = this.#rooms;
    if (this.#rooms.isFull()) return -1;
    const head = this.#head;
    const dueMs = this.#dueMs;
    let best = created;
    let signature = -1;
    for (let s = 0; s < head.length; s += 1) {
      if (lacking[s] !== 0) continue;
      let run = head[s] as number;
      // Those whose time is up have left; that they are not counted as started is enough.
      while ((dueMs[run] as number) <= nowMs) run = this.#nextOf(s);
      if (run >= best) continue;
      best = run;
      signature = s;
    }
    return signature;
  }

  #nextOf(s: number): number {
    const place = (this.#place[s] as number) + 1;
    const run = this.#queue[place] as number;
    this.#place[s] = place;
    this.#head[s] = run;
    return run;
  }

  /** The head of the signature gets its slot. */
  #start(s: number, nowMs: number, durationsMs: Float64Array, losses: Counts): void {
    const run = this.#head[s] as number;
    this.#nextOf(s);
    const dueMs = this.#dueMs[run] as number;
    const endMs = nowMs + (durationsMs[run] as number);
    this.#rooms.take(s);
    if (dueMs !== Number.POSITIVE_INFINITY) losses.timedOutWaiting -= 1;
    if (endMs <= dueMs) {
      losses.succeeded += 1;
      this.#ends.push(endMs, s);
      return;
    }
    losses.timedOutRunning += 1;
    losses.wastedSlotMs += dueMs - nowMs;
    this.#ends.push(dueMs, s);
  }
}

interface Counts {
  succeeded: number;
  timedOutWaiting: number;
  timedOutRunning: number;
  wastedSlotMs: number;
}
