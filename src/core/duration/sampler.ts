/**
 * Draws for one series in one replication. The branch (like its own past, or parametric)
 * and the branch's parameters are drawn once; then each run from them. Runs of one series
 * share their luck: independent draws would make errors about a series cancel out, and the
 * range of a total far too narrow.
 */
import { gamma } from '../random/gamma.ts';
import { normal } from '../random/normal.ts';
import type { Random } from '../random/random.ts';
import { normalBelow, normalQuantile } from '../stats/normal.ts';
import type { DurationSampler } from './model.ts';
import type { Posterior } from './posterior.ts';

/** Below this chance of having lasted so long the model has nothing to say about what remains. */
const SURVIVAL_MIN = 1e-9;
/** The least a run still takes, as a share of what it has taken: it is running. */
const REMAINING_MIN = 1e-9;

export function drawSampler(post: Posterior, random: Random): DurationSampler {
  const parametric = drawParametric(post, random);
  return random.next() < post.blend ? drawBootstrap(post, random, parametric) : parametric;
}

function drawParametric(post: Posterior, random: Random): DurationSampler {
  const j = drawStep(post, random);
  const spread = post.spread[j] as number;
  const centre = (post.centre[j] as number) + Math.sqrt(post.centreVariance[j] as number) * normal(random);
  return {
    draw(draws, elapsedMs) {
      if (elapsedMs <= 0) return Math.exp(centre + spread * normal(draws));
      // 1 - next() is above 0, which a quantile needs.
      const share = 1 - draws.next();
      const survival = normalBelow((centre - Math.log(elapsedMs)) / spread);
      // Older than anything expected: assume as much again, at most.
      if (survival < SURVIVAL_MIN) return elapsedMs * (1 + share);
      // From the upper tail, where no digits cancel.
      const drawn = Math.exp(centre - spread * normalQuantile(Math.min(survival * share, 1 - 1e-12)));
      return Math.max(elapsedMs * (1 + REMAINING_MIN), drawn);
    },
  };
}

/** A step of the grid of spreads, by its probability. */
function drawStep(post: Posterior, random: Random): number {
  let u = random.next();
  let likely = 0;
  for (let j = 0; j < post.spread.length; j += 1) {
    const probability = post.probability[j] as number;
    if (probability <= 0) continue;
    likely = j;
    u -= probability;
    if (u < 0) break;
  }
  return likely;
}

/** Bayesian bootstrap (Rubin, Annals of Statistics 9, 1981) with weights scaled to the effective number of samples. */
function drawBootstrap(post: Posterior, random: Random, tail: DurationSampler): DurationSampler {
  const durations = post.own.map((y) => Math.exp(y));
  const upTo = new Float64Array(durations.length);
  let total = 0;
  for (let i = 0; i < durations.length; i += 1) {
    total += gamma(random, (post.ownWeight[i] as number) * post.effective);
    upTo[i] = total;
  }
  return {
    draw(draws, elapsedMs) {
      // Past values that the run has outlived drop out; they come first.
      const outlived = elapsedMs <= 0 ? 0 : firstAbove(durations, elapsedMs);
      const from = outlived === 0 ? 0 : (upTo[outlived - 1] as number);
      if (outlived === durations.length || total <= from) return tail.draw(draws, elapsedMs);
      const at = firstAbove(upTo, from + draws.next() * (total - from));
      return durations[Math.min(at, durations.length - 1)] as number;
    },
  };
}

/** Index of the first value above `limit` in ascending `values`; their number when there is none. */
function firstAbove(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
