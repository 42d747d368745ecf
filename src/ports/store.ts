/**
 * Store: what is Penstock's own and must outlive it. What runs and what waits is not in
 * here; the engine knows that. Every write is durable when its promise resolves.
 *
 * Every store passes `test/conformance/store.ts`.
 */
import type { Outcome, Requests, RunId, Usage } from '../core/model/run.ts';
import type { ClassStart, Grant } from '../core/model/snapshot.ts';

/** A start that was decided and may have been asked for: it counts as capacity until settled. */
export interface StartMark {
  readonly runId: RunId;
  readonly markedAtMs: number;
  /** The engine lets the request take no effect after this. */
  readonly deadlineMs: number;
}

/** A run that ended, as history keeps it. One that never started has `startedAtMs` null. */
export interface FinishedRun {
  readonly id: RunId;
  readonly project: string;
  readonly tenant: string;
  readonly priority: string;
  readonly requests: Requests;
  readonly contentHash: string;
  readonly timeoutMs: number | null;
  readonly ours: boolean;
  readonly heldSinceMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly usage: Usage | null;
}

/** One measured duration: how long a run occupied its slots. Never of a run that was not started. */
export interface Sample {
  readonly runId: RunId;
  readonly project: string;
  readonly tenant: string;
  readonly contentHash: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
  readonly timeoutMs: number | null;
  readonly usage: Usage | null;
}

/** A forecast that was shown to somebody, kept to be scored when the truth is known. */
export interface ForecastRecord {
  readonly id: string;
  readonly madeAtMs: number;
  /** The runs it was about. It is settled when all of them have finished. */
  readonly runIds: readonly RunId[];
  readonly finishAtMs: { readonly p10: number; readonly p50: number; readonly p90: number };
  readonly replications: number;
  readonly seed: number;
}

export interface ForecastOutcome {
  readonly forecastId: string;
  readonly settledAtMs: number;
  /** When the last of its runs really finished. */
  readonly finishedAtMs: number;
}

export interface RunPage {
  readonly runs: readonly FinishedRun[];
  /** Give it back as `before` for the next page; null at the end. */
  readonly next: string | null;
}

export interface Store {
  /** Marks replace older ones of the same run. */
  mark(marks: readonly StartMark[]): Promise<void>;
  marks(): Promise<readonly StartMark[]>;
  settle(runIds: readonly RunId[]): Promise<void>;

  /** Replaces all grants. */
  saveGrants(grants: readonly Grant[]): Promise<void>;
  grants(): Promise<readonly Grant[]>;

  /** Keeps the later of what is known and what is given, for each class. */
  saveClassStarts(starts: readonly ClassStart[]): Promise<void>;
  classStarts(): Promise<readonly ClassStart[]>;

  /** Records each run once, by id, with its sample when it is one; returns the ids that were new. */
  recordFinished(runs: readonly FinishedRun[]): Promise<readonly RunId[]>;
  finishedRun(id: RunId): Promise<FinishedRun | null>;
  /** Newest finish first. `limit` 1 to 1000. */
  finishedRuns(query: { readonly limit: number; readonly before: string | null }): Promise<RunPage>;
  /** The newest samples by start time, newest first: at most `perSeries` of each project and content, `limit` in all. */
  samples(query: { readonly perSeries: number; readonly limit: number }): Promise<readonly Sample[]>;

  saveForecast(record: ForecastRecord): Promise<void>;
  /** Forecasts all of whose runs have finished but which have no outcome yet get one; returns those. */
  settleForecasts(nowMs: number): Promise<readonly ForecastOutcome[]>;
  /** Newest first, with the outcome where there is one. */
  forecasts(query: {
    readonly limit: number;
  }): Promise<readonly { readonly record: ForecastRecord; readonly outcome: ForecastOutcome | null }[]>;

  close(): Promise<void>;
}
