/**
 * Which project and branch of an occurrence is launched when. A pure function of the policy's
 * identity, the occurrence and the target, so that a preview shows what will happen.
 *
 * Always true: every moment lies inside the window. With `random` it depends on nothing but
 * identity, occurrence, project, branch and window: another project in or out of the scope
 * moves nobody.
 */
import { hash32, randomStream } from '../random/random.ts';
import type { Occurrence } from '../schedule/recurrence.ts';
import type { LaunchTarget, LaunchWindow, Snooze } from './model.ts';

export interface Launch extends LaunchTarget {
  readonly atMs: number;
  /** When it is too late to start it: the end of the window for a paced one, else null. */
  readonly expiresAtMs: number | null;
  /** Falls into the policy's snooze and so does not happen. */
  readonly isSnoozed: boolean;
}

export interface LaunchPlan {
  /** Of the policy, the same after every edit: the seed of all draws. */
  readonly identity: string;
  readonly window: LaunchWindow;
  readonly snooze: Snooze | null;
}

/** What is used of an occurrence. */
export type WindowStart = Pick<Occurrence, 'key' | 'startsAtMs'>;

const OTHER_BASIS = 0x9e3779b9;

/** In the order of their moments; equal moments in the order of their draws. */
export function launchesOf(
  occurrence: WindowStart,
  plan: LaunchPlan,
  targets: readonly LaunchTarget[],
): readonly Launch[] {
  const drawn = targets
    .map((target) => ({ target, draw: drawOf(occurrence, plan.identity, target) }))
    .toSorted((a, b) => a.draw - b.draw || compareTargets(a.target, b.target));
  return drawn.map(({ target, draw }, place) => {
    const fraction = plan.window.spread === 'even' ? place / drawn.length : draw;
    return launchOf(target, fraction, occurrence.startsAtMs, plan);
  });
}

function launchOf(target: LaunchTarget, fraction: number, startsAtMs: number, plan: LaunchPlan): Launch {
  const { window, snooze } = plan;
  const { project, branch } = target;
  const endsAtMs = startsAtMs + window.lengthMs;
  const untilMs = snooze?.untilMs ?? Number.NEGATIVE_INFINITY;
  if (window.spread === 'paced') {
    // Whoever wakes up inside the window uses what is left of it.
    const atMs = untilMs < endsAtMs ? Math.max(startsAtMs, untilMs) : startsAtMs;
    return { project, branch, atMs, expiresAtMs: endsAtMs, isSnoozed: atMs < untilMs };
  }
  const atMs = startsAtMs + Math.floor(fraction * window.lengthMs);
  return { project, branch, atMs, expiresAtMs: null, isSnoozed: atMs < untilMs };
}

/** Uniform in [0, 1). Two hashes, so that no two targets of a large scope share a stream by chance. */
function drawOf({ key }: WindowStart, identity: string, { project, branch }: LaunchTarget): number {
  const purpose = JSON.stringify([key, project, branch]);
  return randomStream(hash32(identity), purpose, hash32(purpose, OTHER_BASIS)).next();
}

function compareTargets(a: LaunchTarget, b: LaunchTarget): number {
  return compareTexts(a.project, b.project) || compareTexts(a.branch ?? '', b.branch ?? '');
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
