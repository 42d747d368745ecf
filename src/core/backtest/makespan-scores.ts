/**
 * How good forecasts of whole queues were.
 *
 * CRPS of R sorted draws x against the truth X: mean |x - X| - (1 / R^2) sum (2i - R - 1) x_i,
 * in units of X; of a point it is the error. Gneiting and Raftery, JASA 102 (2007), 4.2.
 */
import { mean, quantile } from '../stats/quantile.ts';
import { medianOf } from './scores.ts';

/** All from when the batch was created. */
export interface BatchMoments {
  /** When the last run ends. */
  readonly finishMs: number;
  /** When the queue is empty; one long run decides less about it. */
  readonly lastStartMs: number;
  /** When nine of ten runs have ended. */
  readonly mostDoneMs: number;
}

export const MOMENTS = ['finishMs', 'lastStartMs', 'mostDoneMs'] as const;
export type Moment = (typeof MOMENTS)[number];

export interface MomentScores {
  readonly coverageP90: number;
  readonly coverage80: number;
  /** Medians of |P50 / real - 1| and of P50 / real - 1 (above 0, forecasts are too late), and mean of CRPS / real. */
  readonly medianError: number;
  readonly medianBias: number;
  readonly crps: number;
  readonly lastTwo: { readonly medianError: number; readonly crps: number };
}

interface Forecast {
  readonly actual: BatchMoments;
  readonly drawn: readonly BatchMoments[];
  readonly lastTwo: BatchMoments;
}

/** @param forecasts at least one */
export function momentScores(forecasts: readonly Forecast[], moment: Moment): MomentScores {
  const each = forecasts.map(({ actual, drawn, lastTwo }) => {
    const real = actual[moment];
    const draws = Float64Array.from(drawn, (one) => one[moment]).sort();
    const [p10, p50, p90] = [0.1, 0.5, 0.9].map((level) => quantile(draws, level)) as [
      number,
      number,
      number,
    ];
    return {
      belowP90: real <= p90,
      within80: real <= p90 && real >= p10,
      bias: p50 / real - 1,
      crps: crps(draws, real) / real,
      pointError: Math.abs(lastTwo[moment] / real - 1),
    };
  });
  return {
    coverageP90: mean(each.map(({ belowP90 }) => Number(belowP90))),
    coverage80: mean(each.map(({ within80 }) => Number(within80))),
    medianError: medianOf(each.map(({ bias }) => Math.abs(bias))),
    medianBias: medianOf(each.map(({ bias }) => bias)),
    crps: mean(each.map((one) => one.crps)),
    lastTwo: {
      medianError: medianOf(each.map(({ pointError }) => pointError)),
      crps: mean(each.map(({ pointError }) => pointError)),
    },
  };
}

/** @param sorted draws, ascending, at least one */
export function crps(sorted: Float64Array, actual: number): number {
  const count = sorted.length;
  let off = 0;
  let apart = 0;
  for (let i = 0; i < count; i += 1) {
    off += Math.abs((sorted[i] as number) - actual);
    apart += (2 * (i + 1) - count - 1) * (sorted[i] as number);
  }
  return off / count - apart / (count * count);
}
