/**
 * What Penstock answers when it is asked: the shapes behind the API, the command line and
 * the dashboard. Instants are milliseconds since the epoch.
 */
import type { Quantiles, QueueForecast } from '../core/forecast/types.ts';
import type { HoldReason } from '../core/model/decision.ts';
import type { Outcome, Requests, RunId, RunState, Usage } from '../core/model/run.ts';
import type { CancelOutcome, CreateOutcome, LogChunk, NewRun } from '../ports/engine.ts';
import type { ForecastOutcome, ForecastRecord } from '../ports/store.ts';

export interface RunView {
  readonly id: RunId;
  readonly project: string;
  readonly tenant: string;
  readonly priority: string;
  readonly requests: Requests;
  readonly contentHash: string;
  readonly timeoutMs: number | null;
  readonly state: RunState;
  readonly ours: boolean;
  readonly heldSinceMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly outcome: Outcome | null;
  /** Why it ended as it did; null for a plain success or one not ended. */
  readonly outcomeReason: string | null;
  readonly usage: Usage | null;
}

export interface RunsView {
  /** Live ones first (held, starting, running), then finished ones, newest first. */
  readonly runs: readonly RunView[];
  readonly next: string | null;
}

export interface QueueEntry {
  readonly run: RunView;
  /** 1 + the held runs that the median plan starts earlier; null when no start is in sight. */
  readonly position: number | null;
  readonly reason: HoldReason | null;
  /** The reason in a sentence a newcomer understands. */
  readonly because: string;
  readonly startsAtMs: Quantiles | null;
  readonly finishesAtMs: Quantiles | null;
}

export interface QueueView {
  readonly nowMs: number;
  readonly held: number;
  readonly starting: number;
  readonly running: number;
  /** In order of position; runs with no start in sight last. */
  readonly entries: readonly QueueEntry[];
}

export interface ExplainView extends QueueEntry {
  readonly nowMs: number;
  /** Held runs that ask for the pool it waits for and are planned to start earlier; null when it waits for none. */
  readonly aheadInPool: number | null;
  /** Latest instant by which it starts if sizes hold and nobody starts outside; null when there is no such bound. */
  readonly boundAtMs: number | null;
  /** Samples of its own series, and pooled ones, that the times rest on. */
  readonly ownSamples: number;
  readonly pooledSamples: number;
  /** The whole explanation, some short lines. */
  readonly lines: readonly string[];
}

export interface PoolView {
  readonly name: string;
  readonly size: number;
  readonly used: number;
  readonly free: number;
  readonly waiting: number;
  readonly paused: boolean;
  readonly doubt: string | null;
}

/** The questions and orders Penstock takes, whoever asks. */
export interface Penstock {
  createRuns(runs: readonly NewRun[], signal: AbortSignal): Promise<readonly CreateOutcome[]>;
  cancelRun(id: RunId, reason: string, signal: AbortSignal): Promise<CancelOutcome>;
  run(id: RunId, signal: AbortSignal): Promise<RunView | null>;
  runs(
    query: { readonly limit: number; readonly before: string | null },
    signal: AbortSignal,
  ): Promise<RunsView>;
  logs(id: RunId): Promise<readonly LogChunk[]>;
  queue(signal: AbortSignal): Promise<QueueView>;
  explain(id: RunId, signal: AbortSignal): Promise<ExplainView | null>;
  pools(signal: AbortSignal): Promise<readonly PoolView[]>;
  /** Forecasts the queue as it is now, and keeps the forecast to score it later. */
  forecast(
    query: { readonly replications: number; readonly seed: number | null },
    signal: AbortSignal,
  ): Promise<QueueForecast>;
  forecasts(query: {
    readonly limit: number;
  }): Promise<readonly { readonly record: ForecastRecord; readonly outcome: ForecastOutcome | null }[]>;
}
