/**
 * The forecast beside what happened, as numbers: what `--json` prints, and what the table
 * at the end is made of. Milliseconds count from the creation of the runs.
 */
import type { Quantiles } from '../../core/forecast/types.ts';
import { RUNS_POOL } from '../../core/model/run.ts';
import type { DemoMarker } from './folder.ts';
import type { ObserverReport } from './observer/order.ts';
import type { Prediction } from './prediction.ts';
import type { Counts, EndedRun } from './tally.ts';

export interface DemoOutcome {
  readonly runs: {
    readonly total: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly timedOut: number;
    readonly cancelled: number;
  };
  readonly slots: number;
  /** Most runs at once, as the independent observer saw them in the process table; null when it could not look. */
  readonly peakRunning: number | null;
  readonly pools: readonly { readonly name: string; readonly size: number; readonly peak: number | null }[];
  readonly forecast: {
    readonly finishMs: Quantiles;
    readonly lastStartMs: Quantiles;
    readonly timeouts: { readonly held: Quantiles; readonly withoutHolding: Quantiles };
    readonly replications: number;
    readonly samples: number;
  };
  readonly actual: { readonly finishMs: number; readonly lastStartMs: number };
  /** `held` happened; `withoutHolding` is the middle of the forecast of what would have. */
  readonly timeouts: { readonly held: number; readonly withoutHolding: number };
  readonly timeoutMs: number;
  readonly cpuSecondsPerRun: number | null;
  /** Whether the demo was killed or stopped in between and went on. */
  readonly resumed: boolean;
  readonly observer: {
    readonly source: string;
    readonly everyMs: number;
    readonly looks: number;
    /** Why nothing was observed. */
    readonly failure: string | null;
  };
  readonly dataFolder: string;
}

export interface OutcomeInput {
  readonly marker: DemoMarker;
  readonly dataFolder: string;
  readonly pools: readonly { readonly name: string; readonly size: number }[];
  readonly prediction: Prediction;
  readonly runs: readonly EndedRun[];
  readonly counts: Counts;
  readonly observed: ObserverReport | null;
  readonly observerFailure: string | null;
}

export function demoOutcome(input: OutcomeInput): DemoOutcome {
  const { marker, prediction, runs, counts, observed } = input;
  const { succeeded, failed, cancelled } = counts.outcomes;
  const createdAtMs = Math.min(...runs.map((run) => run.heldSinceMs));
  const latest = (instants: readonly (number | null)[]): number =>
    Math.max(0, ...instants.map((atMs) => (atMs ?? createdAtMs) - createdAtMs));
  return {
    runs: { total: runs.length, succeeded, failed, timedOut: counts.outcomes['timed-out'], cancelled },
    slots: marker.slots,
    peakRunning: observed?.running ?? null,
    pools: input.pools
      .filter(({ name }) => name !== RUNS_POOL)
      .map(({ name, size }) => ({
        name,
        size,
        peak: observed === null ? null : (observed.pools[name] ?? 0),
      })),
    forecast: {
      finishMs: prediction.finishMs,
      lastStartMs: prediction.lastStartMs,
      timeouts: { held: prediction.timeouts, withoutHolding: prediction.withoutHolding.timedOut },
      replications: prediction.replications,
      samples: prediction.samples,
    },
    actual: {
      finishMs: latest(runs.map((run) => run.finishedAtMs)),
      lastStartMs: latest(runs.map((run) => run.startedAtMs)),
    },
    timeouts: {
      held: counts.outcomes['timed-out'],
      withoutHolding: prediction.withoutHolding.timedOut.p50,
    },
    timeoutMs: marker.timeoutMs,
    cpuSecondsPerRun: meanCpuSeconds(runs),
    resumed: marker.restarts > 0,
    observer: {
      source: observed?.source ?? 'none',
      everyMs: observed?.everyMs ?? 0,
      looks: observed?.looks ?? 0,
      failure: input.observerFailure,
    },
    dataFolder: input.dataFolder,
  };
}

/** Null where the engine cannot measure it. */
function meanCpuSeconds(runs: readonly EndedRun[]): number | null {
  const measured = runs.flatMap((run) => (run.usage === null ? [] : [run.usage.cpuSeconds]));
  if (measured.length === 0) return null;
  const mean = measured.reduce((sum, seconds) => sum + seconds, 0) / measured.length;
  return Math.round(mean * 10_000) / 10_000;
}
