/**
 * What is known about a series before its first sample: where its centre may lie, and how
 * much its runs may differ. Learned from the installation's own history once there is
 * enough of it; until then a wide general one, from public CI histories.
 *
 * All in y = ln(milliseconds).
 */
import type { Estimate } from '../model/run.ts';
import { normalQuantile } from '../stats/normal.ts';
import { mean, quantile, standardDeviation } from '../stats/quantile.ts';

export interface Prior {
  /** Centres of series: normal with this mean and standard deviation. */
  readonly centre: number;
  readonly centreSpread: number;
  /** Spreads within a series: equally likely values. */
  readonly spreads: Float64Array;
}

/** ln of the standard deviation within a series: mean and standard deviation over public CI histories. */
const LOG_SPREAD = -0.87;
const LOG_SPREAD_SPREAD = 0.89;
/** Standard deviation of the centres of unrelated series. */
const CENTRE_SPREAD = 1.8;
const SPREAD_STEPS = 12;
/** A standard deviation from fewer samples says too little. */
const SAMPLES_FOR_SPREAD = 5;
/** Series needed before the installation's own figures replace the general ones. */
const SERIES_FOR_CENTRES = 8;
const SERIES_FOR_SPREADS = 30;
/** Even twins differ a little; a spread of 0 would make one odd sample impossible. */
const SPREAD_MIN = 0.02;

/** @param series ln durations of each series, any order inside */
export function fitPrior(series: readonly (readonly number[])[], first: Estimate): Prior {
  const medians = series.map((values) =>
    quantile(
      [...values].sort((a, b) => a - b),
      0.5,
    ),
  );
  const logSpreads = series
    .filter((values) => values.length >= SAMPLES_FOR_SPREAD)
    .map((values) => Math.log(Math.max(SPREAD_MIN, standardDeviation(values))));
  const enough = logSpreads.length >= SERIES_FOR_SPREADS;
  return {
    centre: medians.length > 0 ? mean(medians) : Math.log(first.p50Ms),
    centreSpread:
      medians.length >= SERIES_FOR_CENTRES
        ? Math.max(0.3, standardDeviation(medians))
        : firstSpread(first, medians),
    spreads: spreadSteps(
      enough ? mean(logSpreads) : LOG_SPREAD,
      enough ? Math.max(0.2, standardDeviation(logSpreads)) : LOG_SPREAD_SPREAD,
    ),
  };
}

/** Before anything was measured the configured first estimate is taken at its word. */
function firstSpread(first: Estimate, medians: readonly number[]): number {
  if (medians.length > 0) return CENTRE_SPREAD;
  return Math.max(0.3, Math.log(first.p90Ms / first.p50Ms) / normalQuantile(0.9));
}

function spreadSteps(logCentre: number, logSpread: number): Float64Array {
  return Float64Array.from({ length: SPREAD_STEPS }, (_, step) =>
    Math.max(SPREAD_MIN, Math.exp(logCentre + logSpread * normalQuantile((step + 0.5) / SPREAD_STEPS))),
  );
}
