/**
 * All that was learned from samples, and what it says about one series. The same functions
 * read the knowledge that is still growing and the copy that a model keeps.
 */
import { type Belief, believe } from './belief.ts';
import { type FailureShare, failureShare, NO_TALLY, type Tally } from './endings.ts';
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
  readonly tracks: ReadonlyMap<string, Track>;
  readonly neighbourhoods: ReadonlyMap<string, Neighbourhood>;
  readonly tallies: ReadonlyMap<string, Tally>;
  /** By ending. */
  readonly everything: readonly Everything[];
  /** The weights that the installation's experience gives the experts in a cell. */
  usual(cell: number): Float64Array;
}

export function trackKey(series: Series, ending: Ending): string {
  return `${ending}\n${seriesKey(series)}`;
}

/** The neighbourhoods of a series, in the order of the kinds of experts; a project's runs of all endings are one. */
export function neighbourhoodKeys(series: Series, ending: Ending): readonly [string, string, string] {
  return [
    `project\n${series.project}`,
    `${ending}\ncontent\n${series.contentHash}`,
    `${ending}\ntenant\n${series.tenant}`,
  ];
}

/** From the installation down to the series. */
export function tallyKeys(series: Series): readonly string[] {
  return ['', `tenant\n${series.tenant}`, `content\n${series.contentHash}`, `series\n${seriesKey(series)}`];
}

/** A spread within a series is guessed as for series with so many runs of their own. */
const FEW = 3;

export interface CellBelief {
  readonly cell: number;
  readonly belief: Belief;
}

export function beliefOf(knowledge: Knowledge, series: Series, ending: Ending): CellBelief {
  const key = trackKey(series, ending);
  const track = knowledge.tracks.get(key) ?? NO_RUNS;
  const [project, content, tenant] = neighbourhoodKeys(series, ending);
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

export function failuresOf(knowledge: Knowledge, series: Series): FailureShare {
  return failureShare(tallyKeys(series).map((key) => knowledge.tallies.get(key) ?? NO_TALLY));
}
