/**
 * How often runs fail, since a failed run is often short: the outcome comes first, then the
 * duration given the outcome. And how often they hang: go on until their timeout, though
 * runs of the series take far less. Newer runs count more, and while a series has few runs,
 * its content, its tenant and the whole installation are asked, in this order.
 */

/** Failures and runs in all, each run counting less the more came after it; the same of hangs, which are forgotten more slowly. */
export interface Tally {
  readonly failed: number;
  readonly runs: number;
  readonly hung: number;
  readonly watched: number;
  /** How likely it is that the newest run hung. */
  readonly newestHung: number;
}

export const NO_TALLY: Tally = { failed: 0, runs: 0, hung: 0, watched: 0, newestHung: 0 };
/** By which a run's weight falls with each newer one. */
const MEMORY = 0.97;
/** What is above counts as so many runs below. */
const ABOVE_WORTH = 4;
/** Before any run: one in twenty fails, as firmly as one run would say it; and hangs are unheard of. */
const FIRST: Tally = { failed: 0.05, runs: 1, hung: 0, watched: 100, newestHung: 0 };
/** Once the first was heard of they are thought to happen as often as in public CI histories. */
const FIRST_OF_HANGS: Tally = { ...FIRST, hung: 0.3 };
/** Hangs are rare, so that each is remembered for some thousand runs, and tells little about a single series. */
const HANG_MEMORY = 0.999;
const ABOVE_WORTH_OF_HANGS = 40;
/** A run that hits its timeout is first suspected of having hung as often as runs of public CI histories do. */
const HANGS_USUALLY = 0.003;
/** Chance that a pipeline has become as long as its timeout, once one of its runs has lasted so long. */
const LONG_NOW = 0.05;

/** @param hung how likely it is that the run hung, 0 to 1 */
export function tallied(tally: Tally, hasFailed: boolean, hung: number): Tally {
  return {
    failed: MEMORY * tally.failed + (hasFailed ? 1 : 0),
    runs: MEMORY * tally.runs + 1,
    hung: HANG_MEMORY * tally.hung + hung,
    watched: HANG_MEMORY * tally.watched + 1,
    newestHung: hung,
  };
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
  let above: Pick<Tally, 'failed' | 'runs'> = FIRST;
  for (const tally of narrowing) {
    const share = above.failed / above.runs;
    const worth = Math.min(above.runs, ABOVE_WORTH);
    above = { failed: tally.failed + worth * share, runs: tally.runs + worth };
  }
  return { failed: above.failed, succeeded: above.runs - above.failed };
}

/** What is believed of the share that hangs, as a beta distribution. */
export interface HangShare {
  readonly hung: number;
  readonly ended: number;
  /** Hangs that the whole installation remembers: so exactly is it known how often runs hang at all. */
  readonly remembered: number;
}

/** @param narrowing tallies from the whole installation down to the series */
export function hangShare(narrowing: readonly Tally[]): HangShare {
  const remembered = narrowing[0]?.hung ?? 0;
  let above: Pick<Tally, 'hung' | 'watched'> = remembered > 0 ? FIRST_OF_HANGS : FIRST;
  narrowing.forEach((tally, level) => {
    // Of the installation all counts that was ever learned.
    const worth = level === 0 ? above.watched : Math.min(above.watched, ABOVE_WORTH_OF_HANGS);
    const share = above.hung / above.watched;
    above = { hung: tally.hung + worth * share, watched: tally.watched + worth };
  });
  return { hung: above.hung, ended: above.watched - above.hung, remembered };
}

/**
 * How likely it is that a run which lasted until its timeout hung, rather than being as long
 * as that by nature.
 *
 * @param lasting the chance of lasting so long without hanging
 * @param series the tally of its series before it
 */
export function hungRather({ hung, ended }: HangShare, lasting: number, series: Tally): number {
  const share = Math.max(HANGS_USUALLY, hung / (hung + ended));
  const longByNature = Math.max(lasting, LONG_NOW * series.newestHung);
  return share / (share + (1 - share) * longByNature);
}
