/**
 * Back-test of whole queues: batches of real runs, all waiting at once for a few slots,
 * forecast by the code that forecasts queues and decides, from what was known before them.
 *
 * A batch is the next runs of some workflows, each from a random place in its history with
 * as many earlier runs as the row says. The model knows those earlier runs and nothing else.
 * The truth is the schedule that the same admission makes of the real durations.
 */
import { assert } from '../assert.ts';
import { LearnedDurations } from '../duration/learned-durations.ts';
import type { DurationModel } from '../duration/model.ts';
import { Draws } from '../forecast/draws.ts';
import { RUNS_POOL, type RunId, runId } from '../model/run.ts';
import type { HeldRun, Snapshot } from '../model/snapshot.ts';
import { below, type Random, randomStream } from '../random/random.ts';
import { Simulation } from '../simulation/simulate.ts';
import { mean } from '../stats/quantile.ts';
import { PUBLIC_FIRST, seriesOf, type WorkflowHistory } from './histories.ts';
import type { BatchMoments } from './makespan-scores.ts';

/** Runs longer than this end there, as runs with a timeout do. */
export const TIMEOUT_MS = 6 * 3_600_000;
const RUNS_PER_WORKFLOW = 3;
/** Hindsight looks at so many runs before the batch, and at so many after it. */
const AROUND = 5;
const SECOND_MS = 1_000;

/** By earlier runs, both ends included. */
export interface HistoryRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export const MAKESPAN_ROWS: readonly HistoryRange[] = [
  { name: '1', from: 1, to: 1 },
  { name: '2-4', from: 2, to: 4 },
  { name: '5-9', from: 5, to: 9 },
  { name: '10-19', from: 10, to: 19 },
  { name: '20+', from: 20, to: 56 },
];

export interface MakespanOptions {
  /** Runs of a batch. */
  readonly batch: number;
  readonly slots: number;
  readonly replications: number;
  readonly seed: number;
}

export interface MakespanForecast {
  readonly runs: number;
  readonly actual: BatchMoments;
  /** One of each replication. */
  readonly drawn: readonly BatchMoments[];
  /** With the mean of the last two runs as every run's duration. */
  readonly lastTwo: BatchMoments;
  /** As drawn by whoever knew the runs around these, later ones included: what no forecast can know better. */
  readonly hindsight: readonly BatchMoments[];
}

/** Those with enough runs for a batch of this row. */
export function eligible(
  histories: readonly WorkflowHistory[],
  row: HistoryRange,
): readonly WorkflowHistory[] {
  return histories.filter(({ runs }) => runs.length >= row.from + RUNS_PER_WORKFLOW);
}

/** @param among the eligible ones, at least one */
export function forecastBatch(
  among: readonly WorkflowHistory[],
  row: HistoryRange,
  batch: { readonly nth: number; readonly options: MakespanOptions },
): MakespanForecast {
  assert(among.length > 0, 'a batch of no workflow');
  const { options, nth } = batch;
  const random = randomStream(options.seed, `batch\n${row.name}`, nth);
  const origins = chooseOrigins(among, row, {
    random,
    workflows: Math.ceil(options.batch / RUNS_PER_WORKFLOW),
  });
  const model = modelAt(origins);
  const runs = shuffled(origins.flatMap(nextRuns), random).slice(0, options.batch);
  const snapshot = snapshotOf(runs, model, options.slots);
  const simulation = new Simulation(snapshot);
  const schedule = (durationOf: (run: NextRun) => number): BatchMoments =>
    momentsOf(
      simulation,
      Float64Array.from(simulation.tables.ids, (id) => capped(durationOf(runOf.get(id) as NextRun))),
    );
  const runOf = new Map(runs.map((run) => [run.id, run]));
  const held = new Map(snapshot.held.map((run) => [run.id, run]));
  const draws = new Draws({ tables: simulation.tables, model, seed: options.seed + nth, runs: held });
  return {
    runs: runs.length,
    actual: schedule((run) => run.durationMs),
    lastTwo: schedule((run) => run.lastTwoMs),
    drawn: Array.from({ length: options.replications }, (_, replication) => {
      draws.draw(replication);
      return momentsOf(simulation, draws.durationsMs.map(capped));
    }),
    hindsight: Array.from({ length: options.replications }, () =>
      schedule(({ around }) => around[below(random, around.length)] as number),
    ),
  };
}

interface Origin {
  readonly workflow: string;
  readonly past: readonly number[];
  readonly next: readonly number[];
  /** The last of the past, the next and some that come after. */
  readonly around: readonly number[];
}

function chooseOrigins(
  among: readonly WorkflowHistory[],
  row: HistoryRange,
  { random, workflows }: { readonly random: Random; readonly workflows: number },
): readonly Origin[] {
  return shuffled(among, random)
    .slice(0, workflows)
    .map(({ workflow, runs }) => {
      const latest = Math.min(row.to, runs.length - RUNS_PER_WORKFLOW);
      const origin = row.from + below(random, latest - row.from + 1);
      const durations = runs.map(({ durationMs }) => durationMs);
      const end = origin + RUNS_PER_WORKFLOW;
      return {
        workflow,
        past: durations.slice(0, origin),
        next: durations.slice(origin, end),
        around: durations.slice(Math.max(0, origin - AROUND), end + AROUND),
      };
    });
}

/** All workflows take their earlier runs by turns, so that the model learns as it would have. */
function modelAt(origins: readonly Origin[]): DurationModel {
  const learned = new LearnedDurations({ first: PUBLIC_FIRST });
  const longest = origins.reduce((most, { past }) => Math.max(most, past.length), 0);
  for (let step = 0; step < longest; step += 1) {
    for (const { workflow, past } of origins) {
      // Histories end together, at the moment of the forecast.
      const tookMs = past[past.length - longest + step];
      if (tookMs === undefined) continue;
      learned.record({
        ...seriesOf(workflow),
        startedAtMs: step * SECOND_MS,
        durationMs: capped(tookMs),
        outcome: tookMs > TIMEOUT_MS ? 'timed-out' : 'succeeded',
      });
    }
  }
  return learned.model();
}

interface NextRun {
  readonly id: RunId;
  readonly workflow: string;
  readonly durationMs: number;
  readonly lastTwoMs: number;
  readonly around: readonly number[];
}

function nextRuns({ workflow, past, next, around }: Origin): readonly NextRun[] {
  const lastTwoMs = mean(past.slice(-2));
  return next.map((durationMs, nth) => ({
    id: runId(`${workflow}:${nth}`),
    workflow,
    durationMs,
    lastTwoMs,
    around,
  }));
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = below(random, at + 1);
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}

function snapshotOf(runs: readonly NextRun[], model: DurationModel, slots: number): Snapshot {
  const held: readonly HeldRun[] = runs.map(({ id, workflow }, place) => ({
    id,
    ...seriesOf(workflow),
    tenant: 'all',
    priority: 'normal',
    requests: { [RUNS_POOL]: 1 },
    // One after the other, so that the order of the batch is the order of the queue.
    heldSinceMs: place - runs.length,
    estimate: model.estimate(seriesOf(workflow)),
    timeoutMs: TIMEOUT_MS,
  }));
  return {
    nowMs: 0,
    paused: false,
    maxGrants: 0,
    pools: [{ name: RUNS_POOL, size: slots, otherUse: 0, paused: false, doubt: null }],
    priorities: [{ name: 'normal', patienceMs: null }],
    tenants: [],
    held,
    active: [],
    grants: [],
    classStarts: [],
  };
}

function capped(durationMs: number): number {
  return Math.max(1, Math.min(TIMEOUT_MS, Math.round(durationMs)));
}

function momentsOf(simulation: Simulation, durationsMs: Float64Array): BatchMoments {
  const { startMs, endMs } = simulation.run(durationsMs);
  const ends = endMs.toSorted();
  return {
    finishMs: ends[ends.length - 1] as number,
    lastStartMs: startMs.reduce((latest, start) => Math.max(latest, start), 0),
    mostDoneMs: ends[Math.ceil(0.9 * ends.length) - 1] as number,
  };
}
