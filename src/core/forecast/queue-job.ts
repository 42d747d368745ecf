/**
 * The forecast of a queue as a job for several threads. Starts and ends of all replications
 * lie in memory they share; each thread writes those it computes, and later reads them all
 * for the runs it summarises.
 */
import { modelFrom } from '../duration/learned-model.ts';
import type { ModelHead, ModelRow } from '../duration/portable-model.ts';
import type { Answering, Job } from '../jobs/job.ts';
import { type RunRow, runsOf } from '../jobs/run-rows.ts';
import type { HeldRun, Snapshot } from '../model/snapshot.ts';
import type { PastRun } from '../replay/past-run.ts';
import { futuresOf, type Usual } from './coming.ts';
import { TIMELINE_STEPS } from './forecast.ts';
import { Replications } from './replications.ts';
import { columns, type Listing, listing } from './summary.ts';
import { timeline } from './timeline.ts';
import { type Cells, noTotals, TOTALS, type Totals } from './totals.ts';
import type { TimelinePoint } from './types.ts';

export interface QueueHead {
  /** Without its runs. */
  readonly snapshot: Omit<Snapshot, 'held' | 'active'>;
  readonly model: ModelHead;
  readonly seed: number;
  readonly startLatencyMs: number;
  /** Possible futures, of which the rows say who comes. */
  readonly futures: number;
  /** Also as many as usual, by what the rows say of the past. */
  readonly usual: Omit<Usual, 'past'> | null;
  /** Room for all replications. */
  readonly startMs: SharedArrayBuffer;
  readonly endMs: SharedArrayBuffer;
}

export type QueueRow =
  | { readonly kind: 'here'; readonly row: RunRow }
  | { readonly kind: 'coming'; readonly future: number; readonly run: HeldRun }
  | { readonly kind: 'past'; readonly run: PastRun }
  | { readonly kind: 'series'; readonly row: ModelRow };

export type QueueRequest =
  | { readonly kind: 'replicate'; readonly from: number; readonly to: number }
  | { readonly kind: 'list' }
  | {
      readonly kind: 'columns';
      /** Runs as numbered in the tables; those beyond the last are not there. */
      readonly from: number;
      readonly to: number;
      readonly replications: number;
    }
  | { readonly kind: 'timeline'; readonly toMs: number; readonly replications: number };

export type QueueAnswer =
  | { readonly kind: 'replicate'; readonly totals: Totals; readonly overran: Int32Array }
  | { readonly kind: 'list'; readonly listing: Listing; readonly seriesCount: number }
  | { readonly kind: 'columns'; readonly values: Float64Array }
  | { readonly kind: 'timeline'; readonly points: readonly TimelinePoint[] };

/** Between two yields: some ten milliseconds. One replication is never split. */
const RUN_REPLICATIONS_PER_STEP = 10_000;

export const queueForecastJob: Job<QueueHead, QueueRow, QueueRequest, QueueAnswer> = {
  prepare(head, rows) {
    const { held, active, past, known, given } = sorted(rows, head.futures);
    const model = modelFrom(head.model, known);
    const snapshot: Snapshot = { ...head.snapshot, held, active };
    const { seed, startLatencyMs } = head;
    const usual = head.usual === null ? null : { ...head.usual, past };
    const coming = { assumption: 'nothing-new-arrives', futures: given, usual } as const;
    const futures = futuresOf(coming, { nowMs: snapshot.nowMs, model, seed });
    const replications = new Replications({ snapshot, model, seed, futures, startLatencyMs });
    const cells = { startMs: new Float64Array(head.startMs), endMs: new Float64Array(head.endMs) };
    return (request) => answer({ snapshot, replications, cells, listed: () => list() }, request);

    function list(): QueueAnswer {
      const { tables, seriesCount } = replications;
      return { kind: 'list', listing: listing(snapshot, tables, model), seriesCount };
    }
  },
};

/** The rows by kind, each in its order. */
function sorted(rows: readonly QueueRow[], futures: number) {
  const here: RunRow[] = [];
  const past: PastRun[] = [];
  const known: ModelRow[] = [];
  const given: HeldRun[][] = Array.from({ length: futures }, () => []);
  for (const row of rows) {
    if (row.kind === 'here') here.push(row.row);
    else if (row.kind === 'past') past.push(row.run);
    else if (row.kind === 'coming') given[row.future]?.push(row.run);
    else known.push(row.row);
  }
  return { ...runsOf(here), past, known, given };
}

interface Prepared {
  readonly snapshot: Snapshot;
  readonly replications: Replications;
  readonly cells: Cells;
  readonly listed: () => QueueAnswer;
}

function* answer(prepared: Prepared, request: QueueRequest): Answering<QueueAnswer> {
  const { replications, cells, snapshot } = prepared;
  const runs = replications.tables.ids.length;
  switch (request.kind) {
    case 'replicate':
      return yield* replicate(prepared, request);
    case 'list':
      return prepared.listed();
    case 'columns': {
      const range = { from: Math.min(runs, request.from), to: Math.min(runs, request.to) };
      const values = columns(cells, { runs, replications: request.replications, ...range });
      return { kind: 'columns', values };
    }
    case 'timeline': {
      const span = { fromMs: snapshot.nowMs, toMs: request.toMs, steps: TIMELINE_STEPS };
      const points = timeline({ ...span, runs, replications: request.replications, ...cells });
      return { kind: 'timeline', points };
    }
  }
}

function* replicate(
  { replications, cells }: Prepared,
  { from, to }: { readonly from: number; readonly to: number },
): Answering<QueueAnswer> {
  const runs = replications.tables.ids.length;
  const totals = noTotals(to - from);
  const overran = new Int32Array(runs);
  const perStep = Math.max(1, Math.floor(RUN_REPLICATIONS_PER_STEP / Math.max(1, runs)));
  for (let replication = from; replication < to; replication += 1) {
    if (replication > from && (replication - from) % perStep === 0) yield;
    const values = replications.replicate(replication, cells, overran);
    for (const name of TOTALS) totals[name][replication - from] = values[name];
  }
  return { kind: 'replicate', totals, overran };
}
