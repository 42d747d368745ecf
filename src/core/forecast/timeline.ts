/**
 * Running and waiting over time, as bands over the replications, on a grid of equal steps.
 */
import { quantile } from '../stats/quantile.ts';
import type { Quantiles, TimelinePoint } from './types.ts';

/** Interpolated between neighbours. */
export function bandOf(values: Float64Array): Quantiles {
  const sorted = Float64Array.from(values).sort();
  return { p10: quantile(sorted, 0.1), p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) };
}

/** The same for counts: each a count that occurred, since a tenth of a run is none. */
export function countBandOf(counts: Float64Array): Quantiles {
  const sorted = Float64Array.from(counts).sort();
  const at = (level: number): number => sorted[Math.ceil(level * sorted.length) - 1] as number;
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}

export interface TimelineInput {
  readonly fromMs: number;
  readonly toMs: number;
  readonly steps: number;
  readonly replications: number;
  /** By replication * runs + run, relative to `fromMs`; NaN for what never starts. */
  readonly runs: number;
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
}

/** Waiting counts the runs that will start; those that never do are reported elsewhere. */
export function timeline(input: TimelineInput): TimelinePoint[] {
  const { fromMs, toMs, steps, replications } = input;
  const stepMs = Math.max(1, Math.ceil((toMs - fromMs) / steps));
  const running = Array.from({ length: steps + 1 }, () => new Float64Array(replications));
  const waiting = Array.from({ length: steps + 1 }, () => new Float64Array(replications));
  for (let replication = 0; replication < replications; replication += 1) {
    const { starts, ends, total } = changes(input, stepMs, replication);
    let started = 0;
    let ended = 0;
    for (let step = 0; step <= steps; step += 1) {
      started += starts[step] as number;
      ended += ends[step] as number;
      (running[step] as Float64Array)[replication] = started - ended;
      (waiting[step] as Float64Array)[replication] = total - started;
    }
  }
  return running.map((counts, step) => ({
    atMs: fromMs + step * stepMs,
    running: countBandOf(counts),
    waiting: countBandOf(waiting[step] as Float64Array),
  }));
}

/** How many runs of a replication have first started, and first ended, at each point of the grid. */
function changes(
  { runs, startMs, endMs, steps }: TimelineInput,
  stepMs: number,
  replication: number,
): { readonly starts: Int32Array; readonly ends: Int32Array; readonly total: number } {
  const starts = new Int32Array(steps + 2);
  const ends = new Int32Array(steps + 2);
  // Whatever lies beyond the grid is counted after its last point.
  const point = (ms: number): number => Math.min(steps + 1, Math.max(0, Math.ceil(ms / stepMs)));
  const add = (counts: Int32Array, at: number): void => {
    counts[at] = (counts[at] as number) + 1;
  };
  let total = 0;
  for (let cell = replication * runs; cell < (replication + 1) * runs; cell += 1) {
    const start = startMs[cell] as number;
    if (Number.isNaN(start)) continue;
    total += 1;
    add(starts, point(start));
    add(ends, point(endMs[cell] as number));
  }
  return { starts, ends, total };
}
