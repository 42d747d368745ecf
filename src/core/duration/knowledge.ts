/**
 * All that was learned from samples, and what it says about one series. The same functions
 * read the knowledge that is still growing and the copy that a model keeps.
 */
import type { Estimate } from '../model/run.ts';
import { type Belief, believe } from './belief.ts';
import {
  type FailureShare,
  failureShare,
  type HangShare,
  hangShare,
  NO_TALLY,
  type Tally,
} from './endings.ts';
import type { Everything } from './everything.ts';
import { cellOf } from './experience.ts';
import { NEIGHBOURS_UP_TO, OWN_EXPERTS, SPREAD_COUNT } from './experts.ts';
import { type Series, seriesKey } from './model.ts';
import { type Neighbourhood, NO_NEIGHBOURS, othersOf } from './neighbours.ts';
import { levelOf, NO_RUNS, type Track } from './track.ts';

/** How runs end: those that failed are often short. What hit its timeout would have gone on, as a success does. */
export const SUCCEEDED = 0;
export const FAILED = 1;
export type Ending = typeof SUCCEEDED | typeof FAILED;
export const ENDINGS: readonly Ending[] = [SUCCEEDED, FAILED];

export interface Knowledge {
  /** What a run is expected to take while there is no sample at all. */
  readonly first: Estimate;
  readonly tracks: ReadonlyMap<string, Track>;
  readonly neighbourhoods: ReadonlyMap<string, Neighbourhood>;
  readonly tallies: ReadonlyMap<string, Tally>;
  /** By ending. */
  readonly everything: readonly Everything[];
  /** The weights that the installation's experience gives the experts in a cell. */
  usual(cell: number): Float64Array;
}

/** Under which names the knowledge holds what concerns a series; made once, since it is asked for often. */
export interface SeriesKeys {
  /** By ending. */
  readonly tracks: readonly [string, string];
  /** By ending, then in the order of the kinds of experts; a project's runs of all endings are one. */
  readonly neighbourhoods: readonly (readonly [project: string, content: string, tenant: string])[];
  /** From the installation down to the series. */
  readonly tallies: readonly string[];
}

export function keysOf(series: Series): SeriesKeys {
  const { project, contentHash, tenant } = series;
  const key = seriesKey(series);
  const around = (ending: Ending) =>
    [`project\n${project}`, `${ending}\ncontent\n${contentHash}`, `${ending}\ntenant\n${tenant}`] as const;
  return {
    tracks: [`${SUCCEEDED}\n${key}`, `${FAILED}\n${key}`],
    neighbourhoods: [around(SUCCEEDED), around(FAILED)],
    tallies: ['', `tenant\n${tenant}`, `content\n${contentHash}`, `series\n${key}`],
  };
}

/** A spread within a series is guessed as for series with so many runs of their own. */
const FEW = 3;

export interface CellBelief {
  readonly cell: number;
  readonly belief: Belief;
}

export function beliefOf(knowledge: Knowledge, keys: SeriesKeys, ending: Ending): CellBelief {
  const key = keys.tracks[ending];
  const track = knowledge.tracks.get(key) ?? NO_RUNS;
  const [project, content, tenant] = keys.neighbourhoods[ending] as SeriesKeys['neighbourhoods'][number];
  const others = (of: string, kind: 'project' | 'content' | 'tenant') =>
    othersOf(knowledge.neighbourhoods.get(of) ?? NO_NEIGHBOURS, key, kind);
  const neighbours =
    track.count > NEIGHBOURS_UP_TO
      ? [null, null, null]
      : [others(project, 'project'), others(content, 'content'), others(tenant, 'tenant')];
  const everything = knowledge.everything[ending] as Everything;
  const cell = cellOf(ending, track.count, levelOf(track));
  const within = () => spreadsOf(knowledge.usual(cellOf(ending, FEW, everything.common().mean)));
  return { cell, belief: believe({ track, neighbours, everything, within, usual: knowledge.usual(cell) }) };
}

/** How likely each spread is among the experts on a series' own past. */
function spreadsOf(usual: Float64Array): Float64Array {
  const spreads = new Float64Array(SPREAD_COUNT);
  for (let expert = 0; expert < OWN_EXPERTS; expert += 1) {
    const s = expert % SPREAD_COUNT;
    spreads[s] = (spreads[s] as number) + (usual[expert] as number);
  }
  return spreads;
}

export function failuresOf(knowledge: Knowledge, keys: SeriesKeys): FailureShare {
  return failureShare(talliesOf(knowledge, keys));
}

export function hangsOf(knowledge: Knowledge, keys: SeriesKeys): HangShare {
  return hangShare(talliesOf(knowledge, keys));
}

function talliesOf(knowledge: Knowledge, keys: SeriesKeys): readonly Tally[] {
  return keys.tallies.map((key) => knowledge.tallies.get(key) ?? NO_TALLY);
}
