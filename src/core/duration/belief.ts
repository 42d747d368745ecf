/**
 * What is believed about a series' runs of one ending: its track, its neighbours, and the
 * weight of each expert. From this come quantiles, draws, and what a new run teaches.
 */

import type { Everything } from './everything.ts';
import {
  CENTRE_KINDS,
  EVERYTHING,
  EXPERTS,
  OWN_EXPERTS,
  OWN_KINDS,
  SPREAD_COUNT,
  SPREADS,
} from './experts.ts';
import type { Weighted } from './neighbours.ts';
import type { NormalMixture } from './normal-mixture.ts';
import { centreOf, normalDensity, ownDensities, type RunWeights, runWeights, shrinkage } from './own-past.ts';
import type { Track } from './track.ts';

/** Neighbours by kind, in the order of the kinds of experts; null where there is none. */
export type Neighbours = readonly (Weighted | null)[];

export interface Belief {
  readonly track: Track;
  readonly neighbours: Neighbours;
  readonly everything: Everything;
  /** How likely each spread is within a series of which little is known; sums to 1. */
  readonly within: () => Float64Array;
  /** The weight of each expert by the installation's experience, and the sum of it over those that have something to look at. */
  readonly usual: Float64Array;
  readonly speaking: number;
  /** The weight of each by that and by its merit here; sum to 1, 0 where it has nothing to look at. */
  readonly weights: Float64Array;
}

/** Chance, to every expert, of a run that has nothing to do with what it looks at. */
const SURPRISE = 0.003;
/** What a run teaches about experts: the share of it that is forgotten by the next run, and how firmly it is believed. */
const FORGOTTEN = 0.2;
const FIRMNESS = 0.35;

export function believe(parts: Omit<Belief, 'weights' | 'speaking'>): Belief {
  const { track, neighbours, usual } = parts;
  const weights = new Float64Array(EXPERTS);
  let speaking = 0;
  let total = 0;
  const speak = (from: number, to: number): void => {
    for (let e = from; e < to; e += 1) {
      speaking += usual[e] as number;
      weights[e] = (usual[e] as number) * Math.exp(track.merit[e] as number);
      total += weights[e] as number;
    }
  };
  if (track.count > 0) speak(0, OWN_EXPERTS);
  for (let kind = 0; kind < neighbours.length; kind += 1) {
    const first = OWN_EXPERTS + kind * SPREAD_COUNT;
    if (neighbours[kind] !== null) speak(first, first + SPREAD_COUNT);
  }
  speak(EVERYTHING, EXPERTS);
  for (let e = 0; e < EXPERTS; e += 1) weights[e] = (weights[e] as number) / total;
  if (track.onlyCutOff && track.count === 1) doubtOwn(weights);
  return { ...parts, weights, speaking };
}

/** So often a pipeline whose first run hit its timeout takes far less from then on, in public CI histories. */
const FIRST_HUNG = 0.6;

function doubtOwn(weights: Float64Array): void {
  let own = 0;
  for (let e = 0; e < OWN_EXPERTS; e += 1) own += weights[e] as number;
  const others = (1 - (1 - FIRST_HUNG) * own) / (1 - own);
  for (let e = 0; e < EXPERTS; e += 1) {
    weights[e] = (weights[e] as number) * (e < OWN_EXPERTS ? 1 - FIRST_HUNG : others);
  }
}

/** Share of each expert in explaining that a run took y. Sums to 1. */
export function explain(belief: Belief, y: number): Float64Array {
  const { track, neighbours, everything, weights } = belief;
  const explained = new Float64Array(EXPERTS);
  const anything = everything.density(y, track.count > 0);
  if (track.count > 0) ownDensities(track.values, y, everything.common(), explained);
  neighbours.forEach((of, kind) => {
    if (of !== null) neighbourDensities(of, y, explained.subarray(OWN_EXPERTS + kind * SPREAD_COUNT));
  });
  explained[EVERYTHING] = anything;
  let total = 0;
  for (let e = 0; e < EXPERTS; e += 1) {
    const density = (1 - SURPRISE) * (explained[e] as number) + SURPRISE * anything;
    explained[e] = (weights[e] as number) * density;
    total += explained[e] as number;
  }
  // What even the installation's history cannot explain teaches nothing about experts.
  if (!(total > 0)) return weights;
  for (let e = 0; e < EXPERTS; e += 1) explained[e] = (explained[e] as number) / total;
  return explained;
}

function neighbourDensities({ values, weights }: Weighted, y: number, densities: Float64Array): void {
  for (let s = 0; s < SPREAD_COUNT; s += 1) {
    let sum = 0;
    for (let i = 0; i < values.length; i += 1) {
      sum += (weights[i] as number) * normalDensity(y - (values[i] as number), SPREADS[s] as number);
    }
    densities[s] = sum;
  }
}

/**
 * The experts' merit after a run that they explained so. Part is forgotten each time, so that
 * a series that changes its ways finds other experts soon (fixed share; Herbster and Warmuth,
 * "Tracking the Best Expert", Machine Learning 32, 1998), and all is believed half-heartedly,
 * since no expert is right.
 */
export function meritAfter({ usual, speaking, weights }: Belief, explained: Float64Array): Float64Array {
  const merit = new Float64Array(EXPERTS);
  for (let e = 0; e < EXPERTS; e += 1) {
    if (weights[e] === 0) continue;
    const better = ((explained[e] as number) * speaking) / (usual[e] as number);
    merit[e] = FIRMNESS * Math.log((1 - FORGOTTEN) * better + FORGOTTEN);
  }
  return merit;
}

/** Adds what is expected of the next run, with this weight in all. */
export function addExpected(belief: Belief, share: number, mixture: NormalMixture): void {
  const { track, everything, weights } = belief;
  addSeen(belief, share, mixture);
  everything.addTo(mixture, share * (weights[EVERYTHING] as number), track.count > 0);
}

/** Adds what the series' own past and its neighbours make expect. */
export function addSeen(belief: Belief, share: number, mixture: NormalMixture): void {
  const { track, neighbours, weights } = belief;
  if (track.count > 0) addOwn(belief, share, mixture);
  neighbours.forEach((of, kind) => {
    if (of === null) return;
    for (let s = 0; s < SPREAD_COUNT; s += 1) {
      const weight = share * (weights[OWN_EXPERTS + kind * SPREAD_COUNT + s] as number);
      for (let i = 0; i < of.values.length; i += 1) {
        mixture.add(weight * (of.weights[i] as number), of.values[i] as number, SPREADS[s] as number);
      }
    }
  });
}

function addOwn({ track, everything, weights }: Belief, share: number, mixture: NormalMixture): void {
  const { values } = track;
  const weightings = runWeights(values);
  const common = everything.common();
  const { middle, middles, factors } = shrinkage(values, common);
  for (let s = 0; s < SPREAD_COUNT; s += 1) {
    const spread = SPREADS[s] as number;
    const shareOf = (kind: number): number => share * (weights[kind * SPREAD_COUNT + s] as number);
    for (let kind = 0; kind < CENTRE_KINDS; kind += 1) {
      const { mean, variance } = centreOf(values, weightings[kind] as RunWeights, spread, common);
      mixture.add(shareOf(kind), mean, Math.sqrt(spread * spread + variance));
    }
    // One normal a run for all kinds that look at runs: they differ by its weight only.
    const runs = new Float64Array(values.length);
    for (let kind = CENTRE_KINDS; kind < OWN_KINDS; kind += 1) {
      const { weights: ofRuns, total } = weightings[kind] as RunWeights;
      const each = shareOf(kind) / total;
      for (let age = 0; age < runs.length; age += 1) {
        runs[age] = (runs[age] as number) + each * (ofRuns[age] as number);
      }
    }
    for (let age = 0; age < runs.length; age += 1) {
      const centre = (middles[s] as number) + (factors[s] as number) * ((values[age] as number) - middle);
      mixture.add(runs[age] as number, centre, spread);
    }
  }
}
