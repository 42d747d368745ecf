/**
 * What the installation has learned about its experts: how much to believe each, by the
 * number of samples a series has, by how long its runs are, and by how they end.
 *
 * The weights maximise the likelihood of the installation's own past runs, each forecast
 * before it was known: with r an expert's share in explaining a run and x that share per
 * unit of weight, the maximum has weight = sum r / sum x (expectation-maximisation for the
 * weights of a mixture; Dempster, Laird and Rubin, JRSS B 39, 1977). Both sums only grow, so
 * one more run costs one addition each, and the first day's weights count as some runs more.
 */
import { BUCKET_FROM, BUCKETS, bucketOf, EXPERTS } from './experts.ts';
import { firstDayWeights } from './first-day.ts';

/** How many forecasts of a cell the first day's weights are worth. */
const FIRST_DAY_WORTH = 40;
/** Long and short runs differ in how steady they are: ln milliseconds of one and ten minutes. */
const LONGER_THAN: readonly number[] = [Math.log(60_000), Math.log(600_000)];
const LENGTHS = LONGER_THAN.length + 1;
/** How runs end: a class of samples has weights of its own. */
export const ENDINGS = 2;
export const CELLS = ENDINGS * BUCKETS * LENGTHS;

export interface ExperienceState {
  readonly explained: readonly (readonly number[])[];
  readonly exposure: readonly (readonly number[])[];
}

/** The cell in which a forecast is made. @param level ln milliseconds of the newest runs; ignored without samples */
export function cellOf(ending: number, samples: number, level: number): number {
  let length = 0;
  if (samples > 0) for (const limit of LONGER_THAN) if (level > limit) length += 1;
  return (ending * BUCKETS + bucketOf(samples)) * LENGTHS + length;
}

const FIRST_DAY: readonly Float64Array[] = BUCKET_FROM.map(firstDayWeights);

function firstDayOf(cell: number): Float64Array {
  return FIRST_DAY[Math.floor(cell / LENGTHS) % BUCKETS] as Float64Array;
}

export class Experience {
  readonly #explained: Float64Array[];
  readonly #exposure: Float64Array[];
  /** The weights of each cell; null when they have to be computed anew. */
  readonly #weights: (Float64Array | null)[];

  constructor(state?: ExperienceState) {
    const sums = (of?: readonly (readonly number[])[]): Float64Array[] =>
      Array.from({ length: CELLS }, (_, cell) => Float64Array.from(of?.[cell] ?? new Float64Array(EXPERTS)));
    this.#explained = sums(state?.explained);
    this.#exposure = sums(state?.exposure);
    this.#weights = new Array<Float64Array | null>(CELLS).fill(null);
  }

  /** The weights of a cell, which nobody may change; sum to 1. */
  weights(cell: number): Float64Array {
    return (this.#weights[cell] ??= this.#compute(cell));
  }

  #compute(cell: number): Float64Array {
    const first = firstDayOf(cell);
    const explained = this.#explained[cell] as Float64Array;
    const exposure = this.#exposure[cell] as Float64Array;
    const weights = new Float64Array(EXPERTS);
    let total = 0;
    for (let e = 0; e < EXPERTS; e += 1) {
      const worth = FIRST_DAY_WORTH * (first[e] as number) + (explained[e] as number);
      weights[e] = worth / (FIRST_DAY_WORTH + (exposure[e] as number));
      total += weights[e] as number;
    }
    for (let e = 0; e < EXPERTS; e += 1) weights[e] = (weights[e] as number) / total;
    return weights;
  }

  /**
   * One run has ended that was forecast with `forecast` weights in this cell.
   *
   * @param explained share of each expert in explaining it; sums to 1
   */
  learn(cell: number, forecast: Float64Array, explained: Float64Array): void {
    const weights = this.weights(cell);
    const sums = this.#explained[cell] as Float64Array;
    const exposure = this.#exposure[cell] as Float64Array;
    for (let e = 0; e < EXPERTS; e += 1) {
      const weight = weights[e] as number;
      if (weight <= 0) continue;
      sums[e] = (sums[e] as number) + (explained[e] as number);
      exposure[e] = (exposure[e] as number) + (forecast[e] as number) / weight;
    }
    this.#weights[cell] = null;
  }

  state(): ExperienceState {
    const numbers = (of: readonly Float64Array[]): number[][] => of.map((sums) => [...sums]);
    return { explained: numbers(this.#explained), exposure: numbers(this.#exposure) };
  }

  /** The weights as they are now, for good. */
  frozen(): FrozenExperience {
    return Array.from({ length: CELLS }, (_, cell) => this.weights(cell));
  }
}

export type FrozenExperience = readonly Float64Array[];
