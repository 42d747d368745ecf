/**
 * The forecast of the demo's runs before they are created, from the runs measured just
 * before, by the very code that forecasts and decides in `serve`.
 */
import { z } from 'zod';
import type { AdmissionSettings } from '../../app/settings.ts';
import { learnDurations } from '../../core/duration/learned-durations.ts';
import type { DurationModel, DurationSample } from '../../core/duration/model.ts';
import { forecastQueue } from '../../core/forecast/forecast.ts';
import type { Quantiles } from '../../core/forecast/types.ts';
import type { HeldRun, Pool, Snapshot } from '../../core/model/snapshot.ts';
import type { NewRun } from '../../ports/engine.ts';
import type { EndedRun } from './tally.ts';
import { measureTurnover, withTurnover } from './turnover.ts';

const REPLICATIONS = 1_000;

const quantilesSchema = z.object({ p10: z.number(), p50: z.number(), p90: z.number() });

/** Milliseconds count from the creation of the runs. */
export const predictionSchema = z.object({
  samples: z.number(),
  replications: z.number(),
  betweenMs: z.number(),
  firstMs: z.number(),
  finishMs: quantilesSchema,
  lastStartMs: quantilesSchema,
  peakRunning: quantilesSchema,
  timeouts: quantilesSchema,
  withoutHolding: z.object({ succeeded: quantilesSchema, timedOut: quantilesSchema }),
});
export type Prediction = z.infer<typeof predictionSchema>;

export interface PredictionInput {
  /** All runs so far: how quickly slots are taken again. */
  readonly timed: readonly EndedRun[];
  /** Those whose durations count. */
  readonly measured: readonly EndedRun[];
  readonly planned: readonly NewRun[];
  readonly settings: AdmissionSettings;
  readonly pools: readonly { readonly name: string; readonly size: number }[];
  readonly slots: number;
  readonly seed: number;
}

export function predict(input: PredictionInput): Prediction {
  const { betweenMs, firstMs } = measureTurnover(started(input.timed), input.slots);
  const samples: readonly DurationSample[] = started(input.measured).map((run) => ({
    project: run.project,
    tenant: run.tenant,
    contentHash: run.contentHash,
    startedAtMs: run.startedAtMs,
    durationMs: run.finishedAtMs - run.startedAtMs,
    outcome: run.outcome,
  }));
  const model = withTurnover(learnDurations(samples, input.settings.firstEstimate), betweenMs);
  const forecast = forecastQueue({
    snapshot: snapshotOf(input, model),
    model,
    replications: REPLICATIONS,
    seed: input.seed,
  });
  // The first turnover is inside every draw already; at the beginning it takes longer.
  const laterMs = Math.max(0, firstMs - betweenMs);
  const shifted = (instants: Quantiles): Quantiles => mapQuantiles(instants, (ms) => ms + laterMs);
  const planned = input.planned.length;
  const { succeeded } = forecast.withoutHolding;
  return {
    samples: samples.length,
    replications: forecast.replications,
    betweenMs,
    firstMs,
    finishMs: shifted(forecast.finishAtMs),
    lastStartMs: shifted(forecast.lastStartAtMs),
    peakRunning: mapQuantiles(forecast.peakRunning, Math.round),
    timeouts: mapQuantiles(forecast.timeouts, Math.round),
    withoutHolding: {
      succeeded: mapQuantiles(succeeded, Math.round),
      timedOut: {
        p10: planned - Math.round(succeeded.p90),
        p50: planned - Math.round(succeeded.p50),
        p90: planned - Math.round(succeeded.p10),
      },
    },
  };
}

function started(runs: readonly EndedRun[]): readonly (EndedRun & { readonly startedAtMs: number })[] {
  return runs.flatMap((run) => (run.startedAtMs === null ? [] : [{ ...run, startedAtMs: run.startedAtMs }]));
}

function mapQuantiles(of: Quantiles, change: (value: number) => number): Quantiles {
  return { p10: change(of.p10), p50: change(of.p50), p90: change(of.p90) };
}

/** The queue as it will be at the instant 0 at which all runs are created. */
function snapshotOf(input: PredictionInput, model: DurationModel): Snapshot {
  const { settings, measured, planned } = input;
  const contentHashes = new Map(measured.map((run) => [run.project, run.contentHash]));
  const lowest = settings.priorities.at(-1)?.name ?? '';
  const pools: readonly Pool[] = input.pools.map(({ name, size }) => ({
    name,
    size,
    otherUse: 0,
    paused: false,
    doubt: null,
  }));
  const held: readonly HeldRun[] = planned.map((run) => {
    const contentHash = contentHashes.get(run.project) ?? '';
    const { id, project, tenant, requests, timeoutMs } = run;
    const estimate = model.estimate({ project, tenant, contentHash });
    const priority = run.priority === '' ? lowest : run.priority;
    return { id, project, tenant, contentHash, priority, requests, heldSinceMs: 0, estimate, timeoutMs };
  });
  return {
    nowMs: 0,
    paused: settings.paused,
    maxGrants: settings.maxGrants,
    pools,
    priorities: settings.priorities,
    tenants: settings.tenants,
    held,
    active: [],
    grants: [],
    classStarts: [],
  };
}
