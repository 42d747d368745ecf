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
  /** Of draws from the runs around each, later ones included. */
  readonly hindsight: { readonly medianError: number; readonly crps: number };
}

interface Forecast {
  readonly actual: BatchMoments;
  readonly drawn: readonly BatchMoments[];
  readonly lastTwo: BatchMoments;
  readonly hindsight: readonly BatchMoments[];
}

/** @param forecasts at least one */
export function momentScores(forecasts: readonly Forecast[], moment: Moment): MomentScores {
  const ours = forecasts.map(({ actual, drawn }) => scored(drawn, actual, moment));
  const points = forecasts.map(({ actual, lastTwo }) => Math.abs(lastTwo[moment] / actual[moment] - 1));
  const hindsight = forecasts.map((one) => scored(one.hindsight, one.actual, moment));
  return {
    coverageP90: mean(ours.map(({ belowP90 }) => Number(belowP90))),
    coverage80: mean(ours.map(({ within80 }) => Number(within80))),
    ...errorOf(ours),
    medianBias: medianOf(ours.map(({ bias }) => bias)),
    lastTwo: { medianError: medianOf(points), crps: mean(points) },
    hindsight: errorOf(hindsight),
  };
}

interface Scored {
  readonly belowP90: boolean;
  readonly within80: boolean;
  readonly bias: number;
  readonly crps: number;
}

function scored(drawn: readonly BatchMoments[], actual: BatchMoments, moment: Moment): Scored {
  const real = actual[moment];
  const draws = Float64Array.from(drawn, (one) => one[moment]).sort();
  const p90 = quantile(draws, 0.9);
  return {
    belowP90: real <= p90,
    within80: real <= p90 && real >= quantile(draws, 0.1),
    bias: quantile(draws, 0.5) / real - 1,
    crps: crps(draws, real) / real,
  };
}

function errorOf(each: readonly Scored[]): { readonly medianError: number; readonly crps: number } {
  return {
    medianError: medianOf(each.map(({ bias }) => Math.abs(bias))),
    crps: mean(each.map((one) => one.crps)),
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
