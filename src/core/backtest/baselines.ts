/**
 * What others forecast a run's duration with, to be scored beside ours on the same runs:
 *
 * - last two: the mean of the last two runs (Tsafrir, Etsion and Feitelson, "Backfilling Using
 *   System-Generated Predictions Rather than User Runtime Estimates", TPDS 18, 2007);
 * - mean of three: the mean of the last three runs, as Jenkins estimates builds;
 * - log-normal: with the mean and standard deviation of the logarithms of all runs;
 * - empirical: the quantiles of all runs of the series;
 * - pooled: the quantiles of the first runs of all series, whatever the series.
 *
 * A point forecast is a distribution all of whose quantiles are the point. Milliseconds.
 */
import { normalQuantile } from '../stats/normal.ts';
import { mean, quantile, standardDeviation } from '../stats/quantile.ts';

export const BASELINES = ['lastTwo', 'meanOfThree', 'logNormal', 'empirical', 'pooled'] as const;
export type Baseline = (typeof BASELINES)[number];

/** Null where a baseline has nothing to say: a log-normal needs two runs, the others one. */
export type BaselineForecasts = Readonly<Record<Baseline, readonly number[] | null>>;

/** @param history of the series, oldest first; may be empty */
export function baselineForecasts(
  history: readonly number[],
  pooled: readonly number[],
  levels: readonly number[],
): BaselineForecasts {
  return {
    lastTwo: meanOfLast(history, 2, levels),
    meanOfThree: meanOfLast(history, 3, levels),
    logNormal: logNormal(history, levels),
    empirical: empirical(history, levels),
    pooled,
  };
}

function meanOfLast(
  history: readonly number[],
  count: number,
  levels: readonly number[],
): readonly number[] | null {
  if (history.length === 0) return null;
  const point = mean(history.slice(-count));
  return levels.map(() => point);
}

function logNormal(history: readonly number[], levels: readonly number[]): readonly number[] | null {
  if (history.length < 2) return null;
  const logs = history.map(Math.log);
  const centre = mean(logs);
  const deviation = standardDeviation(logs);
  return levels.map((level) => Math.exp(centre + deviation * normalQuantile(level)));
}

function empirical(history: readonly number[], levels: readonly number[]): readonly number[] | null {
  if (history.length === 0) return null;
  const sorted = history.toSorted((a, b) => a - b);
  return levels.map((level) => quantile(sorted, level));
}
