/**
 * Timers that are set in the order in which they fire, as those of one patience are: a line
 * in typed arrays, first in, first out.
 */
import { assert } from '../assert.ts';

export class TimerLine {
  readonly #time: Float64Array;
  readonly #item: Int32Array;
  #head = 0;
  #tail = 0;

  /** @param capacity most timers set between two `clear`s */
  constructor(capacity: number) {
    this.#time = new Float64Array(capacity);
    this.#item = new Int32Array(capacity);
  }

  clear(): void {
    this.#head = 0;
    this.#tail = 0;
  }

  /** Time of the first; Infinity when empty. */
  topTime(): number {
    return this.#head === this.#tail ? Number.POSITIVE_INFINITY : (this.#time[this.#head] as number);
  }

  /** Takes out the first, and returns its item; only when there is one. */
  take(): number {
    const item = this.#item[this.#head] as number;
    this.#head += 1;
    return item;
  }

  /** Whether a timer for this time may be set here: none that is set fires later. */
  takes(time: number): boolean {
    return this.#tail === this.#head || (this.#time[this.#tail - 1] as number) <= time;
  }

  /** Only a time that it `takes`. */
  push(time: number, item: number): void {
    const tail = this.#tail;
    assert(tail < this.#time.length, 'more timers were set than starts and arrivals could');
    this.#time[tail] = time;
    this.#item[tail] = item;
    this.#tail = tail + 1;
  }
}
