/**
 * What a series' own samples say, newer ones counting more: all that the prior's fit and the
 * posterior need of them.
 */

/** A sample's weight is this to the power of its age in samples. */
const DISCOUNT = 0.9;

export interface SeriesSummary {
  /** By age, the newest first; the newest has weight 1. */
  readonly weights: Float64Array;
  /** Sum of the weights, and of their squares. */
  readonly total: number;
  readonly squares: number;
  /** Weighted mean of ln durations, and weighted sum of squares around it. */
  readonly centre: number;
  readonly scatter: number;
}

/** @param newestFirst ln durations of the series, at least one */
export function summaryOf(newestFirst: readonly number[]): SeriesSummary {
  const weights = Float64Array.from(newestFirst, (_, age) => DISCOUNT ** age);
  let total = 0;
  let squares = 0;
  let sum = 0;
  newestFirst.forEach((y, age) => {
    const weight = weights[age] as number;
    total += weight;
    squares += weight * weight;
    sum += weight * y;
  });
  const centre = sum / total;
  let scatter = 0;
  newestFirst.forEach((y, age) => {
    scatter += (weights[age] as number) * (y - centre) ** 2;
  });
  return { weights, total, squares, centre, scatter };
}

/** ln likelihood of the scatter if runs of the series spread by `spread`, but for a constant. */
export function logLikelihoodOfScatter({ total, scatter }: SeriesSummary, spread: number): number {
  const variance = spread * spread;
  return (-(total - 1) / 2) * Math.log(variance) - scatter / (2 * variance);
}
