/**
 * How good forecasts of durations were, in log time: a factor of 2 hurts the same for a
 * minute and for an hour.
 *
 * Source of the rules: Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and
 * Estimation", Journal of the American Statistical Association 102 (2007).
 */
import { quantile } from '../stats/quantile.ts';

/** The levels of a forecast; P10, P50 and P90 are among them. */
export const LEVELS: readonly number[] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
const P10 = 1;
const P50 = 3;
const P90 = 5;

/** Mean over the levels q of max(q d, (q - 1) d), where d is ln actual minus ln quantile. 0 is perfect. */
export function logPinball(actualMs: number, quantilesMs: readonly number[]): number {
  const y = Math.log(actualMs);
  let sum = 0;
  for (let i = 0; i < LEVELS.length; i += 1) {
    const off = y - Math.log(quantilesMs[i] as number);
    const level = LEVELS[i] as number;
    sum += Math.max(level * off, (level - 1) * off);
  }
  return sum / LEVELS.length;
}

export interface DurationScores {
  readonly forecasts: number;
  readonly logPinball: number;
  /** Of the log-pinball, with the forecasts of one series taken as dependent; null of a single series. */
  readonly standardError: number | null;
  /** Share of runs no longer than P90, and from P10 to P90. */
  readonly coverageP90: number;
  readonly coverage80: number;
  /** Median of P90 / P10, and of how far P50 was off, |ln(actual / P50)|. */
  readonly medianWidth: number;
  readonly medianLogError: number;
}

/** Collects the scores of one forecaster; forecasts of one series come under its name. */
export class ScoreKeeper {
  readonly #widths: number[] = [];
  readonly #errors: number[] = [];
  /** Sum of log-pinball and number of forecasts of each series. */
  readonly #bySeries = new Map<string, { sum: number; forecasts: number }>();
  #sum = 0;
  #belowP90 = 0;
  #within80 = 0;

  get forecasts(): number {
    return this.#widths.length;
  }

  add(series: string, actualMs: number, quantilesMs: readonly number[]): void {
    const score = logPinball(actualMs, quantilesMs);
    const [p10 = 0, p50 = 0, p90 = 0] = [P10, P50, P90].map((at) => quantilesMs[at] as number);
    this.#sum += score;
    if (actualMs <= p90) this.#belowP90 += 1;
    if (actualMs <= p90 && actualMs >= p10) this.#within80 += 1;
    this.#widths.push(p90 / p10);
    this.#errors.push(Math.abs(Math.log(actualMs / p50)));
    const known = this.#bySeries.get(series);
    if (known === undefined) this.#bySeries.set(series, { sum: score, forecasts: 1 });
    else {
      known.sum += score;
      known.forecasts += 1;
    }
  }

  /** Null without a forecast. */
  scores(): DurationScores | null {
    const forecasts = this.forecasts;
    if (forecasts === 0) return null;
    const logPinballMean = this.#sum / forecasts;
    return {
      forecasts,
      logPinball: logPinballMean,
      standardError: this.#standardError(logPinballMean),
      coverageP90: this.#belowP90 / forecasts,
      coverage80: this.#within80 / forecasts,
      medianWidth: medianOf(this.#widths),
      medianLogError: medianOf(this.#errors),
    };
  }

  /** Clustered by series: sqrt(K / (K - 1) * sum of squared sums of deviations) / N. */
  #standardError(meanScore: number): number | null {
    const clusters = this.#bySeries.size;
    if (clusters < 2) return null;
    let squares = 0;
    for (const { sum, forecasts } of this.#bySeries.values()) squares += (sum - forecasts * meanScore) ** 2;
    return Math.sqrt((clusters / (clusters - 1)) * squares) / this.forecasts;
  }
}

export function medianOf(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
