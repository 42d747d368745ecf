/**
 * Neighbours of a series: other series of its project (other contents, so also the older
 * ones of a pipeline that was edited), of its content (other projects that execute the same),
 * and of its tenant. A series without samples is expected where they are.
 *
 * Always true: a neighbourhood is never changed, a run makes a new one; it is bounded. Of a
 * content or tenant each series counts once, with its newest run; of a project each run
 * counts, since its contents follow one another.
 */

export interface Neighbour {
  /** Of the track the run belongs to. */
  readonly key: string;
  readonly y: number;
}

/** Newest first. */
export type Neighbourhood = readonly Neighbour[];

export const NO_NEIGHBOURS: Neighbourhood = [];
/** More tell the distribution no better, and each costs. */
const NEIGHBOURS_MAX = 32;
/** By which the weight of a project's run falls with its place: older contents count less. */
const PROJECT_MEMORY = 0.9;

export function withNewest(neighbours: Neighbourhood, newest: Neighbour): Neighbourhood {
  const result = [newest];
  for (const neighbour of neighbours) {
    if (result.length === NEIGHBOURS_MAX) break;
    if (neighbour.key !== newest.key) result.push(neighbour);
  }
  return result;
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
