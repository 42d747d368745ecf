/**
 * A mixture of normals in log time: what all experts together expect of one run. It grows
 * component by component, then answers for shares and quantiles.
 */
import { normalBelow } from '../stats/normal.ts';

/** Quantiles are right to this, in log time: a tenth of a per mille. */
const PRECISION = 1e-4;
const STEPS_MAX = 60;
/** Beyond so many standard deviations a component lies wholly on one side. */
const FAR = 6;
/** A lighter component moves no quantile that anyone asks for. */
const WEIGHT_MIN = 1e-7;

export class NormalMixture {
  #centre = new Float64Array(64);
  #deviation = new Float64Array(64);
  #weight = new Float64Array(64);
  #length = 0;
  #total = 0;

  /** @param deviation > 0 */
  add(weight: number, centre: number, deviation: number): void {
    if (weight < WEIGHT_MIN) return;
    if (this.#length === this.#centre.length) this.#grow();
    this.#centre[this.#length] = centre;
    this.#deviation[this.#length] = deviation;
    this.#weight[this.#length] = weight;
    this.#length += 1;
    this.#total += weight;
  }

  #grow(): void {
    const twice = (of: Float64Array): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(2 * of.length);
      larger.set(of);
      return larger;
    };
    this.#centre = twice(this.#centre);
    this.#deviation = twice(this.#deviation);
    this.#weight = twice(this.#weight);
  }

  /** Share of the mixture below y. */
  below(y: number): number {
    let sum = 0;
    for (let i = 0; i < this.#length; i += 1) {
      const z = (y - (this.#centre[i] as number)) / (this.#deviation[i] as number);
      if (z > FAR) sum += this.#weight[i] as number;
      else if (z > -FAR) sum += (this.#weight[i] as number) * normalBelow(z);
    }
    return sum / this.#total;
  }

  /**
   * The mixture as so many normals that are equally likely, to draw from: each component stands
   * in as many places as its weight is worth.
   */
  inPlaces(count: number): { readonly centre: Float64Array; readonly deviation: Float64Array } {
    const centre = new Float64Array(count);
    const deviation = new Float64Array(count);
    let at = 0;
    let upTo = this.#weight[0] as number;
    for (let place = 0; place < count; place += 1) {
      const share = ((place + 0.5) / count) * this.#total;
      while (upTo < share && at < this.#length - 1) {
        at += 1;
        upTo += this.#weight[at] as number;
      }
      centre[place] = this.#centre[at] as number;
      deviation[place] = this.#deviation[at] as number;
    }
    return { centre, deviation };
  }

  /**
   * @param levels ascending; 0 and 1 give the ends, a little beyond every component
   * @returns ascending values
   */
  quantiles(levels: readonly number[]): number[] {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.#length; i += 1) {
      const reach = FAR * (this.#deviation[i] as number);
      least = Math.min(least, (this.#centre[i] as number) - reach);
      most = Math.max(most, (this.#centre[i] as number) + reach);
    }
    const found: number[] = [];
    for (const level of levels) {
      least = this.#search(level, least, most);
      found.push(least);
    }
    return found;
  }

  /** Regula falsi with halvings (the Illinois rule), which needs few looks at the mixture. */
  #search(level: number, least: number, most: number): number {
    if (level >= 1) return most;
    let low = least;
    let high = most;
    let underLow = this.below(low) - level;
    if (underLow >= 0) return low;
    let overHigh = 1 - level;
    for (let step = 0; step < STEPS_MAX && high - low > PRECISION; step += 1) {
      // Every third step halves, since steps of a mixture's cumulative share defeat secants.
      const middle =
        step % 3 === 2 ? (low + high) / 2 : low - (underLow * (high - low)) / (overHigh - underLow);
      const at = Math.min(high, Math.max(low, middle));
      const share = this.below(at) - level;
      if (share < 0) {
        low = at;
        underLow = share;
        overHigh /= 2;
      } else {
        high = at;
        overHigh = share;
        underLow /= 2;
      }
      if (share === 0) return at;
    }
    return (low + high) / 2;
  }
}
