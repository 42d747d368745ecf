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
 */
import type { Tables } from '../admission/tables.ts';
import { TimerHeap } from '../admission/timer-heap.ts';

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
  readonly #ends: TimerHeap;
  readonly #free: Float64Array;
  /** Held runs by signature, in the order of creation. */
  readonly #queues: readonly Int32Array[];
  readonly #head: Int32Array;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#ends = new TimerHeap(tables.heldCount + tables.activeCount);
    this.#free = new Float64Array(tables.poolNames.length);
    const queues: number[][] = Array.from({ length: tables.signatures.count }, () => []);
    for (let run = 0; run < tables.heldCount; run += 1) queues[tables.runSignature[run] as number]?.push(run);
    this.#queues = queues.map((queue) => Int32Array.from(queue));
    this.#head = new Int32Array(queues.length);
  }

  /** @param durationsMs by run index, before any timeout; for active runs counted from their start */
  run(durationsMs: Float64Array): Losses {
    const tables = this.#tables;
    const losses = { succeeded: 0, timedOutWaiting: 0, timedOutRunning: 0, wastedSlotMs: 0 };
    this.#reset(durationsMs, losses);
    for (let nowMs = tables.nowMs; nowMs !== Number.POSITIVE_INFINITY; nowMs = this.#nextEventMs(nowMs)) {
      while (this.#ends.topTime() <= nowMs) this.#occupy(this.#ends.pop(), -1);
      for (let run = this.#nextFitting(nowMs, losses); run >= 0; run = this.#nextFitting(nowMs, losses)) {
        this.#start(run, nowMs, durationsMs[run] as number, losses);
      }
    }
    losses.timedOutWaiting += this.#leftWaiting();
    return losses;
  }

  /** Runs whose pools never have room, as what others use does not end: each waits until its timeout, if it has one. */
  #leftWaiting(): number {
    const { timeoutMs } = this.#tables;
    let count = 0;
    for (let s = 0; s < this.#queues.length; s += 1) {
      const queue = this.#queues[s] as Int32Array;
      for (let head = this.#head[s] as number; head < queue.length; head += 1) {
        if (Number.isFinite(timeoutMs[queue[head] as number] as number)) count += 1;
      }
    }
    return count;
  }

  #reset(
    durationsMs: Float64Array,
    losses: { succeeded: number; timedOutRunning: number; wastedSlotMs: number },
  ): void {
    const tables = this.#tables;
    this.#ends.clear();
    this.#head.fill(0);
    tables.size.forEach((size, pool) => {
      this.#free[pool] = size - (tables.otherUse[pool] as number);
    });
    for (let run = tables.heldCount; run < tables.heldCount + tables.activeCount; run += 1) {
      const durationMs = durationsMs[run] as number;
      const limitMs = tables.timeoutMs[run] as number;
      this.#occupy(run, 1);
      const spanMs = Math.min(durationMs, limitMs);
      this.#ends.push(Math.max(tables.nowMs, (tables.sinceMs[run] as number) + spanMs), run);
      if (durationMs <= limitMs) {
        losses.succeeded += 1;
      } else {
        losses.timedOutRunning += 1;
        losses.wastedSlotMs += limitMs;
      }
    }
  }

  /** The next end, or the next creation still to come. */
  #nextEventMs(nowMs: number): number {
    let next = this.#ends.topTime();
    for (let s = 0; s < this.#queues.length; s += 1) {
      const queue = this.#queues[s] as Int32Array;
      const head = this.#head[s] as number;
      if (head >= queue.length) continue;
      const createdMs = this.#tables.sinceMs[queue[head] as number] as number;
      if (createdMs > nowMs) next = Math.min(next, createdMs);
    }
    return next;
  }

  /** The earliest created run that fits now; drops those whose time is up meanwhile. */
  #nextFitting(nowMs: number, losses: { timedOutWaiting: number }): number {
    let best = -1;
    for (let s = 0; s < this.#queues.length; s += 1) {
      const run = this.#aliveHead(s, nowMs, losses);
      if (run >= 0 && (best < 0 || run < best) && this.#fits(s)) best = run;
    }
    if (best >= 0) {
      const s = this.#tables.runSignature[best] as number;
      this.#head[s] = (this.#head[s] as number) + 1;
    }
    return best;
  }

  #aliveHead(s: number, nowMs: number, losses: { timedOutWaiting: number }): number {
    const { sinceMs, timeoutMs } = this.#tables;
    const queue = this.#queues[s] as Int32Array;
    for (let head = this.#head[s] as number; head < queue.length; head += 1) {
      const run = queue[head] as number;
      if ((sinceMs[run] as number) > nowMs) return -1;
      if ((sinceMs[run] as number) + (timeoutMs[run] as number) > nowMs) return run;
      losses.timedOutWaiting += 1;
      this.#head[s] = head + 1;
    }
    return -1;
  }

  #start(
    run: number,
    nowMs: number,
    durationMs: number,
    losses: { succeeded: number; timedOutRunning: number; wastedSlotMs: number },
  ): void {
    const killedAtMs = (this.#tables.sinceMs[run] as number) + (this.#tables.timeoutMs[run] as number);
    this.#occupy(run, 1);
    this.#ends.push(Math.min(nowMs + durationMs, killedAtMs), run);
    if (nowMs + durationMs <= killedAtMs) {
      losses.succeeded += 1;
      return;
    }
    losses.timedOutRunning += 1;
    losses.wastedSlotMs += killedAtMs - nowMs;
  }

  #fits(s: number): boolean {
    const { offset, pool, units } = this.#tables.signatures;
    for (let i = offset[s] as number; i < (offset[s + 1] as number); i += 1) {
      if ((this.#free[pool[i] as number] as number) < (units[i] as number)) return false;
    }
    return true;
  }

  #occupy(run: number, sign: 1 | -1): void {
    const { offset, pool, units } = this.#tables.signatures;
    const s = this.#tables.runSignature[run] as number;
    for (let i = offset[s] as number; i < (offset[s + 1] as number); i += 1) {
      const p = pool[i] as number;
      this.#free[p] = (this.#free[p] as number) - sign * (units[i] as number);
    }
  }
}
