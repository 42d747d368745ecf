/**
 * Whether a gauge counts held runs as running. Most versions of Tekton do, some do not, and
 * no version says so; but the gauge and the list together do.
 *
 * What decides, the strongest first: a gauge below everything listed cannot count held runs;
 * when the number of held runs changes, the gauge follows or it does not; and where all runs
 * are listed, or the rest is small, the nearer of the two sums is meant.
 */
export interface PendingEvidence {
  readonly answer: 'yes' | 'no' | null;
  /** How badly each answer explained the changes from scrape to scrape; older ones fade. */
  readonly missIfYes: number;
  readonly missIfNo: number;
  readonly last: PendingSighting | null;
}

/** One scrape with what was listed then: started runs, and how many runs were held. */
export interface PendingSighting {
  readonly units: number;
  readonly started: number;
  readonly held: number;
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
  if (last === null || Math.abs(now.held - last.held) <= jitter) return before;
  const moved = now.units - last.units;
  const startedMoved = now.started - last.started;
  const allMoved = startedMoved + now.held - last.held;
  return {
    ...before,
    missIfYes: before.missIfYes * FADE + Math.abs(moved - allMoved),
    missIfNo: before.missIfNo * FADE + Math.abs(moved - startedMoved),
  };
}

function answerFrom(
  evidence: PendingEvidence,
  { units, started, held }: PendingSighting,
  { jitter, listsAll }: { readonly jitter: number; readonly listsAll: boolean },
): 'yes' | 'no' | null {
  if (held <= jitter) return evidence.answer;
  if (units < started + held - jitter) return 'no';
  const { missIfYes, missIfNo } = evidence;
  if (Math.abs(missIfYes - missIfNo) > 2 * jitter) return missIfYes < missIfNo ? 'yes' : 'no';
  const fromYes = Math.abs(units - started - held);
  const fromNo = Math.abs(units - started);
  if (listsAll) return fromYes < fromNo ? 'yes' : 'no';
  return evidence.answer ?? (fromYes * CLEARLY <= fromNo ? 'yes' : null);
}
