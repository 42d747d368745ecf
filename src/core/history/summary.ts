/**
 * The history of a policy in figures: all of it, by why a run was made, by content, by project
 * and over time.
 *
 * Always true: every run is counted in exactly one cause, content, project and period; those
 * cancelled are neither successes nor failures, and teach no duration.
 */
import type { Outcome } from '../model/run.ts';
import { quantile } from '../stats/quantile.ts';
import { shareInterval } from '../stats/share.ts';

/** What is counted of one run. */
export interface CountedRun {
  readonly project: string;
  readonly contentHash: string;
  readonly cause: 'launch' | 'test-run' | null;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
}

export interface HistoryFigures {
  readonly runs: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /**
   * Succeeded ones among those that succeeded, failed or timed out, with a 95 % interval
   * (Wilson); null where there is none of these.
   */
  readonly successRate: { readonly share: number; readonly low: number; readonly high: number } | null;
  /** Of those that were not cancelled; null where there is none. */
  readonly durationMs: {
    readonly p10: number;
    readonly p50: number;
    readonly p90: number;
    readonly max: number;
  } | null;
}

export const HISTORY_PERIODS = ['day', 'week'] as const;
export type HistoryPeriod = (typeof HISTORY_PERIODS)[number];

export interface HistorySummary {
  readonly all: HistoryFigures;
  /** Launches of the schedule, and on order. */
  readonly launches: HistoryFigures;
  readonly testRuns: HistoryFigures;
  /** Imported, and nobody knows what they were. */
  readonly unknownCause: HistoryFigures;
  /** The newest first. */
  readonly contents: readonly (HistoryFigures & {
    readonly contentHash: string;
    readonly isPresent: boolean;
    readonly firstStartedAtMs: number;
    readonly lastStartedAtMs: number;
  })[];
  /** Those with most runs first, at most `PROJECTS_MAX`. */
  readonly projects: readonly (HistoryFigures & { readonly project: string })[];
  readonly projectsLeftOut: number;
  /** Days or weeks from Monday, of UTC, that have runs; the newest first, at most `PERIODS_MAX`. */
  readonly periods: readonly (HistoryFigures & { readonly fromMs: number; readonly toMs: number })[];
  readonly periodsLeftOut: number;
}

export const PROJECTS_MAX = 1_000;
export const PERIODS_MAX = 400;

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** The first Monday of the epoch, 5 January 1970. */
const MONDAY_MS = 4 * DAY_MS;

/** @param presentContent hash of what the policy would execute now; null: it is deleted */
export function historySummary(
  runs: readonly CountedRun[],
  presentContent: string | null,
  period: HistoryPeriod,
): HistorySummary {
  const ofCause = (cause: CountedRun['cause']) => figuresOf(runs.filter((run) => run.cause === cause));
  const projects = [...grouped(runs, ({ project }) => project)].sort(
    ([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1),
  );
  const periods = [...grouped(runs, ({ startedAtMs }) => beginOf(startedAtMs, period))].sort(
    ([a], [b]) => b - a,
  );
  const lengthMs = period === 'day' ? DAY_MS : WEEK_MS;
  return {
    all: figuresOf(runs),
    launches: ofCause('launch'),
    testRuns: ofCause('test-run'),
    unknownCause: ofCause(null),
    contents: contentsOf(runs, presentContent),
    projects: projects.slice(0, PROJECTS_MAX).map(([project, some]) => ({ project, ...figuresOf(some) })),
    projectsLeftOut: Math.max(0, projects.length - PROJECTS_MAX),
    periods: periods
      .slice(0, PERIODS_MAX)
      .map(([fromMs, some]) => ({ fromMs, toMs: fromMs + lengthMs, ...figuresOf(some) })),
    periodsLeftOut: Math.max(0, periods.length - PERIODS_MAX),
  };
}

function contentsOf(runs: readonly CountedRun[], presentContent: string | null): HistorySummary['contents'] {
  return [...grouped(runs, ({ contentHash }) => contentHash)]
    .map(([contentHash, some]) => {
      const starts = some.map(({ startedAtMs }) => startedAtMs);
      return {
        contentHash,
        isPresent: contentHash === presentContent,
        firstStartedAtMs: starts.reduce((a, b) => Math.min(a, b)),
        lastStartedAtMs: starts.reduce((a, b) => Math.max(a, b)),
        ...figuresOf(some),
      };
    })
    .sort((a, b) => b.lastStartedAtMs - a.lastStartedAtMs || (a.contentHash < b.contentHash ? -1 : 1))
    .slice(0, CONTENTS_MAX);
}

/** A policy that is edited daily, in two years. */
const CONTENTS_MAX = 500;

function grouped<Key>(
  runs: readonly CountedRun[],
  keyOf: (run: CountedRun) => Key,
): ReadonlyMap<Key, readonly CountedRun[]> {
  const groups = new Map<Key, CountedRun[]>();
  for (const run of runs) {
    const key = keyOf(run);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return groups;
}

function beginOf(atMs: number, period: HistoryPeriod): number {
  if (period === 'day') return Math.floor(atMs / DAY_MS) * DAY_MS;
  return Math.floor((atMs - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;
}

function figuresOf(runs: readonly CountedRun[]): HistoryFigures {
  const outcomes = { succeeded: 0, failed: 0, 'timed-out': 0, cancelled: 0 };
  for (const { outcome } of runs) outcomes[outcome] += 1;
  const judged = runs.length - outcomes.cancelled;
  const durations = Float64Array.from(
    runs.filter(({ outcome }) => outcome !== 'cancelled').map(({ durationMs }) => durationMs),
  ).sort();
  return {
    runs: runs.length,
    outcomes,
    successRate:
      judged === 0
        ? null
        : { share: outcomes.succeeded / judged, ...shareInterval(outcomes.succeeded, judged) },
    durationMs:
      judged === 0
        ? null
        : {
            p10: quantile(durations, 0.1),
            p50: quantile(durations, 0.5),
            p90: quantile(durations, 0.9),
            max: durations.at(-1) as number,
          },
  };
}
