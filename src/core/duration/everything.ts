/**
 * What runs of the installation take, whatever the series: a histogram of ln durations, each
 * bin a normal, beside the configured first estimate, which counts as some runs more. The
 * first run of an unknown pipeline is expected here, and all other experts lean on it a
 * little, so that no run is ever impossible.
 *
 * The n-th run of a series counts 1/n: a pipeline that runs every minute is one pipeline.
 */
import type { Estimate } from '../model/run.ts';
import { normalQuantile } from '../stats/normal.ts';
import type { NormalMixture } from './normal-mixture.ts';
import { type CommonCentre, normalDensity } from './own-past.ts';

/** In ln milliseconds: from one millisecond to a hundred years. */
export const Y_MAX = Math.log(3_155_760_000_000);
const BIN = 0.25;
const BINS = Math.ceil(Y_MAX / BIN) + 1;
/** Of the normal that stands for a bin: wide enough that neighbours melt together. */
const BIN_DEVIATION = 0.2;
/** Bins further away add nothing. */
const REACH = Math.ceil((4 * BIN_DEVIATION) / BIN);
/**
 * How many first runs the first estimate is worth, of a series that was never seen and of one
 * that was: it was a guess before anything was measured, and what such a series does next is
 * rather what others were seen to do.
 */
const FIRST_ESTIMATE_WORTH = 8;
const FIRST_ESTIMATE_WORTH_SEEN = 1;
/** Standard deviation of centres of unrelated series, over public CI histories. */
const CENTRES_DEVIATION = 1.8;
/** An estimate may say that nothing varies; something always does. */
const DEVIATION_MIN = 0.02;

export interface EverythingState {
  readonly bins: readonly (readonly [bin: number, weight: number])[];
}

/** A normal in ln milliseconds. */
export interface Place {
  readonly centre: number;
  readonly deviation: number;
  readonly isFirstEstimate: boolean;
}

export class Everything {
  readonly #first: { readonly centre: number; readonly deviation: number };
  readonly #bins: Float64Array;
  /** Sum of the bins, and the common centre; null when they have to be computed anew. */
  #total: number | null = null;
  #common: CommonCentre | null = null;

  constructor(first: Estimate, state?: EverythingState) {
    const p50Ms = Math.max(1, first.p50Ms);
    const deviation = Math.log(Math.max(p50Ms, first.p90Ms) / p50Ms) / normalQuantile(0.9);
    this.#first = { centre: Math.min(Y_MAX, Math.log(p50Ms)), deviation: Math.max(DEVIATION_MIN, deviation) };
    this.#bins = new Float64Array(BINS);
    for (const [bin, weight] of state?.bins ?? []) this.#bins[bin] = weight;
  }

  /** The nth run of a series took y. */
  learn(y: number, nth: number): void {
    const bin = Math.round(y / BIN);
    this.#bins[bin] = (this.#bins[bin] as number) + 1 / nth;
    this.#total = null;
    this.#common = null;
  }

  /** First runs seen. */
  get #measured(): number {
    if (this.#total !== null) return this.#total;
    let total = 0;
    for (let bin = 0; bin < BINS; bin += 1) total += this.#bins[bin] as number;
    this.#total = total;
    return total;
  }

  density(y: number, isSeen: boolean): number {
    const { centre, deviation } = this.#first;
    const first = firstWorth(isSeen);
    let sum = first * normalDensity(y - centre, deviation);
    const at = Math.round(y / BIN);
    for (let bin = Math.max(0, at - REACH); bin <= Math.min(BINS - 1, at + REACH); bin += 1) {
      const weight = this.#bins[bin] as number;
      if (weight > 0) sum += weight * normalDensity(y - bin * BIN, BIN_DEVIATION);
    }
    return sum / (this.#measured + first);
  }

  addTo(mixture: NormalMixture, weight: number, isSeen: boolean): void {
    const first = firstWorth(isSeen);
    const each = weight / (this.#measured + first);
    mixture.add(each * first, this.#first.centre, this.#first.deviation);
    this.#bins.forEach((count, bin) => {
      if (count > 0) mixture.add(each * count, bin * BIN, BIN_DEVIATION);
    });
  }

  /** What the `share`th of all runs took, in ln milliseconds, and how exact that is. */
  pick(share: number, isSeen: boolean): Place {
    const first = firstWorth(isSeen);
    let left = share * (this.#measured + first) - first;
    for (let bin = 0; left >= 0 && bin < BINS; bin += 1) {
      left -= this.#bins[bin] as number;
      if (left < 0) return { centre: bin * BIN, deviation: BIN_DEVIATION, isFirstEstimate: false };
    }
    return { ...this.#first, isFirstEstimate: true };
  }

  /** Where series lie; as far apart as over public histories until the installation has its own. */
  common(): CommonCentre {
    if (this.#common !== null) return this.#common;
    const bins = this.#bins;
    let sum = FIRST_ESTIMATE_WORTH * this.#first.centre;
    for (let bin = 0; bin < BINS; bin += 1) sum += (bins[bin] as number) * bin * BIN;
    const worth = this.#measured + FIRST_ESTIMATE_WORTH;
    const mean = sum / worth;
    let squares = FIRST_ESTIMATE_WORTH * CENTRES_DEVIATION ** 2;
    for (let bin = 0; bin < BINS; bin += 1) squares += (bins[bin] as number) * (bin * BIN - mean) ** 2;
    this.#common = { mean, variance: squares / worth };
    return this.#common;
  }

  state(): EverythingState {
    const bins: [number, number][] = [];
    this.#bins.forEach((weight, bin) => {
      if (weight > 0) bins.push([bin, weight]);
    });
    return { bins };
  }
}

function firstWorth(isSeen: boolean): number {
  return isSeen ? FIRST_ESTIMATE_WORTH_SEEN : FIRST_ESTIMATE_WORTH;
}
