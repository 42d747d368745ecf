/**
 * What a test run is: one real run of a policy on one project, asked for by an owner of it.
 *
 * Always true: a state only moves forward, from `waiting` to `running` to one of the ends.
 * An end never changes.
 */
import type { Outcome } from './run.ts';

/**
 * How it can end, besides as its run does. `skipped`: it never ran and never will. The given-up
 * ones: it did not begin, or did not end, within the time there is for that.
 */
export const TEST_RUN_ENDS = [
  'succeeded',
  'failed',
  'timed-out',
  'cancelled',
  'skipped',
  'given-up-waiting',
  'given-up-running',
] as const;
export type TestRunEnd = (typeof TEST_RUN_ENDS)[number];

export const TEST_RUN_STATES = ['waiting', 'running', ...TEST_RUN_ENDS] as const;
export type TestRunState = (typeof TEST_RUN_STATES)[number];

export function isEnd(state: TestRunState): state is TestRunEnd {
  return state !== 'waiting' && state !== 'running';
}

/** Whether the policy works; null where a test run says nothing about that. */
export function verdictOf(state: TestRunState): 'success' | 'failure' | null {
  if (state === 'succeeded') return 'success';
  return state === 'failed' || state === 'timed-out' || state === 'given-up-running' ? 'failure' : null;
}

/** Why Penstock itself ends its run; what it is then called, unless the run ended by itself before. */
export type EndingReason = 'cancelled' | 'given-up-waiting' | 'given-up-running';

/** What the run used; null where nothing measured it. */
export interface TestRunResources {
  readonly cpuSeconds: number | null;
  readonly peakMemoryBytes: number | null;
  /** Sum over its tasks of how long each ran. */
  readonly jobSeconds: number | null;
  readonly artifactBytes: number | null;
}

export const NOTHING_MEASURED: TestRunResources = {
  cpuSeconds: null,
  peakMemoryBytes: null,
  jobSeconds: null,
  artifactBytes: null,
};

/** The states a finished run is in are ends of a test run, too. */
export function endOf(outcome: Outcome, ending: EndingReason | null): TestRunEnd {
  return outcome === 'cancelled' && ending !== null ? ending : outcome;
}
