/**
 * What the files in a run's folder hold. Written by one process and read by others,
 * perhaps of a later version: fields are added, never given another meaning.
 */
import type { Outcome, Requests, Usage } from '../../../core/model/run.ts';

/** First line of run.jsonl: what never changes about a run. */
export interface RunFacts {
  readonly id: string;
  readonly project: string;
  readonly tenant: string;
  readonly priority: string;
  readonly requests: Requests;
  readonly contentHash: string;
  /** Of everything that was asked for: tells a retried creation from a different run. */
  readonly requestHash: string;
  readonly timeoutMs: number | null;
  readonly heldSinceMs: number;
}

/** Who supervises an attempt. `birth` tells this process from a later one with the same pid. */
export interface SupervisorRecord {
  readonly pid: number;
  readonly birth: string;
  readonly startedAtMs: number;
}

export interface CancelRecord {
  readonly reason: string;
  readonly atMs: number;
}

export interface OutcomeRecord {
  /** Since `startedAtMs`; older records have none. */
  readonly tasks?: readonly TaskTimes[];
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly usage: Usage | null;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number;
}

export interface TaskTimes {
  readonly task: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a supervisor is told, in a file: a command line can be read by every user of the machine. */
export interface SupervisorOrder {
  readonly folder: string;
  readonly id: string;
  readonly token: string;
  readonly deadlineMs: number;
  readonly graceMs: number;
  readonly logLimitBytes: number;
  /** Of the machine, as far as steps may see it. */
  readonly env: Readonly<Record<string, string>>;
}

/** The environment variable that every process of a run carries. */
export const TOKEN_VARIABLE = 'PENSTOCK_RUN_TOKEN';
