/**
 * Start marks: starts that were decided and whose effect has not been seen yet.
 *
 * A mark is durable before the engine is asked, and is settled only by what the engine
 * shows: the run runs, has finished or is gone; or the request's deadline passed before a
 * fresh observation was asked for which still shows the run held (it never took effect,
 * and cannot any more). Until then the run counts as active.
 */
import { isFinished, type RunId } from '../../core/model/run.ts';
import type { ObservedRun } from '../../ports/engine.ts';
import type { StartMark } from '../../ports/store.ts';

/**
 * The engine judges deadlines by its own clock. This is how far it may be behind ours
 * before a start could land after we took it for lapsed.
 */
export const CLOCK_TOLERANCE_MS = 1_000;

/** From this moment on, a fresh observation tells for certain what became of the mark. */
export function certainAtMs(mark: StartMark): number {
  return mark.deadlineMs + CLOCK_TOLERANCE_MS;
}

export interface SortedMarks {
  /** The engine shows what became of them. */
  readonly settled: readonly StartMark[];
  /** They took no effect: the run is held again. */
  readonly lapsed: readonly StartMark[];
  /** Still counted as active. */
  readonly open: readonly StartMark[];
}

/** `freshSinceMs`: when the observation was asked for, if it was asked for fresh of that run; else null. */
export function sortMarks(
  marks: readonly StartMark[],
  runs: ReadonlyMap<string, ObservedRun>,
  freshSinceMs: (runId: RunId) => number | null,
): SortedMarks {
  const settled: StartMark[] = [];
  const lapsed: StartMark[] = [];
  const open: StartMark[] = [];
  for (const mark of marks) {
    const certain = (freshSinceMs(mark.runId) ?? Number.NEGATIVE_INFINITY) >= certainAtMs(mark);
    const state = runs.get(mark.runId)?.state;
    if (state === undefined || state === 'running' || isFinished(state)) settled.push(mark);
    else if (!certain) open.push(mark);
    else if (state === 'held') lapsed.push(mark);
    else settled.push(mark);
  }
  return { settled, lapsed, open };
}
