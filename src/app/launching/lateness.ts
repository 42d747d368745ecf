/**
 * How late a launch may be. One rule for planning, launching and what is told to people.
 */
import type { CatchUp } from '../../core/policy/model.ts';
import type { LaunchRecord } from '../../ports/launch-store.ts';
import { sayDuration } from '../queries/say-when.ts';

/** A restart, an engine that is upgraded, a burst of launches: nobody calls that missed. */
export const ON_TIME_MS = 5 * 60_000;

type Moment = Pick<LaunchRecord, 'atMs' | 'expiresAtMs'>;

/** After this it is missed. A paced launch has until its window closes, whatever the rule for catching up. */
export function lastMomentMs({ atMs, expiresAtMs }: Moment, catchUp: CatchUp): number {
  return expiresAtMs ?? atMs + mayBeLateMs(catchUp);
}

export function mayBeLateMs(catchUp: CatchUp): number {
  return catchUp.mode === 'run-late' ? Math.max(ON_TIME_MS, catchUp.limitMs) : ON_TIME_MS;
}

export function missedReason(moment: Moment, catchUp: CatchUp, nowMs: number): string {
  const late = sayDuration(nowMs - moment.atMs);
  if (moment.expiresAtMs !== null) {
    return `Nobody was there to launch it before its window closed; it was ${late} late.`;
  }
  const rule = catchUp.mode === 'skip' ? 'catchUp is skip' : 'the limit of catchUp';
  return `It was ${late} late, and may be ${sayDuration(mayBeLateMs(catchUp))} late (${rule}).`;
}
