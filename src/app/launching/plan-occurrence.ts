/**
 * The plan of one occurrence: each launch with its moment, or with why it does not happen. A
 * function of the policy as it is, the projects as they are and what was planned before, so
 * that planning again after any change gives what its author expects.
 *
 * Always true: a launch that was planned before is in the plan again, if only to say why not;
 * one that was missed or failed is left out, and so stays as it is, unless its moment is still
 * to come or may be made up for.
 */
import { launchesOf } from '../../core/policy/launches.ts';
import { type LaunchTarget, targetsOf } from '../../core/policy/model.ts';
import { type ScopeCandidate, scopeVerdict } from '../../core/policy/scope.ts';
import { occurrencesBetween } from '../../core/schedule/recurrence.ts';
import type { LaunchRecord, LaunchState, OccurrenceRecord, PlannedLaunch } from '../../ports/launch-store.ts';
import type { RegisteredPolicy } from '../policies/registered-policy.ts';
import { notLaunched } from '../policies/run-of-policy.ts';
import { lastMomentMs, mayBeLateMs } from './lateness.ts';

export interface PlanningGround {
  readonly candidates: readonly ScopeCandidate[];
  /** Of the candidates: another text, another plan. */
  readonly candidatesPlan: string;
  readonly engineKind: string;
  readonly nowMs: number;
}

export interface OccurrencePlan {
  readonly occurrence: OccurrenceRecord;
  readonly launches: readonly PlannedLaunch[];
}

/** What an occurrence is before it is planned. */
export type BareOccurrence = Omit<OccurrenceRecord, 'plan' | 'verdict' | 'reason'>;

/** More are nobody's intention, and would take hours to create. */
const LAUNCHES_MAX = 100_000;
const DAY_MS = 86_400_000;
/** A change of start time or zone moves an occurrence by less. */
const MOVED_BY_MAX_MS = 3 * DAY_MS;

export function planText({ version }: Pick<RegisteredPolicy, 'version'>, ground: PlanningGround): string {
  return `${version} ${ground.candidatesPlan}`;
}

export function planOccurrence(
  record: RegisteredPolicy,
  bare: BareOccurrence,
  before: readonly LaunchRecord[],
  ground: PlanningGround,
): OccurrencePlan {
  const occurrence: OccurrenceRecord = {
    ...(bare.cause === 'schedule' ? movedAlong(record, bare) : bare),
    plan: planText(record, ground),
    verdict: 'planned',
    reason: null,
  };
  const refusal = refusalOf(record, bare, ground);
  if (refusal !== null) {
    const open = before.filter((launch) => !isLost(launch, launch, record, ground.nowMs));
    const launches = open.map((launch) => ({ ...asPlanned(launch), ...refusal }));
    return { occurrence: { ...occurrence, reason: refusal.reason }, launches };
  }
  if (before.length === 0 && isOver(record, occurrence, ground.nowMs)) {
    const reason = 'Nobody was there to launch any of it, and it is too late now.';
    return { occurrence: { ...occurrence, verdict: 'missed', reason }, launches: [] };
  }
  return planLaunches(record, occurrence, before, ground);
}

/** Start and length as the policy has them now; an order keeps its own. */
function movedAlong({ policy }: RegisteredPolicy, bare: BareOccurrence): BareOccurrence {
  const there = scheduled(policy.schedule, bare);
  const { lengthMs: windowMs, spread } = policy.window;
  return { ...bare, startsAtMs: there?.startsAtMs ?? bare.startsAtMs, windowMs, spread };
}

function scheduled(schedule: RegisteredPolicy['policy']['schedule'], { key, startsAtMs }: BareOccurrence) {
  const [fromMs, untilMs] = [startsAtMs - MOVED_BY_MAX_MS, startsAtMs + MOVED_BY_MAX_MS];
  return occurrencesBetween(schedule, fromMs, untilMs).find((occurrence) => occurrence.key === key);
}

type Refusal = { readonly state: LaunchState; readonly reason: string };

/** Why nothing of it happens. */
function refusalOf(record: RegisteredPolicy, bare: BareOccurrence, ground: PlanningGround): Refusal | null {
  const { policy } = record;
  if (record.deletedAtMs !== null) return { state: 'withdrawn', reason: 'The policy was deleted.' };
  if (!policy.enabled) return { state: 'disabled', reason: 'The policy was disabled.' };
  if (!record.isActive) {
    return { state: 'disabled', reason: 'Too many policies stand before it in its file.' };
  }
  const other = notLaunched(policy, ground.engineKind);
  if (other !== null) return { state: 'withdrawn', reason: `The policy ${other}.` };
  if (bare.cause === 'order' || scheduled(policy.schedule, bare) !== undefined) return null;
  return { state: 'withdrawn', reason: 'The schedule of the policy does not have this occurrence any more.' };
}

function isOver(
  { policy }: RegisteredPolicy,
  { startsAtMs, windowMs }: OccurrenceRecord,
  nowMs: number,
): boolean {
  const lateMs = policy.window.spread === 'paced' ? 0 : mayBeLateMs(policy.catchUp);
  return startsAtMs + windowMs + lateMs < nowMs;
}

function planLaunches(
  record: RegisteredPolicy,
  occurrence: OccurrenceRecord,
  before: readonly LaunchRecord[],
  ground: PlanningGround,
): OccurrencePlan {
  const { policy, identity } = record;
  const outside = new Map<string, string>();
  const projects: string[] = [];
  for (const candidate of ground.candidates) {
    const verdict = scopeVerdict(policy.scope, candidate);
    if (verdict.kind === 'in') projects.push(candidate.project);
    else outside.set(candidate.project, verdict.reason);
  }
  const targets = targetsOf(policy, projects);
  if (targets.length > LAUNCHES_MAX) {
    const reason = `It would have ${targets.length} launches; ${LAUNCHES_MAX} are allowed.`;
    return { occurrence: { ...occurrence, verdict: 'too-large', reason }, launches: [] };
  }
  const { windowMs: lengthMs, spread } = occurrence;
  const plan = { identity, window: { lengthMs, spread }, snooze: policy.snooze };
  const earlier = new Map(before.map((launch) => [targetText(launch), launch]));
  const planned = launchesOf(occurrence, plan, targets).flatMap(
    ({ project, branch, atMs, expiresAtMs, isSnoozed }): readonly PlannedLaunch[] => {
      const launch = { project, branch, atMs, expiresAtMs };
      if (isLost(earlier.get(targetText(launch)), launch, record, ground.nowMs)) return [];
      if (isSnoozed) return [{ ...launch, state: 'snoozed', reason: snoozeReason(record) }];
      return [{ ...launch, state: 'planned', reason: null }];
    },
  );
  const wanted = new Set(targets.map(targetText));
  const left = before.filter(
    (launch) => !wanted.has(targetText(launch)) && !isLost(launch, launch, record, ground.nowMs),
  );
  const launches = [...planned, ...left.map((launch) => leftOut(launch, projects, outside))];
  if (targets.length + before.length > 0) return { occurrence, launches };
  const reason = 'No project is in its scope.';
  return { occurrence: { ...occurrence, verdict: 'nothing-in-scope', reason }, launches };
}

/** It was missed or failed, and cannot be made up for at this moment of it. */
function isLost(
  earlier: LaunchRecord | undefined,
  moment: Pick<PlannedLaunch, 'atMs' | 'expiresAtMs'>,
  { policy }: RegisteredPolicy,
  nowMs: number,
): boolean {
  if (earlier?.state !== 'missed' && earlier?.state !== 'failed') return false;
  return lastMomentMs(moment, policy.catchUp) < nowMs;
}

function leftOut(
  launch: LaunchRecord,
  projects: readonly string[],
  outside: ReadonlyMap<string, string>,
): PlannedLaunch {
  const planned = asPlanned(launch);
  if (projects.includes(launch.project)) {
    return { ...planned, state: 'withdrawn', reason: 'The policy does not name this branch any more.' };
  }
  const why = outside.get(launch.project) ?? 'there is no such project any more';
  return { ...planned, state: 'out-of-scope', reason: `The project is out of scope: ${why}.` };
}

function asPlanned({ project, branch, atMs, expiresAtMs, state, reason }: LaunchRecord): PlannedLaunch {
  return { project, branch, atMs, expiresAtMs, state, reason };
}

function snoozeReason({ policy: { snooze } }: RegisteredPolicy): string {
  return snooze?.reason === undefined || snooze.reason === null
    ? 'The policy was snoozed.'
    : `The policy was snoozed: ${snooze.reason}`;
}

function targetText({ project, branch }: LaunchTarget): string {
  return JSON.stringify([project, branch]);
}
