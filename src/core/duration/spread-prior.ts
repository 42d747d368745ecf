/**
 * How much runs of one series differ, before its own samples say so: spread (the standard
 * deviation in log time) is log-normal over series. It starts as it is over public CI
 * histories and is moved by the installation's own series as they come, so that a dozen
 * steady pipelines are not taken for wild ones.
 *
 * Fitted by expectation-maximisation (Dempster, Laird and Rubin, JRSS B 39, 1977) on a fixed
 * grid of spreads, the public histories counting as a few series of their own.
 */
import { logLikelihoodOfScatter, type SeriesSummary } from './series-summary.ts';

export interface SpreadPrior {
  /** The grid, ascending, and the probability of each of its values. */
  readonly spreads: Float64Array;
  readonly probability: Float64Array;
}

/** ln of the spread: mean and standard deviation over public CI histories, and the series those count as. */
const LOG_SPREAD = -0.87;
const LOG_SPREAD_SPREAD = 0.89;
const PUBLIC_SERIES = 10;
/** Even twins differ a little; a spread of 0 would make one odd sample impossible. */
export const SPREAD_MIN = 0.02;
/** A wider one, however unlikely, would rule every total: the mean of a log-normal grows with exp(spread^2 / 2). */
const SPREAD_MAX = 2.2;
const STEPS = 20;
/** All series alike is luck as long as they are few: never believed entirely. */
const LOG_SPREAD_SPREAD_MIN = 0.2;
/** The fit has settled to three digits by then. */
const ROUNDS = 12;
/** More series than these change the fit no more; the bound keeps it quick. */
const SERIES_MAX = 500;

const LOG_GRID = Float64Array.from(
  { length: STEPS },
  (_, step) => Math.log(SPREAD_MIN) + (step / (STEPS - 1)) * Math.log(SPREAD_MAX / SPREAD_MIN),
);
const GRID = LOG_GRID.map((log) => Math.exp(log));

/** @param summaries of all series; those of a single sample say nothing about spread */
export function fitSpreads(summaries: readonly SeriesSummary[]): SpreadPrior {
  const likelihoods = summaries
    .filter((summary) => summary.weights.length >= 2)
    .slice(0, SERIES_MAX)
    .map((summary) => relative(GRID.map((spread) => logLikelihoodOfScatter(summary, spread))));
  let centre = LOG_SPREAD;
  let width = LOG_SPREAD_SPREAD;
  let probability = discreteNormal(centre, width);
  for (let round = 0; round < ROUNDS && likelihoods.length > 0; round += 1) {
    const expected = new Float64Array(STEPS);
    for (const likelihood of likelihoods) addPosterior(expected, probability, likelihood);
    const series = PUBLIC_SERIES + likelihoods.length;
    centre = (PUBLIC_SERIES * LOG_SPREAD + weightedSum(expected, (log) => log)) / series;
    const publicScatter = PUBLIC_SERIES * (LOG_SPREAD_SPREAD ** 2 + (LOG_SPREAD - centre) ** 2);
    const ownScatter = weightedSum(expected, (log) => (log - centre) ** 2);
    width = Math.max(LOG_SPREAD_SPREAD_MIN, Math.sqrt((publicScatter + ownScatter) / series));
    probability = discreteNormal(centre, width);
  }
  return { spreads: GRID, probability };
}

function discreteNormal(centre: number, width: number): Float64Array {
  const raw = relative(LOG_GRID.map((log) => -((log - centre) ** 2) / (2 * width * width)));
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((p) => p / total);
}

/** exp of logs, scaled so that the largest is 1. */
function relative(logs: Float64Array): Float64Array {
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return logs.map((log) => Math.exp(log - most));
}

function addPosterior(sums: Float64Array, prior: Float64Array, likelihood: Float64Array): void {
  let total = 0;
  for (let j = 0; j < STEPS; j += 1) total += (prior[j] as number) * (likelihood[j] as number);
  // A scatter that no spread of the grid explains teaches nothing.
  if (!(total > 0)) return;
  for (let j = 0; j < STEPS; j += 1) {
    const share = ((prior[j] as number) * (likelihood[j] as number)) / total;
    sums[j] = (sums[j] as number) + share;
  }
}

function weightedSum(weights: Float64Array, f: (log: number) => number): number {
  return weights.reduce((sum, weight, j) => sum + weight * f(LOG_GRID[j] as number), 0);
}
