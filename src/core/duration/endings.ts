/**
 * How often runs fail, since a failed run is often short: the outcome comes first, then the
 * duration given the outcome. Newer runs count more, and while a series has few runs, its
 * content, its tenant and the whole installation are asked, in this order.
 */

/** Failures and runs in all, each run counting less the more came after it. */
export interface Tally {
  readonly failed: number;
  readonly runs: number;
}

export const NO_TALLY: Tally = { failed: 0, runs: 0 };
/** By which a run's weight falls with each newer one. */
const MEMORY = 0.97;
/** What is above counts as so many runs below. */
const ABOVE_WORTH = 4;
/** Before any run: one in twenty fails, as firmly as one run would say it. */
const FIRST: Tally = { failed: 0.05, runs: 1 };

export function tallied({ failed, runs }: Tally, hasFailed: boolean): Tally {
  return { failed: MEMORY * failed + (hasFailed ? 1 : 0), runs: MEMORY * runs + 1 };
}

/**
 * What is believed of the share that fails: a beta distribution with these two parameters
 * (the share's mean is failed / (failed + succeeded)).
 */
export interface FailureShare {
  readonly failed: number;
  readonly succeeded: number;
}

/** @param narrowing tallies from the whole installation down to the series */
export function failureShare(narrowing: readonly Tally[]): FailureShare {
  let above = FIRST;
  for (const tally of narrowing) {
    const share = above.failed / above.runs;
    const worth = Math.min(above.runs, ABOVE_WORTH);
    above = { failed: tally.failed + worth * share, runs: tally.runs + worth };
  }
  return { failed: above.failed, succeeded: above.runs - above.failed };
}
