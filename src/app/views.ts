/**
 * What Penstock answers when it is asked: the shapes behind the API, the command line and
 * the dashboard. Instants are milliseconds since the epoch.
 */
import type { Assessment } from '../core/assessment/report.ts';
import type { Quantiles, QueueForecast } from '../core/forecast/types.ts';
import type { RunProfile } from '../core/model/profile.ts';
import type { Outcome, Requests, RunId, RunState, Usage } from '../core/model/run.ts';
import type { Caller } from '../ports/access.ts';
import type { CancelOutcome, CreateOutcome, LogChunk, NewRun } from '../ports/engine.ts';
import type { AuditPage, ForecastOutcome, ForecastRecord, Front, PauseTarget } from '../ports/store.ts';
import type { ShownReason } from './access/shown-reason.ts';
import type { ControlSource } from './admission/controls.ts';
import type { AssessmentRequest } from './assessments/assess-policy.ts';
import type { CalibrationView } from './forecasting/kept-forecasts.ts';
import type { ShadowQuery, ShadowReport } from './shadow/report.ts';

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

/** One run, with what is too long for a list. */
export interface RunDetail extends RunView {
  /** Null where nothing is known of its tasks, and until it has ended. */
  readonly profile: RunProfile | null;
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
  readonly reason: ShownReason | null;
  /** The reason in a sentence a newcomer understands. */
  readonly because: string;
  readonly startsAtMs: Quantiles | null;
  readonly finishesAtMs: Quantiles | null;
  /** A maximum age cancels it then, if it has not been let go; null where there is none. */
  readonly expiresAtMs: number | null;
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

export interface PauseView {
  readonly target: PauseTarget;
  readonly source: ControlSource;
  /** Who paused it and since when; null where no command did. */
  readonly by: string | null;
  readonly sinceMs: number | null;
  readonly reason: string | null;
  /** The admission loop goes by it: nothing that it covers is started any more. */
  readonly inForce: boolean;
  /** Runs it covers that Penstock held and that have been let go and not ended. */
  readonly active: number;
  /** Held runs it covers. */
  readonly held: number;
}

export interface CapView {
  readonly tenant: string;
  readonly pool: string;
  readonly units: number;
  readonly source: ControlSource;
  readonly by: string | null;
  readonly sinceMs: number | null;
}

/** What stands: pauses, caps of tenants, and runs moved to the front, the first first. */
export interface ControlsView {
  readonly nowMs: number;
  readonly pauses: readonly PauseView[];
  readonly caps: readonly CapView[];
  readonly fronts: readonly Front[];
  /** `admission.maxAge` */
  readonly maxHeldMs: number | null;
}

export interface OrderedView {
  /** False when it was so already. */
  readonly changed: boolean;
  readonly controls: ControlsView;
}

/** Orders are given in somebody's name; who that is nobody checks here. */
export interface Ordering {
  readonly by: string;
}

/**
 * What operators may order, and what stands of it. A `caller` limits what is told to what he
 * may see; without one it is everything. Whether he may order is `app/access`'s business.
 */
export interface OperatorControls {
  controls(signal: AbortSignal, caller?: Caller): Promise<ControlsView>;
  pause(
    order: Ordering & { readonly target: PauseTarget; readonly reason: string | null },
    signal: AbortSignal,
  ): Promise<OrderedView>;
  /** @throws CodedError where it is paused otherwise than by a command. */
  resume(order: Ordering & { readonly target: PauseTarget }, signal: AbortSignal): Promise<OrderedView>;
  /** `units` null takes the cap of a command back. */
  capTenant(
    order: Ordering & { readonly tenant: string; readonly pool: string; readonly units: number | null },
    signal: AbortSignal,
  ): Promise<OrderedView>;
  /** Null when there is no such run. @throws CodedError when it is not held, or can never start. */
  moveToFront(
    id: RunId,
    order: Ordering & { readonly undo: boolean },
    signal: AbortSignal,
  ): Promise<ExplainView | null>;
  audit(query: { readonly limit: number; readonly before: string | null }): Promise<AuditPage>;
}

/** What is told to nobody in particular: it is written on the runs themselves. */
export interface RunNotices {
  /** The queue, each entry without the names of runs of other projects than its own. */
  waitingRuns(signal: AbortSignal): Promise<readonly QueueEntry[]>;
}

/** The questions and orders Penstock takes, whoever asks. */
export interface Penstock extends OperatorControls {
  createRuns(runs: readonly NewRun[], signal: AbortSignal): Promise<readonly CreateOutcome[]>;
  cancelRun(id: RunId, reason: string, signal: AbortSignal): Promise<CancelOutcome>;
  run(id: RunId, signal: AbortSignal): Promise<RunDetail | null>;
  runs(
    query: { readonly limit: number; readonly before: string | null },
    signal: AbortSignal,
    caller?: Caller,
  ): Promise<RunsView>;
  logs(id: RunId, signal: AbortSignal): Promise<readonly LogChunk[]>;
  queue(signal: AbortSignal, caller?: Caller): Promise<QueueView>;
  explain(id: RunId, signal: AbortSignal, caller?: Caller): Promise<ExplainView | null>;
  pools(signal: AbortSignal): Promise<readonly PoolView[]>;
  /** Forecasts the queue as it is now, and keeps the forecast to score it later. */
  forecast(
    query: { readonly replications: number; readonly seed: number | null },
    signal: AbortSignal,
    caller?: Caller,
  ): Promise<QueueForecast>;
  forecasts(query: {
    readonly limit: number;
  }): Promise<readonly { readonly record: ForecastRecord; readonly outcome: ForecastOutcome | null }[]>;
  /** What a policy would do if it were enabled; nothing is started or kept. @throws CodedError */
  assess(request: AssessmentRequest, signal: AbortSignal): Promise<Assessment>;
  /** How good the forecasts were that runs were told when they were first forecast. */
  forecastCalibration(): Promise<CalibrationView>;
  /** What Penstock would have made of the runs that have finished, beside what happened; writes nothing. */
  shadowReport(query: ShadowQuery, signal: AbortSignal): Promise<ShadowReport>;
}
