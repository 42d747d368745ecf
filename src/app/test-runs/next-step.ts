/**
 * What is to be done next about one test run, from what is known of it and of its run.
 *
 * Always true: pure. Every test run ends: what does not begin or end in time is ended, and what
 * cannot be ended is given up, each with a reason that says so.
 */
import { endOf, NOTHING_MEASURED, type TestRunResources } from '../../core/model/test-run.ts';
import type { Ending, TestRun } from '../../ports/test-run-store.ts';
import { sayDuration } from '../queries/say-when.ts';
import type { RunDetail } from '../views.ts';

export interface TestRunLimits {
  /** From when it was asked for to when its run begins. */
  readonly waitMs: number;
  /** From when its run began to when it ends. */
  readonly runMs: number;
}

export type Step =
  | { readonly kind: 'wait' }
  /** Its run has not been made yet, as far as is known. */
  | { readonly kind: 'create' }
  | { readonly kind: 'write'; readonly testRun: TestRun }
  | { readonly kind: 'order-end'; readonly ending: Ending }
  /** Its end was ordered: its run has to end. */
  | { readonly kind: 'cancel-run'; readonly reason: string };

export interface Known {
  readonly testRun: TestRun;
  /** Null where it is not there, or not any more. */
  readonly run: RunDetail | null;
  /** Since when a run that was made is not to be found; null while it is. */
  readonly missingSinceMs: number | null;
  readonly nowMs: number;
}

/** A run may be on its way from the engine to history, or an engine may show it late. */
const MISSING_FOR_MS = 60_000;
/** After that an engine that does not end a run is not waited for. */
const ENDING_WITHIN_MS = 10 * 60_000;

const WAIT: Step = { kind: 'wait' };

export function nextStep(known: Known, limits: TestRunLimits): Step {
  const { testRun, run, nowMs } = known;
  if (testRun.endedAtMs !== null) return WAIT;
  if (run !== null && run.outcome !== null) return written(finished(known, run, limits));
  const { ending } = testRun;
  if (ending !== null && nowMs - ending.sinceMs >= ENDING_WITHIN_MS) {
    const doubt = run === null ? '' : '; its run could not be ended and may still be there';
    return written(ended(testRun, ending.kind, `${reasonOf(ending, limits)}${doubt}`, nowMs));
  }
  if (run === null) return withoutRun(known, limits);
  const seen: TestRun = {
    ...testRun,
    runId: run.id,
    state: run.state === 'running' ? 'running' : testRun.state,
    startedAtMs: run.startedAtMs ?? testRun.startedAtMs,
  };
  if (hasChanged(testRun, seen)) return written(seen);
  if (ending !== null) return { kind: 'cancel-run', reason: reasonOf(ending, limits) };
  return overdue(seen, nowMs, limits) ?? WAIT;
}

function withoutRun({ testRun, missingSinceMs, nowMs }: Known, limits: TestRunLimits): Step {
  const { ending, runId } = testRun;
  if (runId === null) {
    if (ending === null) return { kind: 'create' };
    return written(ended(testRun, ending.kind, reasonOf(ending, limits), nowMs));
  }
  if (missingSinceMs === null || nowMs - missingSinceMs < MISSING_FOR_MS) return WAIT;
  if (ending !== null) return written(ended(testRun, ending.kind, reasonOf(ending, limits), nowMs));
  const end = testRun.startedAtMs === null ? 'skipped' : 'cancelled';
  return written(ended(testRun, end, 'its run is not there any more: somebody deleted it', nowMs));
}

function overdue(testRun: TestRun, nowMs: number, { waitMs, runMs }: TestRunLimits): Step | null {
  const { startedAtMs, askedAtMs } = testRun;
  const order = (kind: Ending['kind']): Step => {
    return { kind: 'order-end', ending: { kind, by: 'Penstock', sinceMs: nowMs } };
  };
  if (startedAtMs === null) return nowMs - askedAtMs >= waitMs ? order('given-up-waiting') : null;
  return nowMs - startedAtMs >= runMs ? order('given-up-running') : null;
}

/** As it ended. A run that ended by itself before Penstock could end it counts as that. */
function finished({ testRun, nowMs }: Known, run: RunDetail, limits: TestRunLimits): TestRun {
  const { outcome, startedAtMs, outcomeReason } = run;
  const kind = endOf(outcome ?? 'cancelled', testRun.ending?.kind ?? null);
  const isOrdered = testRun.ending !== null && kind === testRun.ending.kind;
  return {
    ...ended(testRun, kind, isOrdered ? reasonOf(testRun.ending, limits) : outcomeReason, nowMs),
    runId: run.id,
    startedAtMs,
    endedAtMs: run.finishedAtMs ?? nowMs,
    resources: resourcesOf(run),
  };
}

function ended(testRun: TestRun, state: TestRun['state'], reason: string | null, nowMs: number): TestRun {
  return { ...testRun, state, reason, endedAtMs: nowMs };
}

function reasonOf({ kind, by }: Ending, limits: TestRunLimits): string {
  switch (kind) {
    case 'cancelled':
      return `cancelled by ${by}`;
    case 'given-up-waiting':
      return `given up: its run did not start within ${sayDuration(limits.waitMs)}`;
    case 'given-up-running':
      return `given up: its run did not end within ${sayDuration(limits.runMs)}`;
  }
}

function resourcesOf({ usage, profile }: RunDetail): TestRunResources {
  const isWhole = profile !== null && profile.tasksLeftOut === 0 && profile.tasks.length > 0;
  const ranMs = isWhole ? profile.tasks.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0) : null;
  return {
    ...NOTHING_MEASURED,
    cpuSeconds: usage?.cpuSeconds ?? null,
    peakMemoryBytes: usage?.peakMemoryBytes ?? null,
    jobSeconds: ranMs === null ? null : ranMs / 1000,
  };
}

function hasChanged(before: TestRun, now: TestRun): boolean {
  return before.state !== now.state || before.runId !== now.runId || before.startedAtMs !== now.startedAtMs;
}

function written(testRun: TestRun): Step {
  return { kind: 'write', testRun };
}
