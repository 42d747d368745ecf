/**
 * Creates runs for policies, held like every other run.
 *
 * Always true: where a run comes from is durable before the run exists; creating the same one
 * again, also after a crash at any step, is answered `exists` and makes no second one.
 */
import type { RunId } from '../../core/model/run.ts';
import type { LaunchTarget } from '../../core/policy/model.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CreateOutcome, NewRun } from '../../ports/engine.ts';
import type { PolicyRun, PolicyRunCause, PolicyStore } from '../../ports/policy-store.ts';
import type { RegisteredPolicy } from './registered-policy.ts';
import { newRunOf } from './run-of-policy.ts';

export interface PolicyRunParts {
  readonly store: PolicyStore;
  readonly clock: Clock;
  readonly engineKind: string;
  /** As for every other run: checked, bounded, all or none. */
  readonly createRuns: (runs: readonly NewRun[], signal: AbortSignal) => Promise<readonly CreateOutcome[]>;
}

/** One that is wanted; see `policyRunId` for the id. */
export interface WantedPolicyRun {
  readonly policy: RegisteredPolicy;
  readonly target: LaunchTarget;
  readonly askedId: RunId;
  readonly cause: PolicyRunCause;
  readonly occurrenceKey: string | null;
}

/** Outcomes in the order asked. @throws CodedError when one of them cannot be executed; then none is created. */
export async function createPolicyRuns(
  parts: PolicyRunParts,
  wanted: readonly WantedPolicyRun[],
  signal: AbortSignal,
): Promise<readonly CreateOutcome[]> {
  const { store, clock, engineKind, createRuns } = parts;
  const runs = wanted.map(({ policy, target, askedId }) => newRunOf(policy, target, askedId, engineKind));
  await store.addRuns(wanted.map((one) => originOf(one, clock.nowMs())));
  const outcomes = await createRuns(runs, signal);
  const made = outcomes.flatMap((outcome, place) => {
    const askedId = wanted[place]?.askedId;
    const isThere = outcome.kind === 'created' || outcome.kind === 'exists';
    return isThere && askedId !== undefined ? [{ askedId, runId: outcome.id }] : [];
  });
  await store.nameRuns(made);
  return outcomes;
}

function originOf(
  { policy, target, askedId, cause, occurrenceKey }: WantedPolicyRun,
  nowMs: number,
): PolicyRun {
  return {
    askedId,
    runId: null,
    identity: policy.identity,
    policyName: policy.policy.name,
    contentHash: policy.contentHash,
    configHash: policy.configHash,
    project: target.project,
    branch: target.branch,
    cause,
    occurrenceKey,
    createdAtMs: nowMs,
  };
}
