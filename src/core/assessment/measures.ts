/**
 * What each replication came to, in a row of numbers, and its schedule, to draw bands from.
 *
 * Always true: bounded by `CELLS_MAX`; a total that does not exist (nothing ever ended) is 0,
 * never NaN.
 */
import { mostAtOnce } from '../stats/overlap.ts';
import { quantile } from '../stats/quantile.ts';
import type { Trial } from './trials.ts';

/** Two times 8 bytes each: 64 MB. */
const CELLS_MAX = 4_000_000;
/** With fewer a P90 would mean little. */
const REPLICATIONS_MIN = 20;

/** How many replications of so many launches are made when so many are wanted. */
export function affordableReplications(targets: number, wanted: number): number {
  return Math.min(wanted, Math.max(REPLICATIONS_MIN, Math.floor(CELLS_MAX / Math.max(1, targets))));
}

export const TOTALS = [
  'launches',
  'peakWanted',
  'peakRunning',
  'peakWaiting',
  'busiestMinute',
  'workMs',
  'finishMs',
  'lastStartMs',
  'mostDoneMs',
  'waitP50Ms',
  'waitP90Ms',
  'waitMaxMs',
  'waited',
  'stuck',
  'overruns',
  'neverStarted',
] as const;
export type Total = (typeof TOTALS)[number];
export type Totals = Readonly<Record<Total, Float64Array>>;

const MINUTE_MS = 60_000;
const WAITS_FROM_MS = 1_000;
/** GitLab drops a job that has waited so long for a runner. */
const STUCK_MS = 24 * 3_600_000;

export class Measures {
  readonly totals: Totals;
  readonly replications: number;
  readonly targets: number;
  /** By replication * targets + target; NaN where it never happens. */
  readonly startMs: Float64Array;
  readonly durationMs: Float64Array;
  /** By replication: its future, and by future: when each target is launched. */
  readonly futureOf: Int32Array;
  readonly launchMs = new Map<number, Float64Array>();
  readonly #sortedLaunches = new Map<number, Float64Array>();

  constructor(targets: number, replications: number) {
    this.targets = targets;
    this.replications = replications;
    this.totals = Object.fromEntries(
      TOTALS.map((name) => [name, new Float64Array(replications)] as const),
    ) as Record<Total, Float64Array>;
    this.startMs = new Float64Array(targets * replications);
    this.durationMs = new Float64Array(targets * replications);
    this.futureOf = new Int32Array(replications);
  }

  /** The same in every replication of a future. */
  #sorted({ future, launchMs }: Trial): Float64Array {
    const known = this.#sortedLaunches.get(future);
    if (known !== undefined) return known;
    const sorted = launchMs.filter((ms) => !Number.isNaN(ms)).sort();
    this.#sortedLaunches.set(future, sorted);
    return sorted;
  }

  keep(replication: number, trial: Trial): void {
    this.futureOf[replication] = trial.future;
    this.launchMs.set(trial.future, trial.launchMs);
    this.startMs.set(trial.startMs, replication * this.targets);
    this.durationMs.set(trial.durationMs, replication * this.targets);
    const set = (name: Total, value: number): void => {
      (this.totals[name] as Float64Array)[replication] = value;
    };
    const launches = launched(trial, this.#sorted(trial));
    set('launches', launches.atMs.length);
    set('busiestMinute', busiestMinute(launches.atMs));
    set('peakWanted', mostAtOnce(launches.atMs, launches.endsMs));
    set('workMs', launches.workMs);
    const at = (values: Float64Array, level: number): number =>
      values.length === 0 ? 0 : quantile(values, level);
    set('overruns', trial.overruns);
    set('neverStarted', trial.neverStarted);
    const { startsMs, endsMs, waitsMs, launchedMs } = started(trial, launches.atMs);
    set('peakRunning', mostAtOnce(startsMs, endsMs));
    set('peakWaiting', mostAtOnce(launchedMs, startsMs));
    set('finishMs', endsMs.at(-1) ?? 0);
    set('lastStartMs', startsMs.at(-1) ?? 0);
    set('mostDoneMs', endsMs[Math.max(0, Math.ceil(0.9 * endsMs.length) - 1)] ?? 0);
    set('waitP50Ms', at(waitsMs, 0.5));
    set('waitP90Ms', at(waitsMs, 0.9));
    set('waitMaxMs', waitsMs.at(-1) ?? 0);
    set('stuck', waitsMs.length - countBelow(waitsMs, STUCK_MS));
    set('waited', waitsMs.length - countBelow(waitsMs, WAITS_FROM_MS));
  }
}

/** All that is launched, as if nothing were held back; ends sorted by themselves. */
function launched({ launchMs, durationMs }: Trial, atMs: Float64Array) {
  const endsMs = new Float64Array(launchMs.length);
  let [count, workMs] = [0, 0];
  for (let target = 0; target < launchMs.length; target += 1) {
    const at = launchMs[target] as number;
    if (Number.isNaN(at)) continue;
    endsMs[count] = at + (durationMs[target] as number);
    workMs += durationMs[target] as number;
    count += 1;
  }
  return { atMs, endsMs: endsMs.subarray(0, count).sort(), workMs };
}

/** All that starts, held back by the pools; each list sorted by itself. */
function started({ launchMs, startMs, endMs, neverStarted }: Trial, allLaunchedMs: Float64Array) {
  const startsMs = new Float64Array(startMs.length);
  const endsMs = new Float64Array(startMs.length);
  const waitsMs = new Float64Array(startMs.length);
  const launchedMs = new Float64Array(startMs.length);
  let count = 0;
  for (let target = 0; target < startMs.length; target += 1) {
    const start = startMs[target] as number;
    if (Number.isNaN(start)) continue;
    startsMs[count] = start;
    endsMs[count] = endMs[target] as number;
    launchedMs[count] = launchMs[target] as number;
    waitsMs[count] = start - (launchMs[target] as number);
    count += 1;
  }
  const sorted = (values: Float64Array): Float64Array => values.subarray(0, count).sort();
  return {
    startsMs: sorted(startsMs),
    endsMs: sorted(endsMs),
    waitsMs: sorted(waitsMs),
    launchedMs: neverStarted === 0 ? allLaunchedMs : sorted(launchedMs),
  };
}

/** In no future does anything start, so that nothing ends either. */
export function nothingEnds({ totals }: Measures): boolean {
  return totals.launches.every(
    (launches, r) => launches > 0 && (totals.neverStarted[r] as number) >= launches,
  );
}

function busiestMinute(sortedMs: Float64Array): number {
  let most = 0;
  let count = 0;
  let minute = Number.NEGATIVE_INFINITY;
  for (const atMs of sortedMs) {
    const at = Math.floor(atMs / MINUTE_MS);
    count = at === minute ? count + 1 : 1;
    minute = at;
    most = Math.max(most, count);
  }
  return most;
}

function countBelow(sorted: Float64Array, limit: number): number {
  let count = 0;
  while (count < sorted.length && (sorted[count] as number) < limit) count += 1;
  return count;
}
