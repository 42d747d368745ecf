/**
 * Draws for one series in one replication. The branch (like its own past, or parametric)
 * and the branch's parameters are drawn once; then each run from them. Runs of one series
 * share their luck: independent draws would make errors about a series cancel out, and the
 * range of a total far too narrow.
 */
import { gamma, normal, type Random } from '../random/random.ts';
import { normalBelow, normalQuantile } from '../stats/normal.ts';
import type { DurationSampler } from './model.ts';
import type { Posterior } from './posterior.ts';

/** Below this chance of having lasted so long the model has nothing to say about what remains. */
const SURVIVAL_MIN = 1e-9;

export function drawSampler(post: Posterior, random: Random): DurationSampler {
  const parametric = drawParametric(post, random);
  return random.next() < post.blend ? drawBootstrap(post, random, parametric) : parametric;
}

function drawParametric(post: Posterior, random: Random): DurationSampler {
  let j = 0;
  for (let u = random.next(); j < post.spread.length - 1; j += 1) {
    u -= post.probability[j] as number;
    if (u < 0) break;
  }
  const spread = post.spread[j] as number;
  const centre = (post.centre[j] as number) + Math.sqrt(post.centreVariance[j] as number) * normal(random);
  return {
    draw(draws, elapsedMs) {
      if (elapsedMs <= 0) return Math.exp(centre + spread * normal(draws));
      const survival = 1 - normalBelow((Math.log(elapsedMs) - centre) / spread);
      // Older than anything expected: assume as much again, at most.
      if (survival < SURVIVAL_MIN) return elapsedMs * (1 + draws.next());
      const level = 1 - (1 - draws.next()) * survival;
      return Math.max(elapsedMs, Math.exp(centre + spread * normalQuantile(Math.min(level, 1 - 1e-12))));
    },
  };
}

/** Bayesian bootstrap (Rubin, Annals of Statistics 9, 1981) with weights scaled to the effective number of samples. */
function drawBootstrap(post: Posterior, random: Random, tail: DurationSampler): DurationSampler {
  const raw = post.ownWeight.map((weight) => gamma(random, weight * post.effective));
  const durations = post.own.map((y) => Math.exp(y));
  return {
    draw(draws, elapsedMs) {
      let total = 0;
      for (let i = 0; i < raw.length; i += 1)
        if ((durations[i] as number) > elapsedMs) total += raw[i] as number;
      if (total <= 0) return tail.draw(draws, elapsedMs);
      let u = draws.next() * total;
      let last = 0;
      for (let i = 0; i < raw.length; i += 1) {
        if ((durations[i] as number) <= elapsedMs) continue;
        last = durations[i] as number;
        u -= raw[i] as number;
        if (u < 0) break;
      }
      return last;
    },
  };
}
