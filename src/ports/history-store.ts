/**
 * History store: of each policy, the runs that executed it and when they ended, those that were
 * imported among them. A part of the store (`Store.history`), with the same promise: every
 * write is durable when its promise resolves.
 *
 * Always true: a run that was made for a policy, was started and has ended is in here in the
 * same instant as it is in the history of all runs; of one policy the same run is in here once.
 */
import type { RunProfile } from '../core/model/profile.ts';
import type { Outcome, RunId, Usage } from '../core/model/run.ts';
import type { PolicyRun } from './policy-store.ts';

/** One run of a policy that was started and ended. */
export interface PastRun {
  /** The id of the run; of an imported one what is the same for it in every export. */
  readonly key: string;
  readonly project: string;
  /** Null: the default branch, or not known. */
  readonly branch: string | null;
  /** Of the policy as it was. */
  readonly contentHash: string;
  /** Null: imported, and nobody knows. */
  readonly configHash: string | null;
  /** Null: imported, and nobody knows. */
  readonly cause: 'launch' | 'test-run' | null;
  readonly isImported: boolean;
  readonly startedAtMs: number;
  /** How long it occupied what it ran on: >= 1 */
  readonly durationMs: number;
  /** How long it waited before; null where nobody knows. */
  readonly queuedMs: number | null;
  readonly outcome: Outcome;
  readonly failureReason: string | null;
  /** Summed over its jobs; null where that is not known. */
  readonly jobMs: number | null;
  readonly usage: Usage | null;
  readonly profile: RunProfile | null;
}

export interface PastRunPage {
  /** Newest start first; of equal ones the one recorded last. */
  readonly runs: readonly PastRun[];
  /** Give it back as `before` for the next page; null at the end. */
  readonly next: string | null;
}

export interface ForgetQuery {
  readonly identity: string;
  /** What started before this goes. */
  readonly startedBeforeMs: number;
  /** More than the newest so many are not kept. */
  readonly most: number;
  /** At most so many go at a time, the oldest first. */
  readonly limit: number;
}

/** One call of `add` has no more. */
export const PAST_RUNS_AT_A_TIME = 500;

export interface HistoryStore {
  /** All of them or none; one that is known by its key stays as it is. Returns how many were new. */
  add(identity: string, runs: readonly PastRun[]): Promise<number>;
  /** `limit` 1 to 1000. Profiles are long; who does not ask for them finds null. */
  page(query: {
    readonly identity: string;
    readonly limit: number;
    readonly before: string | null;
    readonly withProfiles: boolean;
  }): Promise<PastRunPage>;
  /** The first identity after this one of which anything is kept; null when there is none. */
  nextIdentity(after: string | null): Promise<string | null>;
  /** Returns how many went. */
  forget(query: ForgetQuery): Promise<number>;
}

/** A run as it ended. */
interface EndedRun {
  readonly id: RunId;
  readonly heldSinceMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly usage: Usage | null;
  readonly profile: RunProfile | null;
}

/** What a run that ended is to the policy it was made for: nothing where it was never started. */
export function pastRunOf(
  origin: PolicyRun,
  run: EndedRun,
): readonly (PastRun & { readonly identity: string })[] {
  const { startedAtMs, profile } = run;
  if (startedAtMs === null) return [];
  const { identity, project, branch, contentHash, configHash, cause } = origin;
  return [
    {
      identity,
      key: run.id,
      project,
      branch,
      contentHash,
      configHash,
      cause,
      isImported: false,
      startedAtMs,
      // Shorter than the clock can tell is still not nothing.
      durationMs: Math.max(1, run.finishedAtMs - startedAtMs),
      queuedMs: Math.max(0, startedAtMs - run.heldSinceMs),
      outcome: run.outcome,
      failureReason: run.reason,
      jobMs: null,
      usage: run.usage,
      profile,
    },
  ];
}
