/**
 * Timers that are set in the order in which they fire, as those of one patience are: a line
 * in typed arrays, first in, first out. Nobody takes a timer back: it stands as long as its
 * item is due at its time, and whoever looks for the first drops those that do not.
 */
import { assert } from '../assert.ts';

export class TimerLine {
  readonly #time: Float64Array;
  readonly #item: Int32Array;
  readonly #dueMs: Float64Array;
  #head = 0;
  #tail = 0;
  /** None that stands fires before this. */
  nextMs = Number.POSITIVE_INFINITY;

  /**
   * @param capacity most timers set between two `clear`s
   * @param dueMs by item: when it is due, as things are now
   */
  constructor(capacity: number, dueMs: Float64Array) {
    this.#dueMs = dueMs;
    this.#time = new Float64Array(capacity);
    this.#item = new Int32Array(capacity);
  }

  clear(): void {
    this.#head = 0;
    this.#tail = 0;
    this.nextMs = Number.POSITIVE_INFINITY;
  }

  /** Returns what makes it as it is now. */
  remember(): () => void {
    const [head, tail, nextMs] = [this.#head, this.#tail, this.nextMs];
    const time = this.#time.slice(0, tail);
    const item = this.#item.slice(0, tail);
    return () => {
      this.#time.set(time);
      this.#item.set(item);
      this.#head = head;
      this.#tail = tail;
      this.nextMs = nextMs;
    };
  }

  /** Takes out the first, and returns its item; only when there is one. It stood when `nextMs` was found. */
  take(): number {
    const item = this.#item[this.#head] as number;
    this.#head += 1;
    this.#drop();
    return item;
  }

  /** Drops those in front that do not stand. */
  #drop(): void {
    const times = this.#time;
    const items = this.#item;
    const dueMs = this.#dueMs;
    const tail = this.#tail;
    let head = this.#head;
    while (head < tail && times[head] !== dueMs[items[head] as number]) head += 1;
    this.#head = head;
    this.nextMs = head < tail ? (times[head] as number) : Number.POSITIVE_INFINITY;
  }

  /** Whether a timer for this time may be set here: none that is set fires later. */
  takes(time: number): boolean {
    return this.#tail === this.#head || (this.#time[this.#tail - 1] as number) <= time;
  }

  /** Only a time that it `takes`. */
  push(time: number, item: number): void {
    const tail = this.#tail;
    assert(tail < this.#time.length, 'more timers were set than starts and arrivals could');
    if (tail === this.#head) this.nextMs = time;
    this.#time[tail] = time;
    this.#item[tail] = item;
    this.#tail = tail + 1;
  }
}
