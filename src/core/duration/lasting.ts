/**
 * What lasts about a series: how steady it is. The weights of the experts say what the next
 * run will be, and after the wildest of runs have to be right soon, so they leave every
 * spread some weight. But a series whose twenty runs were all alike will not be wild in all
 * of the next ten: of that the whole track says more, and it is asked here by Bayes' rule,
 * run by run, with a small share for a series that changes its ways.
 *
 * Always true: these weights sum to 1, and an expert with nothing to look at has none.
 */
import type { Belief } from './belief.ts';
import { EXPERTS, WAYS, wayOf } from './experts.ts';

/** The share of what is known about the way of a series that the next run puts in doubt. */
const CHANGES = 0.05;

/** The track's `lasting` after a run that the experts explained so. */
export function lastingAfter(belief: Belief, explained: Float64Array): Float64Array {
  const { track, usual, speaking, weights } = belief;
  const usually = byWay(belief, usual);
  const before = byWay(belief, weights);
  const after = byWay(belief, explained);
  const likely = usually.map((share, way) =>
    share > 0
      ? ((share / speaking) * Math.exp(track.lasting[way] as number) * (after[way] as number)) /
        (before[way] as number)
      : 0,
  );
  const total = sumOf(likely);
  if (!(total > 0)) return track.lasting;
  return likely.map((share, way) => {
    const usualShare = (usually[way] as number) / speaking;
    return usualShare > 0 ? Math.log(((1 - CHANGES) * share) / total / usualShare + CHANGES) : 0;
  });
}

/** The weight of each expert as the one that is right of all runs to come. */
export function lastingWeights(belief: Belief): Float64Array {
  const { track, usual, weights } = belief;
  if (track.count < 2) return weights;
  const usually = byWay(belief, usual);
  const now = byWay(belief, weights);
  const lasting = weights.map((weight, expert) => {
    const way = wayOf(expert);
    if (weight === 0) return 0;
    return (
      (weight / (now[way] as number)) * (usually[way] as number) * Math.exp(track.lasting[way] as number)
    );
  });
  const total = sumOf(lasting);
  return lasting.map((weight) => weight / total);
}

/** Sums over the experts that have something to look at. */
function byWay({ weights }: Belief, of: Float64Array): Float64Array {
  const sums = new Float64Array(WAYS);
  for (let expert = 0; expert < EXPERTS; expert += 1) {
    if (weights[expert] === 0) continue;
    const way = wayOf(expert);
    sums[way] = (sums[way] as number) + (of[expert] as number);
  }
  return sums;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
