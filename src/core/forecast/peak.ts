/** How many runs run at once at the most, in one replication. */
import type { Cells } from './totals.ts';

export class PeakCounter {
  readonly #runs: number;
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;

  constructor(runs: number) {
    this.#runs = runs;
    this.#starts = new Float64Array(runs);
    this.#ends = new Float64Array(runs);
  }

  /** A run that ends when another starts is not counted with it. */
  of({ startMs, endMs }: Cells, offset: number): number {
    let count = 0;
    for (let cell = offset; cell < offset + this.#runs; cell += 1) {
      const start = startMs[cell] as number;
      if (Number.isNaN(start)) continue;
      this.#starts[count] = start;
      this.#ends[count] = endMs[cell] as number;
      count += 1;
    }
    const starts = this.#starts.subarray(0, count).sort();
    const ends = this.#ends.subarray(0, count).sort();
    let peak = 0;
    let ended = 0;
    for (let started = 0; started < count; started += 1) {
      while (ended < count && (ends[ended] as number) <= (starts[started] as number)) ended += 1;
      peak = Math.max(peak, started + 1 - ended);
    }
    return peak;
  }
}
