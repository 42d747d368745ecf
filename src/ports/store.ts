/**
 * Store: what is Penstock's own and must outlive it. What runs and what waits is not in
 * here; the engine knows that. Every write is durable when its promise resolves.
 *
 * Every store passes `test/conformance/store.ts`.
 */
import type { RunProfile } from '../core/model/profile.ts';
import type { Outcome, Requests, RunId, Usage } from '../core/model/run.ts';
import type { ClassStart, Grant } from '../core/model/snapshot.ts';
import type { Hints } from './hints.ts';
import type { HistoryStore } from './history-store.ts';
import type { LaunchStore } from './launch-store.ts';
import type { PolicyOrderKind, PolicyStore } from './policy-store.ts';
import type { TestRunAudit, TestRunStore } from './test-run-store.ts';

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
  readonly profile: RunProfile | null;
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
  /** Null where nothing is known of its tasks, or profiles were not asked for. */
  readonly profile: RunProfile | null;
}

export interface SamplesQuery {
  readonly perSeries: number;
  readonly limit: number;
  /** Profiles are long; most who read thousands of samples do without. */
  readonly withProfiles?: boolean;
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

/** What a run was told of its start and finish when it was first forecast. */
export interface RunForecastRecord {
  readonly runId: RunId;
  readonly madeAtMs: number;
  readonly startAtMs: ForecastRecord['finishAtMs'];
  readonly finishAtMs: ForecastRecord['finishAtMs'];
}

export interface SettledRunForecast extends RunForecastRecord {
  /** Null for a run that ended without having started. */
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number;
}

/** Of more runs than these the forecasts made first are forgotten. */
export const RUN_FORECASTS_KEPT = 20_000;

/** What can be paused. */
export type PauseTarget =
  | { readonly scope: 'everything' }
  | { readonly scope: 'tenant' | 'pool'; readonly name: string };

export interface Pause {
  readonly target: PauseTarget;
  readonly by: string;
  readonly reason: string | null;
  readonly sinceMs: number;
}

/** Goes over the cap of the configuration. */
export interface TenantCap {
  readonly tenant: string;
  readonly pool: string;
  /** >= 0 */
  readonly units: number;
  readonly by: string;
  readonly sinceMs: number;
}

/** A held run that goes before all others as soon as it fits. */
export interface Front {
  readonly runId: RunId;
  readonly by: string;
  readonly atMs: number;
}

/** What operators ordered and what stands until it is taken back. */
export interface Controls {
  /** At most one of each target; by scope, then name. */
  readonly pauses: readonly Pause[];
  /** At most one of each tenant and pool; by tenant, then pool. */
  readonly caps: readonly TenantCap[];
  /** Each run once; the one moved last is the first. */
  readonly fronts: readonly Front[];
}

export type ControlOrder =
  /** A pause of this target that stands already stays as it is. */
  | { readonly kind: 'pause'; readonly pause: Pause }
  | { readonly kind: 'resume'; readonly target: PauseTarget }
  | { readonly kind: 'cap'; readonly cap: TenantCap }
  | { readonly kind: 'uncap'; readonly tenant: string; readonly pool: string }
  | { readonly kind: 'front'; readonly front: Front }
  | { readonly kind: 'unfront'; readonly runId: RunId };

/** An order as it is remembered for good. */
export interface AuditEntry {
  readonly atMs: number;
  readonly by: string;
  readonly what:
    | ControlOrder['kind']
    | 'cancel-run'
    | PolicyOrderKind
    | TestRunAudit['what']
    | 'import-history';
  /** "everything", "tenant web", "pool linux/arm64", "run build-1", "policy audit". */
  readonly about: string;
  readonly detail: string | null;
}

/** The audit log keeps this many entries; older ones go. */
export const AUDIT_ENTRIES_MAX = 10_000;

export interface AuditPage {
  /** Newest first, that is, the last given first, whatever the clock said. */
  readonly entries: readonly AuditEntry[];
  /** Give it back as `before` for the next page; null at the end. */
  readonly next: string | null;
}

/** As in a list, which does without what is long. */
export type ListedRun = Omit<FinishedRun, 'profile'>;

export interface RunPage {
  readonly runs: readonly ListedRun[];
  /** Give it back as `before` for the next page; null at the end. */
  readonly next: string | null;
}

export interface Store {
  readonly policies: PolicyStore;
  readonly launches: LaunchStore;
  readonly testRuns: TestRunStore;
  readonly history: HistoryStore;
  /** Where others write the same store: what they changed may not have been told. */
  readonly missed: Hints<void>;

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

  controls(): Promise<Controls>;
  /** Carries the order out and writes it into the audit log, both or neither; false when there was nothing to change. */
  order(order: ControlOrder, entry: AuditEntry): Promise<boolean>;
  /** Writes down what is no order of the above. */
  recordAudit(entry: AuditEntry): Promise<void>;
  /** These runs wait no longer. */
  endFronts(runIds: readonly RunId[]): Promise<void>;
  /** `limit` 1 to 1000. */
  audit(query: { readonly limit: number; readonly before: string | null }): Promise<AuditPage>;

  /** Records each run once, by id, with its sample when it is one; returns the ids that were new. */
  recordFinished(runs: readonly FinishedRun[]): Promise<readonly RunId[]>;
  finishedRun(id: RunId): Promise<FinishedRun | null>;
  /** The one of these runs recorded last whose id begins with `beginning`, which is not empty. */
  finishedRunLike(beginning: string): Promise<FinishedRun | null>;
  /** Newest finish first. `limit` 1 to 1000. */
  finishedRuns(query: { readonly limit: number; readonly before: string | null }): Promise<RunPage>;
  /** The newest samples by start time, newest first: at most `perSeries` of each project and content, `limit` in all. */
  samples(query: SamplesQuery): Promise<readonly Sample[]>;

  /** Of a run that has one already the first is kept. Settled when the run is recorded. */
  saveRunForecasts(records: readonly RunForecastRecord[]): Promise<void>;
  /** Of runs that have finished, the newest by when they were made. */
  settledRunForecasts(query: { readonly limit: number }): Promise<readonly SettledRunForecast[]>;

  saveForecast(record: ForecastRecord): Promise<void>;
  /** Forecasts all of whose runs have finished but which have no outcome yet get one; returns those. */
  settleForecasts(nowMs: number): Promise<readonly ForecastOutcome[]>;
  /** Newest first, with the outcome where there is one. */
  forecasts(query: {
    readonly limit: number;
  }): Promise<readonly { readonly record: ForecastRecord; readonly outcome: ForecastOutcome | null }[]>;

  /** Throws where it does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
