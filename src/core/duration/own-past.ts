/**
 * The experts on a series' own past. With y the ln durations, newest first:
 *
 * - centre: a normal around the weighted mean of y, drawn a little to the centre of all
 *   series, widened by what the mean of so few is off (the conjugate normal with known
 *   variance; Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.5);
 * - runs: a normal around each of the y (a weighted kernel density), which follows pipelines
 *   with several lengths;
 * - runs alike: the same, but the runs count that came after one like the newest, which
 *   follows pipelines whose lengths come in spells or by turns.
 */
import { CENTRE_KINDS, OWN_KINDS, SPREAD_COUNT, SPREADS } from './experts.ts';
import { RUNS_KEPT } from './track.ts';

/** The centre of all series, with its variance, in ln milliseconds. */
export interface CommonCentre {
  readonly mean: number;
  readonly variance: number;
}

/** By which a run's weight falls with its age, in runs. */
const SHORT_MEMORY = 0.5;
const LONG_MEMORY = 0.9;
const ALIKE_MEMORY = 0.95;
/** Runs differ by this in log time and are still alike; and the weight of one that is not. */
const ALIKE_WITHIN = 0.3;
const NOT_ALIKE = 0.01;

const SHORT = powers(SHORT_MEMORY);
const LONG = powers(LONG_MEMORY);
const ALIKE = powers(ALIKE_MEMORY);

function powers(of: number): Float64Array {
  return Float64Array.from({ length: RUNS_KEPT }, (_, age) => of ** age);
}

/** The weight of each past run under one kind of expert, and their sum. */
export interface RunWeights {
  readonly weights: Float64Array;
  readonly total: number;
}

/** One for each of the own kinds, in their order. */
export function runWeights(values: Float64Array): readonly RunWeights[] {
  const short = totalled(SHORT.subarray(0, values.length));
  const long = totalled(LONG.subarray(0, values.length));
  return [short, long, short, long, totalled(alike(values))];
}

function totalled(weights: Float64Array): RunWeights {
  let total = 0;
  for (let age = 0; age < weights.length; age += 1) total += weights[age] as number;
  return { weights, total };
}

function alike(values: Float64Array): Float64Array {
  const newest = values[0] as number;
  const weights = new Float64Array(values.length);
  for (let age = 0; age < values.length; age += 1) {
    const before = values[age + 1];
    const off = before === undefined ? Number.POSITIVE_INFINITY : (before - newest) / ALIKE_WITHIN;
    weights[age] = (ALIKE[age] as number) * (NOT_ALIKE + Math.exp((-off * off) / 2));
  }
  return weights;
}

/** What an expert on the centre believes: where it lies, and how sure that is. */
export interface Centre {
  readonly mean: number;
  readonly variance: number;
}

export function centreOf(values: Float64Array, of: RunWeights, spread: number, common: CommonCentre): Centre {
  let sum = 0;
  for (let age = 0; age < values.length; age += 1)
    sum += (of.weights[age] as number) * (values[age] as number);
  return drawnToCommon(sum / of.total, (spread * spread) / of.total, common);
}

function drawnToCommon(mean: number, variance: number, common: CommonCentre): Centre {
  const sum = variance + common.variance;
  return {
    mean: (variance * common.mean + common.variance * mean) / sum,
    variance: (variance * common.variance) / sum,
  };
}

const ROOT = 1 / Math.sqrt(2 * Math.PI);
/** exp of less is nothing beside the floor that every density is given. */
const EXPONENT_MAX = 40;

export function normalDensity(off: number, deviation: number): number {
  const exponent = (off * off) / (2 * deviation * deviation);
  return exponent > EXPONENT_MAX ? 0 : (ROOT / deviation) * Math.exp(-exponent);
}

/**
 * Where the normals around past runs are centred: a little towards the middle of the runs, by
 * just so much that runs and normals together spread as the runs do (West, "Approximating
 * Posterior Distributions by Mixtures", JRSS B 55, 1993). Runs that differ by much more than
 * the spread, as those of several lengths do, stay where they are.
 */
export function shrinkage(values: Float64Array, common: CommonCentre): Shrinkage {
  const { weights, total } = totalled(LONG.subarray(0, values.length));
  let sum = 0;
  for (let age = 0; age < values.length; age += 1) sum += (weights[age] as number) * (values[age] as number);
  const middle = sum / total;
  let scatter = 0;
  let squares = 0;
  for (let age = 0; age < values.length; age += 1) {
    const weight = weights[age] as number;
    scatter += weight * ((values[age] as number) - middle) ** 2;
    squares += weight * weight;
  }
  // Without bias, as n - 1 does for equal weights.
  const variance = scatter / (total - squares / total);
  return {
    middle,
    middles: SPREADS.map((spread) => drawnToCommon(middle, (spread * spread) / total, common).mean),
    factors: SPREADS.map((spread) =>
      scatter > 0 ? Math.sqrt(Math.max(0, 1 - (spread * spread) / variance)) : 0,
    ),
  };
}

export interface Shrinkage {
  readonly middle: number;
  /** By spread: the middle as if runs spread so, drawn to the centre of all series; and how close the runs are put to it. */
  readonly middles: readonly number[];
  readonly factors: readonly number[];
}

/** Density of each own expert at y; `densities` is filled up to the number of own experts. */
export function ownDensities(
  values: Float64Array,
  y: number,
  common: CommonCentre,
  densities: Float64Array,
): void {
  const weightings = runWeights(values);
  for (let kind = 0; kind < CENTRE_KINDS; kind += 1) {
    for (let s = 0; s < SPREAD_COUNT; s += 1) {
      const spread = SPREADS[s] as number;
      const centre = centreOf(values, weightings[kind] as RunWeights, spread, common);
      const deviation = Math.sqrt(spread * spread + centre.variance);
      densities[kind * SPREAD_COUNT + s] = normalDensity(y - centre.mean, deviation);
    }
  }
  densities.fill(0, CENTRE_KINDS * SPREAD_COUNT, OWN_KINDS * SPREAD_COUNT);
  const { middle, middles, factors } = shrinkage(values, common);
  for (let age = 0; age < values.length; age += 1) {
    const fromMiddle = (values[age] as number) - middle;
    for (let s = 0; s < SPREAD_COUNT; s += 1) {
      const off = y - (middles[s] as number) - (factors[s] as number) * fromMiddle;
      const density = normalDensity(off, SPREADS[s] as number);
      if (density === 0) continue;
      for (let kind = CENTRE_KINDS; kind < OWN_KINDS; kind += 1) {
        const { weights, total } = weightings[kind] as RunWeights;
        const at = kind * SPREAD_COUNT + s;
        densities[at] = (densities[at] as number) + ((weights[age] as number) / total) * density;
      }
    }
  }
}
