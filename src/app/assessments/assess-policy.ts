/**
 * An assessment on a server: the same question as from files, with the pools, the queue and
 * the history that are here, computed by workers.
 *
 * Always true: asking changes nothing; what cannot be assessed is refused before any work.
 */

import { type Beside, refuseNonsense } from '../../core/assessment/assess.ts';
import { assessmentRows } from '../../core/assessment/assessment-job.ts';
import { firstSuchTimeMs } from '../../core/assessment/finish-by.ts';
import { occurrenceToAssess } from '../../core/assessment/occurrence.ts';
import { otherLaunches } from '../../core/assessment/others.ts';
import type { AssessmentQuestion, Criteria, PolicySample } from '../../core/assessment/question.ts';
import type { Assessment } from '../../core/assessment/report.ts';
import { scopeOfOther, scopeToAssess, targetsToAssess, withBranches } from '../../core/assessment/scope.ts';
import { CodedError } from '../../core/errors/catalogue.ts';
import type { Estimate, RunId } from '../../core/model/run.ts';
import type { Pool } from '../../core/model/snapshot.ts';
import type { Policy } from '../../core/policy/model.ts';
import type { ScopeCandidate } from '../../core/policy/scope.ts';
import type { Occurrence } from '../../core/schedule/recurrence.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PolicyRun } from '../../ports/policy-store.ts';
import type { Store } from '../../ports/store.ts';
import type { Workers } from '../../ports/workers.ts';
import type { Picture } from '../queries/picture.ts';
import type { AdmissionSettings } from '../settings.ts';

export interface AssessmentRequest {
  readonly policy: Policy;
  readonly contentHash: string;
  /** Of a registered one; null: not known here, so that moments are drawn. */
  readonly identity: string | null;
  readonly candidates: number | readonly ScopeCandidate[];
  /** Other policies that act. */
  readonly others: readonly { readonly policy: Policy; readonly contentHash: string }[];
  /** Null: as the policy says. */
  readonly branches: number | null;
  /** Beside what this installation has measured of the content. */
  readonly samples: readonly PolicySample[];
  readonly guess: Estimate | null;
  /** Over the sizes that there are. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly timeoutMs: number | null;
  readonly nth: number;
  readonly criteria: Omit<Criteria, 'finishByMs'>;
  /** A minute of the day, an instant, or null. */
  readonly finishBy: { readonly minute: number } | { readonly atMs: number } | null;
  readonly scenarios: NonNullable<Beside['scenarios']>;
  /** Whether what waits and runs now is simulated along. */
  readonly withQueue: boolean;
  readonly replications: number;
  readonly seed: number;
}

export interface AssessmentParts {
  readonly picture: Picture;
  readonly store: Pick<Store, 'samples' | 'policies'>;
  readonly clock: Clock;
  readonly workers: Workers;
  readonly settings: Pick<AdmissionSettings, 'firstEstimate'>;
}

/** Of this installation's history: enough for every project of a large policy. */
const SAMPLES = { perSeries: 20, limit: 20_000 };

/** @throws CodedError */
export async function assessPolicy(
  parts: AssessmentParts,
  request: AssessmentRequest,
  signal: AbortSignal,
): Promise<Assessment> {
  const question = await questionOf(parts, request);
  const { scenarios } = request;
  refuseNonsense(question, scenarios);
  signal.throwIfAborted();
  const head = { question: { ...question, targets: [], samples: [] }, scenarios };
  const job = parts.workers.open('assessment', { head, rows: assessmentRows(question) });
  const stop = (): void => job.close();
  signal.addEventListener('abort', stop);
  try {
    return await job.ask(null);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    job.close();
  }
}

async function questionOf(
  { picture, store, clock, settings }: AssessmentParts,
  request: AssessmentRequest,
): Promise<AssessmentQuestion> {
  const { contentHash, identity, criteria, withQueue } = request;
  const policy = withBranches(request.policy, request.branches);
  const nowMs = clock.nowMs();
  const samples = [...(await measuredHere(store, { identity, contentHash })), ...request.samples];
  const seen = samples.map(({ project }) => project);
  const scope = scopeToAssess(policy, request.candidates, seen);
  const occurrence = occurrenceToAssess(policy, nowMs, request.nth);
  const { priorities, tenants, maxGrants, held, active } = picture.snapshot;
  const rules = { pools: poolsWith(request.sizes, picture.snapshot.pools), priorities, tenants, maxGrants };
  return {
    nowMs,
    policy,
    contentHash,
    identity,
    occurrence,
    targets: targetsToAssess(policy, scope),
    outOfScope: scope.out,
    scopeUnknown: scope.unknown,
    samples,
    guess: request.guess,
    first: settings.firstEstimate,
    rules,
    isCapacityKnown: true,
    timeoutMs: request.timeoutMs ?? policy.timeoutMs,
    queue: withQueue ? { held, active } : null,
    others: request.others.flatMap((other) => {
      const targets = targetsToAssess(other.policy, scopeOfOther(other.policy, scope));
      return otherLaunches({ ...other, targets }, policy, { occurrence, rules });
    }),
    criteria: { ...criteria, finishByMs: finishByMs(request.finishBy, policy, occurrence) },
    replications: request.replications,
    seed: request.seed,
  };
}

function finishByMs(
  finishBy: AssessmentRequest['finishBy'],
  { schedule }: Policy,
  occurrence: Occurrence,
): number | null {
  if (finishBy === null) return null;
  return 'atMs' in finishBy ? finishBy.atMs : firstSuchTimeMs(schedule.timeZone, finishBy.minute, occurrence);
}

/** Runs of the policy, and those that executed the same without it. */
async function measuredHere(
  store: AssessmentParts['store'],
  { identity, contentHash }: Pick<AssessmentRequest, 'identity' | 'contentHash'>,
): Promise<readonly PolicySample[]> {
  const samples = await store.samples(SAMPLES);
  const ofPolicies = new Map<RunId, PolicyRun>();
  for (let from = 0; identity !== null && from < samples.length; from += RUNS_PER_QUESTION) {
    const runIds = samples.slice(from, from + RUNS_PER_QUESTION).map(({ runId }) => runId);
    for (const run of await store.policies.runsObservedAs(runIds)) {
      if (run.runId !== null && run.identity === identity) ofPolicies.set(run.runId, run);
    }
  }
  return samples.flatMap((sample) => {
    const run = ofPolicies.get(sample.runId);
    if (run === undefined && sample.contentHash !== contentHash) return [];
    const { project, tenant, startedAtMs, durationMs, outcome, usage, profile } = sample;
    return [
      {
        project,
        tenant,
        contentHash: run?.contentHash ?? contentHash,
        startedAtMs,
        durationMs,
        outcome,
        cause: run?.cause ?? null,
        jobMs: null,
        usage,
        profile,
      },
    ];
  });
}

/** A question to the store stays short. */
const RUNS_PER_QUESTION = 500;

/** What is paused or in doubt today is taken to be in order by then. */
function poolsWith(sizes: Readonly<Record<string, number>>, pools: readonly Pool[]): readonly Pool[] {
  const known = pools.map(({ name }) => name);
  for (const name of Object.keys(sizes)) {
    if (known.includes(name)) continue;
    const message = `pools: there is no pool "${name}"; use one of ${known.toSorted().join(', ')}.`;
    throw new CodedError('pool-unknown', message, { field: 'pools' });
  }
  return pools.map((pool) => ({
    ...pool,
    size: sizes[pool.name] ?? pool.size,
    paused: false,
    doubt: null,
  }));
}
