/**
 * What is known about a series before its first sample: where its centre may lie, and how
 * much its runs may differ. Learned from the installation's own history as it comes; until
 * then a wide general one, from public CI histories.
 *
 * All in y = ln(milliseconds).
 */
import type { Estimate } from '../model/run.ts';
import { normalQuantile } from '../stats/normal.ts';
import { mean, quantile, standardDeviation } from '../stats/quantile.ts';
import { summaryOf } from './series-summary.ts';
import { fitSpreads, SPREAD_MIN, type SpreadPrior } from './spread-prior.ts';

export interface Prior extends SpreadPrior {
  /** Centres of series: normal with this mean and standard deviation. */
  readonly centre: number;
  readonly centreSpread: number;
}

/** Standard deviation of the centres of unrelated series. */
const CENTRE_SPREAD = 1.8;
/** Series needed before the spread of the installation's own centres replaces the general one. */
const SERIES_FOR_CENTRES = 8;
/** Centres may be close together by chance; those of the next series need not be. */
const CENTRE_SPREAD_MIN = 0.3;

/** @param series ln durations of each series, newest first, at least one each */
export function fitPrior(series: readonly (readonly number[])[], first: Estimate): Prior {
  if (series.length === 0) return takenAtItsWord(first);
  const medians = series.map((values) =>
    quantile(
      [...values].sort((a, b) => a - b),
      0.5,
    ),
  );
  const enough = medians.length >= SERIES_FOR_CENTRES;
  return {
    centre: mean(medians),
    centreSpread: enough ? Math.max(CENTRE_SPREAD_MIN, standardDeviation(medians)) : CENTRE_SPREAD,
    ...fitSpreads(series.map(summaryOf)),
  };
}

/**
 * Before anything was measured, durations lie as the configured first estimate says: half
 * of their variance between series, half within them, since nothing tells which it is.
 */
function takenAtItsWord(first: Estimate): Prior {
  const p50Ms = Math.max(1, first.p50Ms);
  const deviation = Math.log(Math.max(p50Ms, first.p90Ms) / p50Ms) / normalQuantile(0.9);
  const each = Math.max(SPREAD_MIN, deviation * Math.SQRT1_2);
  return {
    centre: Math.log(p50Ms),
    centreSpread: each,
    spreads: Float64Array.of(each),
    probability: Float64Array.of(1),
  };
}
