/**
 * What the installation has learned about its experts: how much to believe each, by the
 * number of samples a series has, by how long its runs are, and by how they end.
 *
 * The weights maximise the likelihood of the installation's own past runs, each forecast
 * before it was known: with r an expert's share in explaining a run and x that share per
 * unit of weight, the maximum has weight = sum r / sum x (expectation-maximisation for the
 * weights of a mixture; Dempster, Laird and Rubin, JRSS B 39, 1977). Both sums only grow, so
 * one more run costs one addition each, and the first day's weights count as some runs more.
 *
 * How steady pipelines are is learned from all cells together first, so that an installation
 * of steady ones has narrow ranges soon; then each cell departs from that as it fills.
 */
import { BUCKET_FROM, BUCKETS, bucketOf, EXPERTS, OWN_EXPERTS, SPREAD_COUNT } from './experts.ts';
import { firstDayWeights, type OwnWeights } from './first-day.ts';

/** How many forecasts of a cell the first day's weights are worth. */
const FIRST_DAY_WORTH = 30;
/** How many runs that a spread explains the first day's opinion of that spread is worth. */
const SPREAD_WORTH = 5;
/** Long and short runs differ in how steady they are: ln milliseconds of one and ten minutes. */
const LONGER_THAN: readonly number[] = [Math.log(60_000), Math.log(600_000)];
const LENGTHS = LONGER_THAN.length + 1;
/** How runs end: a class of samples has weights of its own. */
export const ENDINGS = 2;
export const CELLS = ENDINGS * BUCKETS * LENGTHS;

/** Sums over the forecasts of an expert in a cell, or of a spread in all cells. */
interface Sums {
  readonly explained: Float64Array;
  readonly exposure: Float64Array;
}

interface SumsState {
  readonly explained: readonly number[];
  readonly exposure: readonly number[];
}

export interface ExperienceState {
  readonly cells: readonly SumsState[];
  /** By ending. */
  readonly spreads: readonly SumsState[];
}

/** The cell in which a forecast is made. @param level ln milliseconds of the newest runs; ignored without samples */
export function cellOf(ending: number, samples: number, level: number): number {
  let length = 0;
  if (samples > 0) for (const limit of LONGER_THAN) if (level > limit) length += 1;
  return (ending * BUCKETS + bucketOf(samples)) * LENGTHS + length;
}

/** The cells of all lengths. */
export function cellsOf(ending: number, samples: number): readonly number[] {
  const first = (ending * BUCKETS + bucketOf(samples)) * LENGTHS;
  return Array.from({ length: LENGTHS }, (_, length) => first + length);
}

export class Experience {
  readonly #cells: readonly Sums[];
  readonly #spreads: readonly Sums[];
  /** By bucket. */
  readonly #firstDay: readonly Float64Array[];
  /** The weights of each cell, and whether they are those of the sums. */
  readonly #weights: readonly Float64Array[];
  readonly #isCurrent = new Uint8Array(CELLS);

  constructor(ownWeights: readonly OwnWeights[], state?: ExperienceState) {
    this.#firstDay = BUCKET_FROM.map((samples) => firstDayWeights(samples, ownWeights));
    this.#cells = Array.from({ length: CELLS }, (_, cell) => sumsOf(EXPERTS, state?.cells[cell]));
    this.#spreads = Array.from({ length: ENDINGS }, (_, at) => sumsOf(SPREAD_COUNT, state?.spreads[at]));
    this.#weights = Array.from({ length: CELLS }, () => new Float64Array(EXPERTS));
  }

  #firstDayOf(cell: number): Float64Array {
    return this.#firstDay[Math.floor(cell / LENGTHS) % BUCKETS] as Float64Array;
  }

  /** The weights of a cell, until the next run is learned; nobody may change them. They sum to 1. */
  weights(cell: number): Float64Array {
    const weights = this.#weights[cell] as Float64Array;
    if (this.#isCurrent[cell] === 0) this.#compute(cell, weights);
    this.#isCurrent[cell] = 1;
    return weights;
  }

  #compute(cell: number, weights: Float64Array): void {
    const first = this.#firstDayOf(cell);
    const { explained, exposure } = this.#cells[cell] as Sums;
    const spreads = this.#spreads[endingOf(cell)] as Sums;
    let total = 0;
    for (let e = 0; e < EXPERTS; e += 1) {
      const expected = (first[e] as number) * (e < OWN_EXPERTS ? liking(spreads, e % SPREAD_COUNT) : 1);
      const worth = FIRST_DAY_WORTH * expected + (explained[e] as number);
      weights[e] = worth / (FIRST_DAY_WORTH + (exposure[e] as number));
      total += weights[e] as number;
    }
    for (let e = 0; e < EXPERTS; e += 1) weights[e] = (weights[e] as number) / total;
  }

  /**
   * One run has ended that was forecast with `forecast` weights in this cell.
   *
   * @param explained share of each expert in explaining it; sums to 1
   */
  learn(cell: number, forecast: Float64Array, explained: Float64Array): void {
    const first = this.#firstDayOf(cell);
    const weights = this.weights(cell);
    const sums = this.#cells[cell] as Sums;
    const spreads = this.#spreads[endingOf(cell)] as Sums;
    for (let e = 0; e < EXPERTS; e += 1) {
      const weight = weights[e] as number;
      if (weight <= 0) continue;
      const exposure = (forecast[e] as number) / weight;
      addTo(sums, e, explained[e] as number, exposure);
      if (e < OWN_EXPERTS) {
        addTo(spreads, e % SPREAD_COUNT, explained[e] as number, exposure * (first[e] as number));
      }
    }
    this.#isCurrent.fill(0);
  }

  state(): ExperienceState {
    return { cells: this.#cells.map(stateOf), spreads: this.#spreads.map(stateOf) };
  }

  /** The weights as they are now, for good. */
  frozen(): FrozenExperience {
    return Array.from({ length: CELLS }, (_, cell) => this.weights(cell).slice());
  }
}

export type FrozenExperience = readonly Float64Array[];

function endingOf(cell: number): number {
  return Math.floor(cell / (BUCKETS * LENGTHS));
}

/** How much likelier a spread is in this installation than on the first day. */
function liking({ explained, exposure }: Sums, s: number): number {
  return (SPREAD_WORTH + (explained[s] as number)) / (SPREAD_WORTH + (exposure[s] as number));
}

function addTo({ explained, exposure }: Sums, at: number, by: number, exposedBy: number): void {
  explained[at] = (explained[at] as number) + by;
  exposure[at] = (exposure[at] as number) + exposedBy;
}

function sumsOf(length: number, state?: SumsState): Sums {
  return {
    explained: Float64Array.from(state?.explained ?? new Float64Array(length)),
    exposure: Float64Array.from(state?.exposure ?? new Float64Array(length)),
  };
}

function stateOf({ explained, exposure }: Sums): SumsState {
  return { explained: [...explained], exposure: [...exposure] };
}
