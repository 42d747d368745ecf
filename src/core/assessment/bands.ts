/** Running, waiting, wanted and launched over time, as bands over the replications. */
import { countBandOf } from '../forecast/timeline.ts';
import type { Quantiles } from '../forecast/types.ts';
import type { Measures } from './measures.ts';

export interface TimePoint {
  readonly atMs: number;
  /** Would run if nothing were held back. */
  readonly wanted: Quantiles;
  readonly running: Quantiles;
  readonly waiting: Quantiles;
}

export interface WindowPart {
  readonly fromMs: number;
  readonly toMs: number;
  readonly launches: Quantiles;
}

export interface Grid {
  /** What is 0 in the measures. */
  readonly opensAtMs: number;
  readonly lengthMs: number;
  readonly steps: number;
}

/** At the begin of each step, and at the end. */
export function timeBands(measures: Measures, { opensAtMs, lengthMs, steps }: Grid): readonly TimePoint[] {
  const { replications } = measures;
  const stepMs = Math.max(1, lengthMs / steps);
  const columns = (): Float64Array[] =>
    Array.from({ length: steps + 1 }, () => new Float64Array(replications));
  const bands = { wanted: columns(), running: columns(), waiting: columns() };
  for (let replication = 0; replication < replications; replication += 1) {
    const { launched, wantedEnds, started, ended } = changes(measures, replication, { stepMs, steps });
    const sums = { launched: 0, wantedEnds: 0, started: 0, ended: 0 };
    for (let step = 0; step <= steps; step += 1) {
      sums.launched += launched[step] as number;
      sums.wantedEnds += wantedEnds[step] as number;
      sums.started += started[step] as number;
      sums.ended += ended[step] as number;
      (bands.wanted[step] as Float64Array)[replication] = sums.launched - sums.wantedEnds;
      (bands.running[step] as Float64Array)[replication] = sums.started - sums.ended;
      (bands.waiting[step] as Float64Array)[replication] = sums.launched - sums.started;
    }
  }
  return bands.wanted.map((wanted, step) => ({
    atMs: Math.round(opensAtMs + step * stepMs),
    wanted: countBandOf(wanted),
    running: countBandOf(bands.running[step] as Float64Array),
    waiting: countBandOf(bands.waiting[step] as Float64Array),
  }));
}

/** How many have first been launched, and so on, at each point of the grid; what lies beyond is counted after it. */
function changes(
  { targets, startMs, durationMs, futureOf, launchMs }: Measures,
  replication: number,
  { stepMs, steps }: { readonly stepMs: number; readonly steps: number },
) {
  const counts = (): Int32Array => new Int32Array(steps + 2);
  const [launched, wantedEnds, started, ended] = [counts(), counts(), counts(), counts()];
  const add = (to: Int32Array, ms: number): void => {
    const at = Math.min(steps + 1, Math.max(0, Math.ceil(ms / stepMs)));
    to[at] = (to[at] as number) + 1;
  };
  const launches = launchMs.get(futureOf[replication] as number) as Float64Array;
  for (let target = 0; target < targets; target += 1) {
    const launch = launches[target] as number;
    if (Number.isNaN(launch)) continue;
    const cell = replication * targets + target;
    const duration = durationMs[cell] as number;
    add(launched, launch);
    add(wantedEnds, launch + duration);
    const start = startMs[cell] as number;
    if (Number.isNaN(start)) continue;
    add(started, start);
    add(ended, start + duration);
  }
  return { launched, wantedEnds, started, ended };
}

/** Launches in equally long parts of the window. */
export function launchesByPart(
  measures: Measures,
  { opensAtMs, lengthMs, steps }: Grid,
): readonly WindowPart[] {
  const partMs = lengthMs / steps;
  const futures = [...measures.launchMs.values()];
  const counts = Array.from({ length: steps }, () => new Float64Array(futures.length));
  for (const [future, launches] of futures.entries()) {
    for (const launch of launches) {
      if (Number.isNaN(launch)) continue;
      // GitLab's minute may end after the window does.
      const column = counts[Math.min(steps - 1, Math.floor(launch / partMs))] as Float64Array;
      column[future] = (column[future] as number) + 1;
    }
  }
  return counts.map((column, part) => ({
    fromMs: Math.round(opensAtMs + part * partMs),
    toMs: Math.round(opensAtMs + (part + 1) * partMs),
    launches: countBandOf(column),
  }));
}
