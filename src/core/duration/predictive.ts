/**
 * Quantiles of the next run of a series: points of equal weight of the parametric part and
 * the own samples, pooled, sorted and interpolated. A true mixture; averaging the two
 * quantile functions instead predicts slightly worse.
 */
import { normalQuantile } from '../stats/normal.ts';
import type { Posterior } from './posterior.ts';

const POINTS = 41;
/** Steps of the grid that are less likely move no quantile that anyone asks for. */
const PROBABILITY_MIN = 1e-6;
const STANDARD = Float64Array.from({ length: POINTS }, (_, i) => normalQuantile((i + 0.5) / POINTS));

/** @returns the quantiles in ln milliseconds at `levels` (ascending, each in 0..1) */
export function predictiveQuantiles(post: Posterior, levels: readonly number[]): number[] {
  const points: { readonly y: number; readonly weight: number }[] = [];
  for (let j = 0; j < post.spread.length; j += 1) {
    if ((post.probability[j] as number) < PROBABILITY_MIN) continue;
    const deviation = Math.sqrt((post.spread[j] as number) ** 2 + (post.centreVariance[j] as number));
    const weight = ((1 - post.blend) * (post.probability[j] as number)) / POINTS;
    for (const z of STANDARD) points.push({ y: (post.centre[j] as number) + deviation * z, weight });
  }
  if (post.blend > 0) {
    post.own.forEach((y, i) => {
      points.push({ y, weight: post.blend * (post.ownWeight[i] as number) });
    });
  }
  points.sort((a, b) => a.y - b.y);
  return interpolate(points, levels);
}

function interpolate(
  points: readonly { readonly y: number; readonly weight: number }[],
  levels: readonly number[],
): number[] {
  const result: number[] = [];
  let next = 0;
  let below = 0;
  let previous = { place: 0, y: points[0]?.y ?? 0 };
  for (const level of levels) {
    let current = previous;
    while (next < points.length) {
      const point = points[next] as { y: number; weight: number };
      current = { place: below + point.weight / 2, y: point.y };
      if (current.place >= level) break;
      previous = current;
      below += point.weight;
      next += 1;
    }
    const span = current.place - previous.place;
    const share = span <= 0 ? 1 : Math.min(1, Math.max(0, (level - previous.place) / span));
    result.push(previous.y + (current.y - previous.y) * share);
  }
  return result;
}
