/**
 * How good the forecasts were that people were shown, now that the truth is known: of 100
 * runs, how many started and finished within P90 and between P10 and P90, how far off the
 * range was, and whether it leans to one side; by how far ahead the forecast looked.
 *
 * Pinball loss of a quantile x at level q against the truth X: max(q (X - x), (q - 1)(X - x));
 * its mean over the three levels, in units of the time forecast, so that waits of a minute
 * and of a day compare. Source: Gneiting and Raftery, JASA 102 (2007).
 */
import { quantile } from '../stats/quantile.ts';
import { shareInterval } from '../stats/share.ts';
import type { Quantiles } from './types.ts';

/** What a run's forecast said, and what came. */
export interface SettledForecast {
  readonly madeAtMs: number;
  readonly saidAtMs: Quantiles;
  readonly cameAtMs: number;
}

export interface CalibrationRow {
  /** From this long after the forecast was made, to before the next row; by its P50. */
  readonly fromHorizonMs: number;
  readonly forecasts: number;
  /** Shares that came no later than P90, and from P10 to P90. */
  readonly coverageP90: number;
  readonly coverage80: number;
  /** Mean, in units of the time forecast. */
  readonly pinball: number;
  /** Median of what came less P50: above 0, things came later than forecast. */
  readonly biasMs: number;
  /** The share within P90 is too low to be chance, or so high that the range says little. */
  readonly drifts: boolean;
}

export const HORIZONS_MS: readonly number[] = [0, 600_000, 3_600_000, 21_600_000, 86_400_000];
const LEVELS = [
  ['p10', 0.1],
  ['p50', 0.5],
  ['p90', 0.9],
] as const;
/** P90 is held to be right while its coverage may lie between these. */
const P90_LEAST = 0.85;
const P90_MOST = 0.97;
/** Fewer prove nothing; runs of one queue err together, so that many tell less than they seem. */
const LEAST = 50;
const TOGETHER = 5;
/** A run forecast to start now is measured against this. */
const UNIT_MIN_MS = 10_000;

/** One row for each horizon of which there are forecasts. */
export function calibration(settled: readonly SettledForecast[]): readonly CalibrationRow[] {
  return HORIZONS_MS.flatMap((fromHorizonMs, place) => {
    const until = HORIZONS_MS[place + 1] ?? Number.POSITIVE_INFINITY;
    const among = settled.filter(({ madeAtMs, saidAtMs }) => {
      const horizonMs = Math.max(0, saidAtMs.p50 - madeAtMs);
      return horizonMs >= fromHorizonMs && horizonMs < until;
    });
    return among.length === 0 ? [] : [rowOf(fromHorizonMs, among)];
  });
}

function rowOf(fromHorizonMs: number, among: readonly SettledForecast[]): CalibrationRow {
  const count = among.length;
  const below = among.filter(({ saidAtMs, cameAtMs }) => cameAtMs <= saidAtMs.p90);
  const within = below.filter(({ saidAtMs, cameAtMs }) => cameAtMs >= saidAtMs.p10);
  const biases = Float64Array.from(among, ({ saidAtMs, cameAtMs }) => cameAtMs - saidAtMs.p50).sort();
  const pinball = among.reduce((sum, one) => sum + pinballOf(one), 0) / count;
  return {
    fromHorizonMs,
    forecasts: count,
    coverageP90: below.length / count,
    coverage80: within.length / count,
    pinball,
    biasMs: Math.round(quantile(biases, 0.5)),
    drifts: isOff(below.length, count),
  };
}

function pinballOf({ madeAtMs, saidAtMs, cameAtMs }: SettledForecast): number {
  let sum = 0;
  for (const [name, level] of LEVELS) {
    const off = cameAtMs - saidAtMs[name];
    sum += Math.max(level * off, (level - 1) * off);
  }
  return sum / LEVELS.length / Math.max(UNIT_MIN_MS, saidAtMs.p50 - madeAtMs);
}

function isOff(hits: number, count: number): boolean {
  if (count < LEAST) return false;
  const { low, high } = shareInterval(hits / TOGETHER, count / TOGETHER);
  return high < P90_LEAST || low > P90_MOST;
}
