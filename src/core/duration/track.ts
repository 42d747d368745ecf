/**
 * The track of a series' runs that ended in one way: what they took, newest start first, and
 * which experts foretold them well lately.
 *
 * Always true: a track is never changed, a run makes a new one; it holds the newest runs up
 * to a bound, however many there were.
 */
import { EXPERTS, WAYS } from './experts.ts';

/** Older runs say nothing any more: the longest memory weighs the last of these 4 %. */
export const RUNS_KEPT = 64;

export interface Track {
  /** ln milliseconds and starts (milliseconds since the epoch), newest start first. */
  readonly values: Float64Array;
  readonly startedAtMs: Float64Array;
  /** How many runs there were in all. */
  readonly count: number;
  /** There are runs, and all of them hit their timeout: nobody knows yet whether they would take less when they do not hang. */
  readonly onlyCutOff: boolean;
  /** By expert: ln of how much more than its weight it explained of the newest runs. */
  readonly merit: Float64Array;
  /** By way (lasting.ts): ln of how much likelier the whole track makes it than it usually is. */
  readonly lasting: Float64Array;
}

export const NO_RUNS: Track = {
  values: new Float64Array(0),
  startedAtMs: new Float64Array(0),
  count: 0,
  onlyCutOff: false,
  merit: new Float64Array(EXPERTS),
  lasting: new Float64Array(WAYS),
};

/** The track with one run more, put in its place by its start. */
export function withRun(
  track: Track,
  run: { readonly y: number; readonly startedAtMs: number; readonly isCutOff: boolean },
  { merit, lasting }: Pick<Track, 'merit' | 'lasting'>,
): Track {
  const { values, startedAtMs } = track;
  let place = 0;
  while (place < values.length && comesBefore(track, place, run)) place += 1;
  const kept = Math.min(RUNS_KEPT, values.length + 1);
  const insert = (into: Float64Array, value: number): Float64Array => {
    const longer = new Float64Array(kept);
    longer.set(into.subarray(0, Math.min(place, kept)));
    if (place < kept) longer[place] = value;
    longer.set(into.subarray(place, kept - 1), Math.min(kept, place + 1));
    return longer;
  };
  return {
    values: insert(values, run.y),
    startedAtMs: insert(startedAtMs, run.startedAtMs),
    count: track.count + 1,
    onlyCutOff: run.isCutOff && (track.count === 0 || track.onlyCutOff),
    merit,
    lasting,
  };
}

/** Newest first; of the same start the longer one, so that the order of arrival does not count. */
function comesBefore(
  track: Track,
  place: number,
  run: { readonly y: number; readonly startedAtMs: number },
): boolean {
  const startedAtMs = track.startedAtMs[place] as number;
  if (startedAtMs !== run.startedAtMs) return startedAtMs > run.startedAtMs;
  return (track.values[place] as number) > run.y;
}

/** Where a series is now, to tell long from short: the mean of its newest runs, in ln milliseconds. */
export function levelOf(track: Track): number {
  const newest = Math.min(3, track.values.length);
  let sum = 0;
  for (let age = 0; age < newest; age += 1) sum += track.values[age] as number;
  return newest === 0 ? 0 : sum / newest;
}

/** Runs are this much shorter, in log time, than one that must have hung. */
const FAR_SHORTER = 1;

/** The one run there was hit its timeout, and the next one ended long before: the first had hung, and says nothing more. */
export function hungAfterAll({ onlyCutOff, count, values }: Track, y: number): boolean {
  return onlyCutOff && count === 1 && y < (values[0] as number) - FAR_SHORTER;
}
