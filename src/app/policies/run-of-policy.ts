/**
 * A run made for a policy: what it executes, and the id it is asked for under. Launches and
 * test runs are made of the same parts.
 *
 * Always true: an id follows from what the run is for and from nothing else, so that asking
 * for it again, also by another process, means the same run.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { type RunId, runId } from '../../core/model/run.ts';
import type { LaunchTarget, Params, Policy } from '../../core/policy/model.ts';
import type { NewRun } from '../../ports/engine.ts';
import type { RegisteredPolicy } from './registered-policy.ts';

/** SHA-256 of a text, in hex: the app itself has no function for it. */
export type Digest = (text: string) => string;

const DIGEST_DIGITS = 16;
const PROJECT_LENGTH_MAX = 40;

/** At most 57 characters, of those that every engine takes. `purpose` is unique to the run: a launch's key, a test run's id. */
export function policyRunId(digest: Digest, project: string, purpose: readonly string[]): RunId {
  const words = project
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, PROJECT_LENGTH_MAX)
    .replaceAll(/^-+|-+$/g, '');
  const unique = digest(JSON.stringify(purpose)).slice(0, DIGEST_DIGITS);
  return runId(words === '' ? unique : `${words}-${unique}`);
}

/**
 * Tenant and priority are left empty where the policy says nothing: they are filled in where new runs are checked.
 * @throws CodedError policy-not-executable
 */
export function newRunOf(
  { policy, runContent }: Pick<RegisteredPolicy, 'policy' | 'runContent'>,
  { project, branch }: LaunchTarget,
  id: RunId,
  engineKind: string,
): NewRun {
  const refusal = notLaunched(policy, engineKind);
  if (refusal !== null || policy.content.kind === 'gitlab-include') {
    throw new CodedError('policy-not-executable', `Policy "${policy.name}" ${refusal}.`);
  }
  if (runContent === null) {
    throw new CodedError(
      'policy-not-executable',
      `Policy "${policy.name}" has no Pipeline: what its content names could not be read.`,
    );
  }
  return {
    id,
    project,
    tenant: '',
    priority: policy.priority ?? '',
    requests: policy.requests,
    content: runContent,
    params: filledIn(policy.content.params, { project, branch }),
    timeoutMs: policy.timeoutMs,
  };
}

/** Why the engine executes nothing of this policy, to go on after its name; null where it does. */
export function notLaunched({ content }: Policy, engineKind: string): string | null {
  if (content.kind === 'gitlab-include' && engineKind !== 'gitlab') {
    return `is executed by the GitLab engine, and this is the engine "${engineKind}"`;
  }
  if (content.kind === 'pipeline-reference' && engineKind === 'local') {
    return 'names a Pipeline by pipelineRef, and the engine "local" knows none by name; use pipelineFile or pipelineSpec';
  }
  return null;
}

/** `$(launch.project)` and `$(launch.branch)` in a value; the latter is empty for the default branch. */
function filledIn(params: Params, { project, branch }: LaunchTarget): Params {
  const entries = Object.entries(params).map(([name, value]): [string, string] => [
    name,
    value.replaceAll('$(launch.project)', () => project).replaceAll('$(launch.branch)', () => branch ?? ''),
  ]);
  return Object.fromEntries(entries);
}
