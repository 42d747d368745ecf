/**
 * How sure a share is that was counted.
 *
 * Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
 * Inference", Journal of the American Statistical Association 22 (1927): unlike the normal
 * interval it never leaves 0 to 1 and says something sensible from one count on.
 */
import { assert } from '../assert.ts';
import { normalQuantile } from './normal.ts';

export interface ShareInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * @param hits of `count`, count >= 1
 * @param level of confidence, in (0, 1): 0.95 unless given
 * @throws AssertionError if hits are outside 0..count
 */
export function shareInterval(hits: number, count: number, level = 0.95): ShareInterval {
  assert(count >= 1 && hits >= 0 && hits <= count, `${hits} of ${count} is no share`);
  const z = normalQuantile((1 + level) / 2);
  const share = hits / count;
  const shrink = 1 + (z * z) / count;
  const centre = (share + (z * z) / (2 * count)) / shrink;
  const half = (z / shrink) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  // Rounding may leave a hair beyond what is possible.
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
