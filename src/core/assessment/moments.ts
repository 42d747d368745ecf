/**
 * When the launches of an occurrence may come: each future is one way in which it may be
 * drawn. A policy of Penstock's whose identity is known has one future only.
 *
 * GitLab's way since 18.10, after its source: for each project a delay drawn when the
 * project's previous run fires, uniform over min(window, time left until the next start);
 * a worker looks every minute; all branches of a project start together. So late launches of
 * a window longer than the time between occurrences jump over one.
 *
 * Always true: what is drawn for a project depends on nothing but seed, future, project and
 * branch, so that another window or start moves the same launches.
 */
import { launchesOf } from '../policy/launches.ts';
import type { Policy } from '../policy/model.ts';
import { hash32, randomStream } from '../random/random.ts';
import { type Occurrence, occurrencesBetween, shortestGapDays } from '../schedule/recurrence.ts';
import type { AssessedTarget, AssessmentQuestion } from './question.ts';

/** Milliseconds since the epoch by target; NaN for one that does not happen. */
export interface Moments {
  readonly atMs: Float64Array;
  /** From when on it is too late to start; Infinity where that is never. */
  readonly expiresAtMs: number;
  readonly snoozed: number;
  /** Launches that jump over this occurrence. */
  readonly lost: number;
}

const TICK_MS = 60_000;
const DAY_MS = 86_400_000;
/** So many occurrences before forget where they began. */
const WARM_UP = 6;

export function momentsOf(question: AssessmentQuestion, future: number): Moments {
  return question.policy.format === 'gitlab' ? gitlabMoments(question, future) : ownMoments(question, future);
}

/** Whether each future is another one. */
export function areMomentsDrawn({ policy, identity }: AssessmentQuestion): boolean {
  if (policy.window.spread === 'paced' && policy.format === 'penstock') return false;
  return policy.format === 'gitlab' || identity === null;
}

function ownMoments(question: AssessmentQuestion, future: number): Moments {
  const { policy, occurrence, targets } = question;
  const identity = question.identity ?? `future ${question.seed} ${future}`;
  const plan = { identity, window: policy.window, snooze: policy.snooze };
  const placeOf = new Map(targets.map((target, place) => [nameOf(target), place]));
  const atMs = new Float64Array(targets.length).fill(Number.NaN);
  let snoozed = 0;
  let expiresAtMs = Number.POSITIVE_INFINITY;
  for (const launch of launchesOf(occurrence, plan, targets)) {
    if (launch.isSnoozed) {
      snoozed += 1;
      continue;
    }
    atMs[placeOf.get(nameOf(launch)) as number] = launch.atMs;
    expiresAtMs = launch.expiresAtMs ?? Number.POSITIVE_INFINITY;
  }
  return { atMs, expiresAtMs, snoozed, lost: 0 };
}

function gitlabMoments(question: AssessmentQuestion, future: number): Moments {
  const { policy, occurrence, targets, seed } = question;
  const starts = startsUpTo(policy, occurrence);
  const atMs = new Float64Array(targets.length).fill(Number.NaN);
  const byProject = new Map<string, number>();
  let snoozed = 0;
  let lost = 0;
  targets.forEach(({ project }, place) => {
    let firesAtMs = byProject.get(project);
    if (firesAtMs === undefined) {
      const random = randomStream(seed ^ hash32(project), `gitlab launch\n${occurrence.key}`, future);
      firesAtMs = firingMs(starts, policy.window.lengthMs, () => random.next());
      byProject.set(project, firesAtMs);
    }
    if (Number.isNaN(firesAtMs)) lost += 1;
    else if (policy.snooze !== null && firesAtMs < policy.snooze.untilMs) snoozed += 1;
    else atMs[place] = firesAtMs;
  });
  return { atMs, expiresAtMs: Number.POSITIVE_INFINITY, snoozed, lost };
}

/** The starts that bear on the drawing, the occurrence's own last: it alone where windows are short. */
function startsUpTo({ schedule, window }: Policy, occurrence: Occurrence): readonly number[] {
  const gapMs = shortestGapDays(schedule.recurrence) * DAY_MS;
  if (2 * window.lengthMs <= gapMs) return [occurrence.startsAtMs];
  const fromMs = occurrence.startsAtMs - (WARM_UP + 1) * Math.max(gapMs, 7 * DAY_MS);
  const before = occurrencesBetween(schedule, fromMs, occurrence.startsAtMs).slice(-WARM_UP);
  return [...before.map(({ startsAtMs }) => startsAtMs), occurrence.startsAtMs];
}

/** When a project's row fires for the last of the starts; NaN when it jumps over that. */
function firingMs(starts: readonly number[], windowMs: number, uniform: () => number): number {
  let firedMs = Number.NEGATIVE_INFINITY;
  for (const [place, startsAtMs] of starts.entries()) {
    const isLast = place === starts.length - 1;
    // The next start is looked for from the moment of the last firing on.
    if (firedMs >= startsAtMs) {
      if (isLast) return Number.NaN;
      continue;
    }
    const spanMs = Math.min(windowMs, startsAtMs - firedMs);
    const drawnMs = startsAtMs + Math.floor(uniform() * spanMs);
    firedMs = Math.ceil(drawnMs / TICK_MS) * TICK_MS;
  }
  return firedMs;
}

function nameOf({ project, branch }: Pick<AssessedTarget, 'project' | 'branch'>): string {
  return `${project}\n${branch ?? ''}`;
}
