/**
 * Whether a gauge counts held runs as running. Most versions of Tekton do, some do not, and
 * no version says so; but the gauge and the list together do.
 *
 * What decides, the strongest first: a gauge below everything listed cannot count held runs;
 * when the number of held runs changes, the gauge follows or it does not; and where all runs
 * are listed, or the rest is small, the nearer of the two sums is meant.
 *
 * Always true: a gauge that is late shows what was the case at some moment of a span, so it is
 * compared with all that was listed in it; what any moment of it would explain tells nothing.
 */
import { distance, type Range } from './range.ts';

export interface PendingEvidence {
  readonly answer: 'yes' | 'no' | null;
  /** How badly each answer explained the changes from scrape to scrape; older ones fade. */
  readonly missIfYes: number;
  readonly missIfNo: number;
  readonly last: PendingSighting | null;
}

/** One scrape, with what was listed in the span that it may be about. */
export interface PendingSighting {
  readonly units: number;
  /** Runs started and not done; runs held; and both together, which may change less than each. */
  readonly started: Range;
  readonly held: Range;
  readonly all: Range;
}

export const NO_EVIDENCE: PendingEvidence = { answer: null, missIfYes: 0, missIfNo: 0, last: null };

/** Without all runs listed, one sum must be this much nearer than the other to be meant. */
const CLEARLY = 4;
const FADE = 0.5;

/** `jitter`: units by which gauge and list may differ for no reason. `listsAll`: nobody's runs are missing in the list. */
export function weighed(
  before: PendingEvidence,
  now: PendingSighting,
  { jitter, listsAll }: { readonly jitter: number; readonly listsAll: boolean },
): PendingEvidence {
  const moved = misses(before, now, jitter);
  return { ...moved, last: now, answer: answerFrom(moved, now, { jitter, listsAll }) };
}

function misses(before: PendingEvidence, now: PendingSighting, jitter: number): PendingEvidence {
  const { last } = before;
  if (last === null || distance(0, moves(last.held, now.held)) <= jitter) return before;
  const moved = now.units - last.units;
  return {
    ...before,
    missIfYes: before.missIfYes * FADE + distance(moved, moves(last.all, now.all)),
    missIfNo: before.missIfNo * FADE + distance(moved, moves(last.started, now.started)),
  };
}

/** By how much it may have changed from some moment of one span to some moment of the other. */
function moves(before: Range, now: Range): Range {
  return { least: now.least - before.most, most: now.most - before.least };
}

function answerFrom(
  evidence: PendingEvidence,
  { units, started, held, all }: PendingSighting,
  { jitter, listsAll }: { readonly jitter: number; readonly listsAll: boolean },
): 'yes' | 'no' | null {
  if (held.most <= jitter) return evidence.answer;
  if (units < all.least - jitter) return 'no';
  const { missIfYes, missIfNo } = evidence;
  if (Math.abs(missIfYes - missIfNo) > 2 * jitter) return missIfYes < missIfNo ? 'yes' : 'no';
  const fromYes = distance(units, all);
  const fromNo = distance(units, started);
  if (listsAll) return fromYes < fromNo ? 'yes' : 'no';
  return evidence.answer ?? (fromYes * CLEARLY <= fromNo ? 'yes' : null);
}
