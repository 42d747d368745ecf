/**
 * What one expert expects of a series in one replication, its parameters drawn: a normal, or
 * a normal around each of some values. All in ln milliseconds.
 */
import { normal } from '../random/normal.ts';
import type { Random } from '../random/random.ts';
import { normalBelow, normalQuantile } from '../stats/normal.ts';

export interface Expectation {
  draw(random: Random): number;
  /** Chance of more than y. */
  above(y: number): number;
  /** A draw given that it is more than y. */
  drawAbove(random: Random, y: number): number;
}

export class NormalExpectation implements Expectation {
  readonly #centre: number;
  readonly #spread: number;

  constructor(centre: number, spread: number) {
    this.#centre = centre;
    this.#spread = spread;
  }

  draw(random: Random): number {
    return this.#centre + this.#spread * normal(random);
  }

  above(y: number): number {
    return normalBelow((this.#centre - y) / this.#spread);
  }

  drawAbove(random: Random, y: number): number {
    return normalAbove(random, { centre: this.#centre, spread: this.#spread, y });
  }
}

export class RunsExpectation implements Expectation {
  readonly #values: Float64Array;
  /** Sum of the weights up to and with each value. */
  readonly #upTo: Float64Array;
  readonly #spread: number;

  /** @param upTo the last is above 0 */
  constructor(values: Float64Array, upTo: Float64Array, spread: number) {
    this.#values = values;
    this.#upTo = upTo;
    this.#spread = spread;
  }

  draw(random: Random): number {
    const upTo = this.#upTo;
    const at = firstAbove(upTo, random.next() * (upTo[upTo.length - 1] as number));
    return (this.#values[at] as number) + this.#spread * normal(random);
  }

  above(y: number): number {
    return this.#lasting(y, Number.POSITIVE_INFINITY).sum / (this.#upTo[this.#upTo.length - 1] as number);
  }

  drawAbove(random: Random, y: number): number {
    const { sum } = this.#lasting(y, Number.POSITIVE_INFINITY);
    const { at } = this.#lasting(y, random.next() * sum);
    return normalAbove(random, { centre: this.#values[at] as number, spread: this.#spread, y });
  }

  /** Goes through the values by the weight of those that last longer than y, until that exceeds `until`. */
  #lasting(y: number, until: number): { readonly sum: number; readonly at: number } {
    let sum = 0;
    let at = 0;
    let before = 0;
    for (let i = 0; i < this.#values.length && sum <= until; i += 1) {
      const weight = (this.#upTo[i] as number) - before;
      before = this.#upTo[i] as number;
      const lasts = weight * normalBelow(((this.#values[i] as number) - y) / this.#spread);
      if (lasts > 0) at = i;
      sum += lasts;
    }
    return { sum, at };
  }
}

/** A normal given that it is more than y, from the upper tail, where no digits cancel. */
function normalAbove(random: Random, of: { centre: number; spread: number; y: number }): number {
  const survival = normalBelow((of.centre - of.y) / of.spread);
  // 1 - next() is above 0, which a quantile needs.
  const share = survival * (1 - random.next());
  if (share < Number.MIN_VALUE) return of.y;
  return of.centre - of.spread * normalQuantile(Math.min(share, 1 - 1e-12));
}

/**
 * Index of the first value above `limit` in ascending `values`; the last when there is none.
 * By arithmetic: the limit is drawn, so that no branch predictor can tell which half it is.
 */
export function firstAbove(values: Float64Array, limit: number): number {
  let low = 0;
  for (let left = values.length; left > 1; ) {
    const half = left >> 1;
    low += half * Number((values[low + half - 1] as number) <= limit);
    left -= half;
  }
  return low;
}
