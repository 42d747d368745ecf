/**
 * What runs in a simulation, the first to end in front. Each run has a slot while it runs:
 * there are far fewer slots than runs, so what is asked for at an end lies close together.
 */
import type { ActiveSet } from '../admission/promise.ts';
import { TimerHeap } from '../admission/timer-heap.ts';

export class Running implements ActiveSet {
  readonly startedAtMs: Float64Array;
  readonly #ends: TimerHeap;
  /** By slot. */
  readonly #run: Int32Array;
  readonly tenantOf: Int32Array;
  readonly signatureOf: Int32Array;
  /** Slots that were used and are free again; those from `#used` on never were. */
  readonly #free: Int32Array;
  #freeCount = 0;
  #used = 0;
  readonly #runs: Int32Array;

  /** @param startedAtMs by run: kept by who starts them */
  constructor(startedAtMs: Float64Array) {
    const runs = startedAtMs.length;
    this.startedAtMs = startedAtMs;
    this.#ends = new TimerHeap(runs);
    this.#run = new Int32Array(runs);
    this.tenantOf = new Int32Array(runs);
    this.signatureOf = new Int32Array(runs);
    this.#free = new Int32Array(runs);
    this.#runs = new Int32Array(runs);
  }

  clear(): void {
    this.#ends.clear();
    this.#freeCount = 0;
    this.#used = 0;
  }

  get count(): number {
    return this.#ends.count;
  }

  get runs(): Int32Array {
    const slots = this.#ends.items;
    for (let i = 0; i < this.count; i += 1) this.#runs[i] = this.#run[slots[i] as number] as number;
    return this.#runs;
  }

  add(run: number, tenant: number, signature: number, endMs: number): void {
    const slot = this.#takeSlot();
    this.#run[slot] = run;
    this.tenantOf[slot] = tenant;
    this.signatureOf[slot] = signature;
    this.#ends.push(endMs, slot);
  }

  /** When the first of them ends; Infinity when none runs. */
  nextEndMs(): number {
    return this.#ends.topTime();
  }

  /** Ends the first and returns its slot, which keeps what it holds until the next `add`. */
  end(): number {
    const slot = this.#ends.pop();
    this.#free[this.#freeCount] = slot;
    this.#freeCount += 1;
    return slot;
  }

  #takeSlot(): number {
    if (this.#freeCount > 0) {
      this.#freeCount -= 1;
      return this.#free[this.#freeCount] as number;
    }
    this.#used += 1;
    return this.#used - 1;
  }
}
