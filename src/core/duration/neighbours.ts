/**
 * Neighbours of a series: other series of its project (other contents, so also the older
 * ones of a pipeline that was edited), of its content (other projects that execute the same),
 * and of its tenant. A series without samples is expected where they are.
 *
 * Always true: a neighbourhood is never changed, a run makes a new one; it is bounded. Of a
 * content or tenant each series counts once, with its newest run; of a project each run
 * counts, since its contents follow one another.
 *
 * Which series of a content or tenant are kept has nothing to do with how long they take: of
 * a thousand runs that start together the last to end are the longest, and a neighbourhood of
 * those made forecasts of the others five times too long.
 */
import { hash32 } from '../random/random.ts';

export interface Neighbour {
  /** Of the track the run belongs to. */
  readonly key: string;
  readonly y: number;
  /** Its place: series heard of in a newer month first, within a month in an order of their names. */
  readonly month: number;
  readonly lot: number;
}

/** In the order of their places; of a project, newest first. */
export type Neighbourhood = readonly Neighbour[];

const MONTH_MS = 30 * 86_400_000;

export function neighbourOf(key: string, y: number, startedAtMs: number): Neighbour {
  return { key, y, month: Math.floor(startedAtMs / MONTH_MS), lot: mixed(hash32(key)) };
}

/** Names that differ in their last letter only are close in a plain hash (the finalizer of MurmurHash3 parts them). */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

export const NO_NEIGHBOURS: Neighbourhood = [];
/** More tell the distribution no better, and each costs. */
const NEIGHBOURS_MAX = 32;
/** By which the weight of a project's run falls with its place: older contents count less. */
const PROJECT_MEMORY = 0.9;

/** With the newest run of one series. */
export function withNewest(neighbours: Neighbourhood, newest: Neighbour): Neighbourhood {
  const others = neighbours.filter(({ key }) => key !== newest.key);
  const place = others.findIndex((other) => comesBefore(newest, other));
  if (place < 0) return [...others, newest].slice(0, NEIGHBOURS_MAX);
  return [...others.slice(0, place), newest, ...others.slice(place)].slice(0, NEIGHBOURS_MAX);
}

function comesBefore(a: Neighbour, b: Neighbour): boolean {
  return a.month > b.month || (a.month === b.month && a.lot < b.lot);
}

export function withEach(neighbours: Neighbourhood, newest: Neighbour): Neighbourhood {
  return [newest, ...neighbours.slice(0, NEIGHBOURS_MAX - 1)];
}

export interface Weighted {
  readonly values: readonly number[];
  /** Sum to 1. */
  readonly weights: readonly number[];
}

/** The neighbours but for the series itself; null when there is none. */
export function othersOf(
  neighbours: Neighbourhood,
  own: string,
  kind: 'project' | 'content' | 'tenant',
): Weighted | null {
  const values: number[] = [];
  const weights: number[] = [];
  let weight = 1;
  let total = 0;
  for (const { key, y } of neighbours) {
    if (key === own) continue;
    values.push(y);
    weights.push(weight);
    total += weight;
    if (kind === 'project') weight *= PROJECT_MEMORY;
  }
  if (values.length === 0) return null;
  for (let i = 0; i < weights.length; i += 1) weights[i] = (weights[i] as number) / total;
  return { values, weights };
}
