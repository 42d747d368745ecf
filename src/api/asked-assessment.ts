/** A request for an assessment, read: the document, the projects, the history in it. */
import type { z } from 'zod';
import type { AssessmentRequest } from '../app/assessments/assess-policy.ts';
import { scopeToAssess, tenantIn } from '../core/assessment/scope.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import type { Policy } from '../core/policy/model.ts';
import { policySamples } from '../documents/history/policy-samples.ts';
import { readHistory } from '../documents/history/read-history.ts';
import { contentHash } from '../documents/policy/hashes.ts';
import { readPolicies } from '../documents/policy/read-policies.ts';
import { projectsOf } from '../documents/project-list.ts';
import type { AssessmentBody, AssessmentOptions } from './contract/assessment.ts';

/** @throws CodedError */
export async function askedAssessment(
  body: z.output<typeof AssessmentBody>,
  nowMs: number,
): Promise<AssessmentRequest> {
  const { document, policy: name, projects, ...options } = body;
  const policy = policyIn(document, name, nowMs);
  const candidates = typeof projects === 'number' ? projects : projectsOf(projects, 'projects');
  const about = { policy, contentHash: contentHash(policy, null), identity: null, candidates, others: [] };
  return assessmentOf(about, options, nowMs);
}

/** The same of a policy that is known already. @throws CodedError */
export async function assessmentOf(
  of: Pick<AssessmentRequest, 'policy' | 'contentHash' | 'identity' | 'candidates' | 'others'>,
  options: z.output<typeof AssessmentOptions>,
  nowMs: number,
): Promise<AssessmentRequest> {
  const { history, duration = null, finishBy = null } = options;
  if (duration !== null && duration.p90Ms < duration.p50Ms) {
    throw new CodedError('request-invalid', 'duration.p90Ms: must not be less than duration.p50Ms.', {
      field: 'duration.p90Ms',
    });
  }
  const read =
    history === undefined ? null : await readHistory(history.split('\n'), { label: 'history', nowMs });
  const scope = scopeToAssess(of.policy, of.candidates, []);
  const ids = new Map([...scope.candidates.values()].map(({ gitlab, project }) => [gitlab.id, project]));
  return {
    ...of,
    branches: options.branches ?? null,
    samples: policySamples(read?.samples ?? [], {
      contentHash: of.contentHash,
      nowMs,
      tenantOf: (project) => tenantIn(scope, project),
      nameOfId: (id) => ids.get(id) ?? null,
    }),
    guess: duration,
    sizes: options.pools ?? {},
    timeoutMs: options.timeoutMs ?? null,
    nth: options.occurrence,
    criteria: { maxPeak: options.maxPeak ?? null, maxTimeouts: options.maxTimeouts ?? null },
    finishBy: finishByOf(finishBy),
    scenarios: options.whatIf,
    withQueue: options.withQueue,
    replications: options.replications,
    seed: options.seed,
  };
}

function finishByOf(text: string | number | null): AssessmentRequest['finishBy'] {
  if (text === null) return null;
  if (typeof text === 'number') return { atMs: text };
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return { minute: 60 * hours + minutes };
}

function policyIn(document: string, name: string | undefined, nowMs: number): Policy {
  const { policies, problems } = readPolicies(document, nowMs);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error !== undefined) {
    const place = error.place === null ? '' : `:${error.place.line}:${error.place.column}`;
    throw new CodedError('policy-invalid', `document${place}: ${error.message}`, { field: 'document' });
  }
  const names = policies.map(({ policy }) => policy.name);
  const [only] = policies;
  if (name === undefined && only !== undefined && policies.length === 1) return only.policy;
  const found = policies.find(({ policy }) => policy.name === name);
  if (found !== undefined) return found.policy;
  const known = names
    .slice(0, 10)
    .map((one) => JSON.stringify(one))
    .join(', ');
  throw new CodedError(
    'policy-unknown',
    `policy: choose one of the document, which has ${known || 'no scheduled policy'}.`,
    { field: 'policy' },
  );
}
