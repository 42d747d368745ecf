/**
 * How much each expert is believed before the installation has a history: the weights of
 * the mixture on the first day.
 *
 * Those of experts on a series' own past were learned from public CI histories, and
 * `npm run fit:durations -- FILE` computes them anew from any file of durations. Those of
 * neighbours are a judgement, since the public histories do not say what belongs together;
 * both are outweighed by the installation's own experience within some dozens of runs.
 */
import { bucketOf, CENTRE_KINDS, EVERYTHING, EXPERTS, KINDS, OWN_KINDS, SPREAD_COUNT } from './experts.ts';

/** Weights on experts that look at the series' own past, in one bucket of sample counts. */
export interface OwnWeights {
  /** Of all experts that look at the centre, together. */
  readonly centre: number;
  /** Of the one that knows all runs of the installation. */
  readonly everything: number;
  /** Of each spread; sums to 1. */
  readonly spreads: readonly number[];
}

/** By the samples a series has: 1, 2, 3-4, 5-9, 10-19, 20 and more. */
export const PUBLIC_WEIGHTS: readonly OwnWeights[] = [
  { centre: 0.43, everything: 0.12, spreads: [0.03, 0.04, 0.17, 0.4, 0.19, 0.18] },
  { centre: 0.24, everything: 0.11, spreads: [0.05, 0.03, 0.19, 0.49, 0.12, 0.12] },
  { centre: 0.15, everything: 0.03, spreads: [0.07, 0.03, 0.15, 0.6, 0.1, 0.05] },
  { centre: 0.12, everything: 0.02, spreads: [0.13, 0.03, 0.24, 0.5, 0.06, 0.04] },
  { centre: 0.09, everything: 0.02, spreads: [0.25, 0.03, 0.25, 0.42, 0.03, 0.02] },
  { centre: 0.06, everything: 0.01, spreads: [0.39, 0.02, 0.26, 0.29, 0.02, 0.01] },
];

/** Neighbours: what an older content of the project, or another project, says is likelier than the rest. */
const NEIGHBOUR_SHARE: Readonly<Record<'project' | 'content' | 'tenant', number>> = {
  project: 0.35,
  content: 0.45,
  tenant: 0.1,
};
const NEIGHBOUR_SPREADS: Readonly<Record<'project' | 'content' | 'tenant', readonly number[]>> = {
  project: [0.01, 0.04, 0.15, 0.35, 0.3, 0.15],
  content: [0.01, 0.04, 0.1, 0.25, 0.35, 0.25],
  tenant: [0, 0, 0.02, 0.08, 0.3, 0.6],
};
/** Of neighbours together, by the samples a series has of its own: 0, 1, 2, 3-4. */
const NEIGHBOURS_TOGETHER: readonly number[] = [0.9, 0.15, 0.06, 0.02];

/**
 * The weight of each expert for a series with so many samples of its own; sums to 1.
 *
 * @param ownWeights by the samples a series has: 1, 2, 3-4, 5-9, 10-19, 20 and more
 */
export function firstDayWeights(samples: number, ownWeights: readonly OwnWeights[]): Float64Array {
  const weights = new Float64Array(EXPERTS);
  const bucket = bucketOf(samples);
  const neighbours = NEIGHBOURS_TOGETHER[bucket] ?? 0;
  const add = (kind: number, share: number, spreads: readonly number[]): void => {
    for (let s = 0; s < SPREAD_COUNT; s += 1)
      weights[kind * SPREAD_COUNT + s] = share * (spreads[s] as number);
  };
  for (const name of ['project', 'content', 'tenant'] as const) {
    add(KINDS.indexOf(name), neighbours * NEIGHBOUR_SHARE[name], NEIGHBOUR_SPREADS[name]);
  }
  const own = ownWeights[bucket - 1];
  if (own !== undefined) {
    const share = (1 - neighbours) * (1 - own.everything);
    for (let kind = 0; kind < OWN_KINDS; kind += 1) {
      const each =
        kind < CENTRE_KINDS ? own.centre / CENTRE_KINDS : (1 - own.centre) / (OWN_KINDS - CENTRE_KINDS);
      add(kind, share * each, own.spreads);
    }
  }
  const rest = weights.reduce((sum, weight) => sum - weight, 1);
  weights[EVERYTHING] = rest;
  return weights;
}
