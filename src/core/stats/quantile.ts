/**
 * Quantiles of samples.
 *
 * Source: Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American
 * Statistician 50 (1996), definition 7: linear interpolation between neighbours.
 */
import { assert } from '../assert.ts';

/**
 * @param sorted ascending, length >= 1
 * @param level in [0, 1]; 0.9 for P90
 * @returns a value within [sorted[0], sorted[length - 1]]
 * @throws AssertionError if `sorted` is empty or `level` is outside [0, 1]
 */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  assert(sorted.length >= 1, 'a quantile of nothing was asked for');
  assert(level >= 0 && level <= 1, `quantile level ${level} is outside 0..1`);
  const place = (sorted.length - 1) * level;
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (place - below);
}

export function mean(values: readonly number[]): number {
  assert(values.length >= 1, 'a mean of nothing was asked for');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n - 1; 0 for a single value. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
