/**
 * How long a slot is taken besides the runs in it: from the end of one run until the next
 * has really begun, and at the beginning until the first ones have. Runs of hours do not
 * notice it; the demo's runs of two seconds do, so its forecast counts it.
 *
 * The k-th start after the slots were first filled takes the slot of the k-th finish, so the
 * gap between the two is one turnover. The median is meant: runs that wait for a scarce pool
 * and a demo that was killed in between lengthen a few gaps, not most.
 */
import type { DurationModel } from '../../core/duration/model.ts';

export interface Turnover {
  /** From a finish to the start that follows it. */
  readonly betweenMs: number;
  /** From the creation of the runs to the starts of the first ones. */
  readonly firstMs: number;
}

export interface TimedRun {
  readonly heldSinceMs: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

/** No more than this is believed, whatever happened to the measured runs. */
const MOST_MS = 2_000;

export function measureTurnover(runs: readonly TimedRun[], slots: number): Turnover {
  const starts = runs.map((run) => run.startedAtMs).toSorted((a, b) => a - b);
  const finishes = runs.map((run) => run.finishedAtMs).toSorted((a, b) => a - b);
  const heldSinceMs = Math.min(...runs.map((run) => run.heldSinceMs));
  const later = starts.slice(slots).map((start, k) => start - (finishes[k] ?? start));
  const first = starts.slice(0, slots).map((start) => start - heldSinceMs);
  return { betweenMs: bounded(median(later)), firstMs: bounded(median(first)) };
}

function bounded(ms: number): number {
  return Math.round(Math.min(MOST_MS, Math.max(0, ms)));
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

/** The same durations, each with the turnover that comes before it. */
export function withTurnover(model: DurationModel, betweenMs: number): DurationModel {
  return {
    estimate: (series) => {
      const { p50Ms, p90Ms } = model.estimate(series);
      return { p50Ms: p50Ms + betweenMs, p90Ms: p90Ms + betweenMs };
    },
    evidence: (series) => model.evidence(series),
    quantiles: (series, levels) => model.quantiles(series, levels).map((ms) => ms + betweenMs),
    draws: (series) => {
      const draws = model.draws(series);
      return {
        sampler: (luck) => {
          const sampler = draws.sampler(luck);
          return {
            draw: (stream, elapsedMs) => sampler.draw(stream, Math.max(0, elapsedMs - betweenMs)) + betweenMs,
          };
        },
      };
    },
  };
}
