/**
 * Which of the things that could be told on runs are worth a write to the API server.
 *
 * Always true: what has not changed as far as people care is never written again; runs that
 * were told nothing yet come first, then those whose reason changed, then those whose times
 * moved, each in the order of the queue.
 */
import type { RunNote } from '../../../ports/engine.ts';
import type { Notes } from '../runs/seen-run.ts';

/** What was last written on a run by this process. */
export interface Told {
  readonly reasonKey: string;
}

export const URGENCIES = ['untold', 'reason', 'times'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Near the front every place counts; further back a tenth does. */
const EXACT_POSITIONS = 10;
const MOVED_SHARE = 0.1;
const MOVED_MIN_MS = 60_000;

/** Null when it is not worth a write. `onRun` is what the run says now. */
export function urgencyOf(
  note: RunNote,
  onRun: Notes,
  told: Told | undefined,
  nowMs: number,
): Urgency | null {
  if (onRun.reason === undefined) return 'untold';
  if (told !== undefined && told.reasonKey !== note.reasonKey) return 'reason';
  if (positionMoved(note.position, onRun.position)) return 'times';
  return startMoved(note, onRun.startsAt, nowMs) ? 'times' : null;
}

function positionMoved(position: number | null, written: string | undefined): boolean {
  if (position === null) return written !== undefined;
  const before = Number(written);
  if (!Number.isInteger(before) || before < 1) return true;
  const least = Math.min(position, before) <= EXACT_POSITIONS ? 1 : MOVED_SHARE * before;
  return Math.abs(position - before) >= least;
}

function startMoved(note: RunNote, written: string | undefined, nowMs: number): boolean {
  if (note.startsAtMs === null) return written !== undefined;
  const before = Date.parse(written ?? '');
  if (Number.isNaN(before)) return true;
  const least = Math.max(MOVED_MIN_MS, MOVED_SHARE * (before - nowMs));
  return Math.abs(note.startsAtMs.p50 - before) >= least;
}
