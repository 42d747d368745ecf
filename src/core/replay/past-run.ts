/**
 * Finished runs as a replay uses them, whoever held and started them: which of a history
 * belong to a window, what each did in it, and how long it took.
 *
 * Always true: pure. What cannot be replayed is left out and counted, never guessed away.
 */
import type { Series } from '../duration/model.ts';
import type { Outcome, Requests, RunId } from '../model/run.ts';

export interface PastRun extends Series {
  readonly id: RunId;
  readonly priority: string;
  readonly requests: Requests;
  readonly timeoutMs: number | null;
  readonly heldSinceMs: number;
  /** Null for a run that ended before it started. */
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number;
  readonly outcome: Outcome;
}

/** From `fromMs` until before `toMs`. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Start and end, in milliseconds since the epoch. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export type Spans = ReadonlyMap<RunId, Span>;

export interface ChosenRuns {
  /** By held since, then id. */
  readonly runs: readonly PastRun[];
  readonly leftOut: {
    /** Cancelled while they waited: nobody knows how long they would have taken. */
    readonly cancelledWaiting: number;
    /** Failed without having started, for example because their specification was refused. */
    readonly failedUnstarted: number;
  };
}

/** Those that waited or ran within the window. */
export function chooseRuns(past: readonly PastRun[], { fromMs, toMs }: TimeWindow): ChosenRuns {
  const runs: PastRun[] = [];
  const leftOut = { cancelledWaiting: 0, failedUnstarted: 0 };
  for (const run of past) {
    if (run.heldSinceMs >= toMs || run.finishedAtMs <= fromMs) continue;
    if (run.startedAtMs !== null || run.outcome === 'timed-out') runs.push(run);
    else if (run.outcome === 'cancelled') leftOut.cancelledWaiting += 1;
    else leftOut.failedUnstarted += 1;
  }
  runs.sort((a, b) => a.heldSinceMs - b.heldSinceMs || (a.id < b.id ? -1 : 1));
  return { runs, leftOut };
}

/** What really happened; without the runs that never started. */
export function realSpans(runs: readonly PastRun[]): Spans {
  const spans = new Map<RunId, Span>();
  for (const run of runs) {
    const { id, startedAtMs } = run;
    if (startedAtMs !== null) spans.set(id, { startMs: startedAtMs, endMs: startedAtMs + measuredMs(run) });
  }
  return spans;
}

/** How long it occupied its pools, at least a millisecond. */
export function measuredMs({ startedAtMs, finishedAtMs }: PastRun): number {
  return startedAtMs === null ? 1 : Math.max(1, finishedAtMs - startedAtMs);
}
