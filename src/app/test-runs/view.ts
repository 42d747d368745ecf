/** What is told of a test run. Instants and lengths are milliseconds. */

import type { RunId } from '../../core/model/run.ts';
import { type TestRunResources, type TestRunState, verdictOf } from '../../core/model/test-run.ts';
import type { TestRun } from '../../ports/test-run-store.ts';

export interface TestRunView {
  readonly id: string;
  /** Its name when the test run was asked for. */
  readonly policy: string;
  readonly identity: string;
  /** The policy as it was. */
  readonly contentHash: string;
  readonly configHash: string;
  readonly project: string;
  /** Null: the default branch. */
  readonly branch: string | null;
  readonly askedBy: string;
  readonly askedAtMs: number;
  readonly state: TestRunState;
  /** Null while it says nothing about the policy, and for ends that never do. */
  readonly verdict: 'success' | 'failure' | null;
  /** Its end was ordered and has not come yet. */
  readonly ending: boolean;
  readonly runId: RunId | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** From when it was asked for to when its run began. */
  readonly queuedMs: number | null;
  /** From when its run began to when it ended. */
  readonly durationMs: number | null;
  readonly reason: string | null;
  readonly resources: TestRunResources;
}

export interface TestRunsView {
  readonly testRuns: readonly TestRunView[];
  readonly next: string | null;
}

export function viewOf(testRun: TestRun): TestRunView {
  const { policyName, askedId: _, ending, ...rest } = testRun;
  const { startedAtMs, endedAtMs, askedAtMs, state } = testRun;
  return {
    ...rest,
    policy: policyName,
    verdict: verdictOf(state),
    ending: ending !== null && endedAtMs === null,
    queuedMs: startedAtMs === null ? null : Math.max(0, startedAtMs - askedAtMs),
    durationMs: startedAtMs === null || endedAtMs === null ? null : Math.max(0, endedAtMs - startedAtMs),
  };
}
