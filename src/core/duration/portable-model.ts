/**
 * A duration model as plain data, to be sent to another thread: what concerns all series,
 * and then, series by series, what is known of those that are asked about.
 *
 * Always true: the model made from it says the same of those series, and nothing of others.
 */
import type { Estimate } from '../model/run.ts';
import type { Tally } from './endings.ts';
import type { EverythingState } from './everything.ts';
import { type Knowledge, keysOf } from './knowledge.ts';
import type { Series } from './model.ts';
import type { Neighbourhood } from './neighbours.ts';
import type { Track } from './track.ts';

export interface ModelHead {
  readonly samples: number;
  readonly first: Estimate;
  readonly everything: readonly EverythingState[];
  /** By cell. */
  readonly weights: readonly Float64Array[];
}

/** What the knowledge holds under the names of one series. */
export interface ModelRow {
  readonly tracks: readonly (readonly [string, Track])[];
  readonly neighbourhoods: readonly (readonly [string, Neighbourhood])[];
  readonly tallies: readonly (readonly [string, Tally])[];
}

export interface PortableModel {
  readonly head: ModelHead;
  rowOf(series: Series): ModelRow;
}

export function rowOf(knowledge: Knowledge, series: Series): ModelRow {
  const keys = keysOf(series);
  return {
    tracks: found(knowledge.tracks, keys.tracks),
    neighbourhoods: found(knowledge.neighbourhoods, keys.neighbourhoods.flat()),
    tallies: found(knowledge.tallies, keys.tallies),
  };
}

function found<T>(map: ReadonlyMap<string, T>, keys: readonly string[]): readonly (readonly [string, T])[] {
  return keys.flatMap((key) => {
    const value = map.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
}
