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

/** A sample's weight is this to the power of its age in samples. */
const DISCOUNT = 0.9;
/** With n samples of its own a run is like one of them with probability n / (n + this). */
const BLEND = 8;

export interface Posterior {
  /** ln durations of the series' own samples with weights that sum to 1. */
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
  const n = newestFirst.length;
  const weights = newestFirst.map((_, age) => DISCOUNT ** age);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const squares = weights.reduce((sum, w) => sum + w * w, 0);
  const weighted = (f: (y: number) => number): number =>
    newestFirst.reduce((sum, y, i) => sum + (weights[i] as number) * f(y), 0);
  const centreOfOwn = n === 0 ? 0 : weighted((y) => y) / total;
  const squaresOfOwn = weighted((y) => (y - centreOfOwn) ** 2);
  const tau2 = prior.centreSpread ** 2;

  const logProbability = new Float64Array(prior.spreads.length);
  const centre = new Float64Array(prior.spreads.length).fill(prior.centre);
  const centreVariance = new Float64Array(prior.spreads.length).fill(tau2);
  for (let j = 0; j < prior.spreads.length && n > 0; j += 1) {
    const s2 = (prior.spreads[j] as number) ** 2;
    const v = s2 / total;
    const off = (centreOfOwn - prior.centre) ** 2;
    logProbability[j] =
      -((total - 1) / 2) * Math.log(s2) -
      squaresOfOwn / (2 * s2) -
      Math.log(v + tau2) / 2 -
      off / (2 * (v + tau2));
    centre[j] = (v * prior.centre + tau2 * centreOfOwn) / (v + tau2);
    centreVariance[j] = (v * tau2) / (v + tau2);
  }
  return {
    own: Float64Array.from(newestFirst),
    ownWeight: Float64Array.from(weights, (w) => w / total),
    effective: n === 0 ? 0 : (total * total) / squares,
    blend: n >= 2 ? n / (n + BLEND) : 0,
    spread: prior.spreads,
    probability: normalise(logProbability),
    centre,
    centreVariance,
  };
}

function normalise(logProbability: Float64Array): Float64Array {
  const most = logProbability.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const raw = logProbability.map((p) => Math.exp(p - most));
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((p) => p / total);
}
