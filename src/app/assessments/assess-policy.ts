/**
 * An assessment on a server: the same question as from files, with the pools, the queue and
 * the history that are here, computed by workers.
 *
 * Always true: asking changes nothing; what cannot be assessed is refused before any work.
 */

import { type Beside, refuseNonsense } from '../../core/assessment/assess.ts';
import { assessmentRows, wholeOf } from '../../core/assessment/assessment-job.ts';
import { firstSuchTimeMs } from '../../core/assessment/finish-by.ts';
import { occurrenceToAssess } from '../../core/assessment/occurrence.ts';
import { otherLaunches, plannedByOthers } from '../../core/assessment/others.ts';

import type { AssessmentQuestion, Criteria, PolicySample } from '../../core/assessment/question.ts';
import type { Assessment } from '../../core/assessment/report.ts';
import {
  scopeOfOther,
  scopeToAssess,
  targetsToAssess,
  tenantIn,
  withBranches,
} from '../../core/assessment/scope.ts';
import { weekLoad } from '../../core/assessment/week-load.ts';
import { CodedError } from '../../core/errors/catalogue.ts';
import type { Estimate } from '../../core/model/run.ts';
import type { Pool } from '../../core/model/snapshot.ts';
import type { Policy } from '../../core/policy/model.ts';
import type { ScopeCandidate } from '../../core/policy/scope.ts';
import type { Occurrence } from '../../core/schedule/recurrence.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Workers } from '../../ports/workers.ts';
import type { ExpectedArrivals } from '../forecasting/expected-arrivals.ts';
import type { Picture } from '../queries/picture.ts';
import type { AdmissionSettings } from '../settings.ts';
import { type MeasuredIn, measuredHere } from './measured-here.ts';

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
  readonly store: MeasuredIn;
  readonly clock: Clock;
  readonly workers: Workers;
  readonly settings: Pick<AdmissionSettings, 'firstEstimate'>;
  readonly arrivals?: Pick<ExpectedArrivals, 'history'> | null;
}

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
    return wholeOf(await Promise.all([job.ask('report'), job.ask('recommendations')]));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    job.close();
  }
}

async function questionOf(parts: AssessmentParts, request: AssessmentRequest): Promise<AssessmentQuestion> {
  const { picture, store, clock, settings } = parts;
  const { contentHash, identity, criteria, withQueue } = request;
  const policy = withBranches(request.policy, request.branches);
  const nowMs = clock.nowMs();
  const known = scopeToAssess(policy, request.candidates, []);
  const samples = [
    ...(await measuredHere(store, {
      identity,
      contentHash,
      tenantOf: (project) => tenantIn(known, project),
    })),
    ...request.samples,
  ];
  const seen = samples.map(({ project }) => project);
  const scope = scopeToAssess(policy, request.candidates, seen);
  const occurrence = occurrenceToAssess(policy, nowMs, request.nth);
  const { priorities, tenants, maxGrants, held, active } = picture.snapshot;
  const rules = { pools: poolsWith(request.sizes, picture.snapshot.pools), priorities, tenants, maxGrants };
  const others = request.others.map((other) => ({
    ...other,
    targets: targetsToAssess(other.policy, scopeOfOther(other.policy, scope)),
  }));
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
    others: others.flatMap((other) => otherLaunches(other, policy, { occurrence, rules })),
    week: weekLoad({
      nowMs,
      timeZone: policy.schedule.timeZone,
      history: (await parts.arrivals?.history(nowMs)) ?? null,
      planned: plannedByOthers(others, { nowMs, eachMs: settings.firstEstimate.p50Ms }),
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
