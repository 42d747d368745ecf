/** What is shown of occurrences and launches. */
import type {
  LaunchCount,
  LaunchOutcome,
  LaunchRecord,
  LaunchState,
  OccurrenceRecord,
  OccurrenceVerdict,
} from '../../ports/launch-store.ts';

export interface OccurrenceView {
  readonly key: string;
  readonly cause: 'schedule' | 'order';
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly spread: 'random' | 'even' | 'paced';
  readonly verdict: OccurrenceVerdict;
  readonly reason: string | null;
  readonly askedBy: string | null;
  readonly createdAtMs: number;
  /** How many there are in each state and, of those launched, with each outcome; zeros are left out. */
  readonly launches: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface OccurrencesView {
  readonly occurrences: readonly OccurrenceView[];
  /** Give it back as `after` for the next page; null at the end. */
  readonly next: string | null;
}

export interface LaunchView {
  readonly project: string;
  readonly branch: string | null;
  readonly atMs: number;
  readonly state: LaunchState;
  /** Why; null where that needs no word. */
  readonly reason: string | null;
  readonly runId: string | null;
  readonly launchedAtMs: number | null;
  /** Of its run; null until that has ended. */
  readonly outcome: LaunchOutcome | null;
  readonly endedAtMs: number | null;
}

export interface LaunchesView {
  readonly occurrence: OccurrenceView;
  readonly launches: readonly LaunchView[];
  readonly next: string | null;
}

export function occurrenceView(record: OccurrenceRecord, counts: readonly LaunchCount[]): OccurrenceView {
  const { key, cause, startsAtMs, windowMs, spread, verdict, reason, askedBy, createdAtMs } = record;
  const own = counts.filter(({ occurrenceKey }) => occurrenceKey === key);
  return {
    key,
    cause,
    startsAtMs,
    endsAtMs: startsAtMs + windowMs,
    spread,
    verdict,
    reason,
    askedBy,
    createdAtMs,
    launches: sums(own.map(({ state, count }) => [state, count])),
    outcomes: sums(own.flatMap(({ outcome, count }) => (outcome === null ? [] : [[outcome, count]]))),
  };
}

function sums(pairs: readonly (readonly [string, number])[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [name, count] of pairs) found[name] = (found[name] ?? 0) + count;
  return found;
}

export function launchView(record: LaunchRecord): LaunchView {
  const { project, branch, atMs, state, reason, runId, launchedAtMs, outcome, endedAtMs } = record;
  return { project, branch, atMs, state, reason, runId, launchedAtMs, outcome, endedAtMs };
}
