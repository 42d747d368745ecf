/**
 * Running and waiting over time, as bands over the replications, on a grid of equal steps.
 */
import { quantile } from '../stats/quantile.ts';
import type { Quantiles, TimelinePoint } from './types.ts';

export function bandOf(values: Float64Array): Quantiles {
  const sorted = Float64Array.from(values).sort();
  return { p10: quantile(sorted, 0.1), p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) };
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
    count(input, replication, { stepMs, running, waiting });
  }
  return running.map((counts, step) => ({
    atMs: fromMs + step * stepMs,
    running: bandOf(counts),
    waiting: bandOf(waiting[step] as Float64Array),
  }));
}

function count(
  { runs, startMs, endMs, steps }: TimelineInput,
  replication: number,
  {
    stepMs,
    running,
    waiting,
  }: { stepMs: number; running: readonly Float64Array[]; waiting: readonly Float64Array[] },
): void {
  for (let run = 0; run < runs; run += 1) {
    const start = startMs[replication * runs + run] as number;
    if (Number.isNaN(start)) continue;
    const end = endMs[replication * runs + run] as number;
    const firstRunning = Math.max(0, Math.ceil(start / stepMs));
    const firstDone = Math.max(0, Math.ceil(end / stepMs));
    for (let step = 0; step < firstRunning && step <= steps; step += 1) add(waiting, step, replication);
    for (let step = firstRunning; step < firstDone && step <= steps; step += 1)
      add(running, step, replication);
  }
}

function add(counts: readonly Float64Array[], step: number, replication: number): void {
  const row = counts[step] as Float64Array;
  row[replication] = (row[replication] as number) + 1;
}
