/**
 * What a file of history comes to: measured runs, whoever exported them, in one shape.
 *
 * Always true: durations are whole milliseconds from 1 on; what the file does not say is null.
 */
import type { RunProfile } from '../../core/model/profile.ts';
import type { Outcome, Usage } from '../../core/model/run.ts';
import type { LeftOut } from '../table/rows.ts';

export interface HistorySample {
  /** The same run has the same key in every export: reading it twice changes nothing. */
  readonly key: string;
  /** A path; `#42` where only GitLab's id of the project is known. */
  readonly project: string;
  /** GitLab's id of the project. */
  readonly projectId: number | null;
  readonly branch: string | null;
  readonly contentHash: string | null;
  readonly configHash: string | null;
  readonly startedAtMs: number | null;
  /** How long it occupied what it ran on; never waiting time. */
  readonly durationMs: number;
  readonly queuedMs: number | null;
  /** Cancelled ones are kept, as they are neither successes nor failures; they teach no duration. */
  readonly outcome: Outcome;
  readonly failureReason: string | null;
  readonly cause: 'launch' | 'test-run' | null;
  /** Sum over its jobs, in milliseconds. */
  readonly jobMs: number | null;
  readonly usage: Usage | null;
  readonly profile: RunProfile | null;
}

export const NOTHING_SAID = {
  projectId: null,
  branch: null,
  contentHash: null,
  configHash: null,
  startedAtMs: null,
  queuedMs: null,
  failureReason: null,
  cause: null,
  jobMs: null,
  usage: null,
  profile: null,
} as const satisfies Partial<HistorySample>;

/** Why a row is in no sample. */
export const LEFT_OUT_REASONS = [
  'malformed',
  'no-duration',
  'negative-duration',
  'too-long',
  'in-future',
  'duplicate',
  'unfinished',
  'skipped',
] as const;
export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

export interface NotASample {
  readonly because: LeftOutReason;
  readonly column: string;
  readonly reason: string;
}

export const HISTORY_FORMATS = ['gitlab-pipelines', 'gitlab-jobs', 'penstock', 'table'] as const;
export type HistoryFormat = (typeof HISTORY_FORMATS)[number];

export interface History {
  readonly format: HistoryFormat;
  /** Oldest first, where the file says when they were; else in the order of the file. */
  readonly samples: readonly HistorySample[];
  readonly rows: number;
  /** Samples of duration 0, which count as one second. */
  readonly zeros: number;
  readonly leftOut: {
    readonly rows: number;
    readonly byReason: Readonly<Partial<Record<LeftOutReason, number>>>;
    readonly first: readonly LeftOut[];
  };
}
