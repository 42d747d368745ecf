/** Many durations, of which quantiles are asked often: counted in bins of one per cent. Milliseconds. */

const BIN = 0.01;
/** From one millisecond to a hundred years. */
const BINS = Math.ceil(Math.log(3_155_760_000_000) / BIN) + 1;

export class LogHistogram {
  readonly #counts = new Float64Array(BINS);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(durationMs: number): void {
    const bin = Math.round(Math.log(Math.max(1, durationMs)) / BIN);
    const kept = Math.min(BINS - 1, bin);
    this.#counts[kept] = (this.#counts[kept] as number) + 1;
    this.#total += 1;
  }

  /** @param levels ascending; there is at least one duration */
  quantiles(levels: readonly number[]): number[] {
    let bin = 0;
    let below = this.#counts[0] as number;
    return levels.map((level) => {
      while (below < level * this.#total && bin < BINS - 1) {
        bin += 1;
        below += this.#counts[bin] as number;
      }
      return Math.exp(bin * BIN);
    });
  }
}
