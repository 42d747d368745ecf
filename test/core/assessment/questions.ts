/** Questions to assess: a small policy, with whatever a test wants different. */
import type { AssessmentQuestion, PolicySample } from '../../../src/core/assessment/question.ts';
import type { Policy } from '../../../src/core/policy/model.ts';
import { firstOccurrences } from '../../../src/core/schedule/recurrence.ts';
import { GITLAB_POLICY, OWN_POLICY } from '../policy/policies.ts';

export const NOW_MS = Date.UTC(2026, 2, 2, 12);
export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;

/** Daily at 01:00 UTC, over two hours. */
export function aPolicy(more: Partial<Policy> = {}): Policy {
  const base = more.format === 'gitlab' ? GITLAB_POLICY : OWN_POLICY;
  return { ...base, schedule: { ...base.schedule, startMinute: 60 }, ...more };
}

export function aQuestion(
  more: Partial<AssessmentQuestion> & { readonly projects?: number; readonly runners?: number } = {},
): AssessmentQuestion {
  const { projects = 50, runners = 5, ...rest } = more;
  const policy = rest.policy ?? aPolicy();
  const [occurrence] = firstOccurrences(policy.schedule, NOW_MS, 1);
  if (occurrence === undefined) throw new Error('the policy has no occurrence');
  return {
    nowMs: NOW_MS,
    policy,
    contentHash: 'content',
    identity: null,
    occurrence,
    targets: Array.from({ length: projects }, (_, place) => ({
      project: `p${place}`,
      branch: null,
      tenant: `t${place % 3}`,
    })),
    outOfScope: [],
    scopeUnknown: [],
    samples: [],
    guess: { p50Ms: 7 * MINUTE_MS, p90Ms: 15 * MINUTE_MS },
    first: { p50Ms: 3 * MINUTE_MS, p90Ms: 30 * MINUTE_MS },
    rules: {
      pools: [{ name: 'runs', size: runners, otherUse: 0, paused: false, doubt: null }],
      priorities: [{ name: 'normal', patienceMs: null }],
      tenants: [],
      maxGrants: 4,
    },
    isCapacityKnown: true,
    timeoutMs: null,
    queue: null,
    others: [],
    week: null,
    criteria: { maxPeak: null, finishByMs: null, maxTimeouts: null },
    replications: 60,
    seed: 1,
    ...rest,
  };
}

export function aSample(project: string, durationMs: number, more: Partial<PolicySample> = {}): PolicySample {
  return {
    project,
    tenant: 't0',
    contentHash: 'content',
    startedAtMs: NOW_MS - 24 * HOUR_MS,
    durationMs,
    outcome: 'succeeded',
    cause: null,
    jobMs: null,
    usage: null,
    profile: null,
    ...more,
  };
}
