/**
 * Notices a gauge that shows the same number scrape after scrape while what is listed changes:
 * the multi-platform-controller's stays at its last value when a platform falls idle.
 */
import type { MeteredUse } from '../../ports/capacity.ts';

/** Scrapes in a row with one value, and between what bounds the list explained it meanwhile. */
export interface Streak {
  readonly units: number | null;
  readonly scrapes: number;
  /** The largest that was certainly listed at one of them, and the smallest that was at most. */
  readonly certainlyReached: number;
  readonly certainlyFellTo: number;
}

export const NOT_STUCK: Streak = {
  units: null,
  scrapes: 0,
  certainlyReached: 0,
  certainlyFellTo: Number.POSITIVE_INFINITY,
};

/** Twice the same may be chance: others end as many as Penstock starts. */
const SCRAPES_MIN = 3;

export function streakWith(
  streak: Streak,
  { units }: MeteredUse,
  explained: { readonly least: number; readonly most: number },
): Streak {
  const before = streak.units === units ? streak : NOT_STUCK;
  return {
    units,
    scrapes: before.scrapes + 1,
    certainlyReached: Math.max(before.certainlyReached, explained.least),
    certainlyFellTo: Math.min(before.certainlyFellTo, explained.most),
  };
}

export function stuckDoubt({ signal, units, pool }: MeteredUse, streak: Streak): string | null {
  const changed = streak.certainlyReached - streak.certainlyFellTo;
  // Others may make up for a change by chance; for one of a tenth, three times in a row, hardly.
  if (streak.scrapes < SCRAPES_MIN || changed < Math.max(1, Math.ceil(units / 10))) return null;
  return (
    `${signal} has shown ${units} for ${pool} through ${streak.scrapes} scrapes ` +
    `while what was seen changed by ${changed}`
  );
}
