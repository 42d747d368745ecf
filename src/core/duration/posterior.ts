/**
 * What is known about one series: the prior corrected by its own samples, newer ones
 * counting more, blended with those samples themselves as they grow in number.
 *
 * The parametric part is a normal in log time whose spread takes a few values (a grid), so
 * that the predictive keeps a finite variance with few samples: sums over many runs would
 * otherwise come out far too high. Formulas: the conjugate normal with known variance, for
 * each value of the grid, weighted by its marginal likelihood (for example Gelman et al.,
 * Bayesian Data Analysis, 3rd ed., sections 2.5 and 5.4).
 */
import type { Prior } from './prior.ts';
import { logLikelihoodOfScatter, summaryOf } from './series-summary.ts';

/** With n samples of its own a run is like one of them with probability n / (n + this). */
const BLEND = 8;

export interface Posterior {
  /** ln durations of the series' own samples, ascending, with weights that sum to 1. */
  readonly own: Float64Array;
  readonly ownWeight: Float64Array;
  /** Effective number of own samples: (sum w)^2 / sum w^2. */
  readonly effective: number;
  /** Probability that a run is like one of the own samples. */
  readonly blend: number;
  /** For each step of the grid: its spread, its probability, and the normal of its centre. */
  readonly spread: Float64Array;
  readonly probability: Float64Array;
  readonly centre: Float64Array;
  readonly centreVariance: Float64Array;
}

/** @param newestFirst ln durations of the series, newest first */
export function posterior(prior: Prior, newestFirst: readonly number[]): Posterior {
  if (newestFirst.length === 0) return unseen(prior);
  const n = newestFirst.length;
  const summary = summaryOf(newestFirst);
  const { total } = summary;
  const tau2 = prior.centreSpread ** 2;
  const off = (summary.centre - prior.centre) ** 2;
  const varianceOfMean = prior.spreads.map((spread) => spread ** 2 / total);
  const logProbability = varianceOfMean.map(
    (v, j) =>
      Math.log(prior.probability[j] as number) +
      logLikelihoodOfScatter(summary, prior.spreads[j] as number) -
      Math.log(v + tau2) / 2 -
      off / (2 * (v + tau2)),
  );
  const ascending = newestFirst
    .map((_, age) => age)
    .sort((a, b) => (newestFirst[a] as number) - (newestFirst[b] as number) || a - b);
  return {
    own: Float64Array.from(ascending, (age) => newestFirst[age] as number),
    ownWeight: Float64Array.from(ascending, (age) => (summary.weights[age] as number) / total),
    effective: (total * total) / summary.squares,
    blend: n >= 2 ? n / (n + BLEND) : 0,
    spread: prior.spreads,
    probability: normalise(logProbability),
    centre: varianceOfMean.map((v) => (v * prior.centre + tau2 * summary.centre) / (v + tau2)),
    centreVariance: varianceOfMean.map((v) => (v * tau2) / (v + tau2)),
  };
}

function unseen(prior: Prior): Posterior {
  return {
    own: new Float64Array(0),
    ownWeight: new Float64Array(0),
    effective: 0,
    blend: 0,
    spread: prior.spreads,
    probability: prior.probability,
    centre: new Float64Array(prior.spreads.length).fill(prior.centre),
    centreVariance: new Float64Array(prior.spreads.length).fill(prior.centreSpread ** 2),
  };
}

function normalise(logProbability: Float64Array): Float64Array {
  const most = logProbability.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const raw = logProbability.map((p) => Math.exp(p - most));
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((p) => p / total);
}
