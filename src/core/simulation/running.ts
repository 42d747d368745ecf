/**
 * What runs in a simulation, the first to end in front. Each run has a slot while it runs:
 * there are far fewer slots than runs, so what is asked for at an end lies close together.
 */
import type { ActiveSet } from '../admission/promise.ts';
import { TimerHeap } from '../admission/timer-heap.ts';

/** What there is about a run in a slot, side by side. */
const STRIDE = 4;
const RUN = 0;
const TENANT = 1;
const SIGNATURE = 2;

export class Running implements ActiveSet {
  readonly startedAtMs: Float64Array;
  /** When who has a slot ends. */
  readonly #ends: TimerHeap;
  readonly #slots: Int32Array;
  readonly #runs: Int32Array;

  /** @param startedAtMs by run: kept by who starts them */
  constructor(startedAtMs: Float64Array) {
    const runs = startedAtMs.length;
    this.startedAtMs = startedAtMs;
    this.#ends = new TimerHeap(runs);
    this.#slots = new Int32Array(STRIDE * runs);
    this.#runs = new Int32Array(runs);
  }

  clear(): void {
    this.#ends.clear();
  }

  get count(): number {
    return this.#ends.count;
  }

  get runs(): Int32Array {
    const slots = this.#ends.items;
    for (let i = 0; i < this.count; i += 1) {
      this.#runs[i] = this.#slots[STRIDE * (slots[i] as number) + RUN] as number;
    }
    return this.#runs;
  }

  add(run: number, tenant: number, signature: number, endMs: number): void {
    const slots = this.#slots;
    const slot = this.#ends.spare();
    const at = STRIDE * slot;
    slots[at + RUN] = run;
    slots[at + TENANT] = tenant;
    slots[at + SIGNATURE] = signature;
    this.#ends.push(endMs, slot);
  }

  /** When the first of them ends; Infinity when none runs. */
  nextEndMs(): number {
    return this.#ends.topTime();
  }

  /** Ends the first and returns its slot, which keeps what it holds until the next `add`. */
  end(): number {
    return this.#ends.pop();
  }

  runOf(slot: number): number {
    return this.#slots[STRIDE * slot + RUN] as number;
  }

  tenantOf(slot: number): number {
    return this.#slots[STRIDE * slot + TENANT] as number;
  }

  signatureOf(slot: number): number {
    return this.#slots[STRIDE * slot + SIGNATURE] as number;
  }
}
