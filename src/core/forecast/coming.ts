/** Runs that are not here yet, as a forecast takes them for granted, and what to call that. */
import type { DurationModel } from '../duration/model.ts';
import type { HeldRun } from '../model/snapshot.ts';
import { comingRuns } from '../replay/coming-runs.ts';
import type { PastRun } from '../replay/past-run.ts';
import type { Assumption } from './types.ts';

export interface Coming {
  readonly assumption: Assumption;
  /** Each the runs that come after now. At least one; an empty one for "nothing new". */
  readonly futures: readonly (readonly HeldRun[])[];
  /** Also as many as usual, which makes as many futures as it says of the first one; null for none. */
  readonly usual: Usual | null;
}

export interface Usual {
  /** What came before now, by held since. */
  readonly past: readonly PastRun[];
  /** From when on that is everything. */
  readonly sinceMs: number;
  readonly futures: number;
  /** Runs of one future, the first to come. */
  readonly most: number;
}

export const NOTHING_NEW: Coming = { assumption: 'nothing-new-arrives', futures: [[]], usual: null };

/** Who comes, in each of the possible futures. */
export function futuresOf(
  coming: Coming,
  at: { readonly nowMs: number; readonly model: DurationModel; readonly seed: number },
): readonly (readonly HeldRun[])[] {
  const { usual, futures } = coming;
  if (usual === null) return futures;
  const { past, sinceMs, most } = usual;
  const { nowMs: atMs, model, seed } = at;
  const planned = futures[0] ?? [];
  const background = comingRuns({ runs: past, sinceMs, atMs, model, futures: usual.futures, most, seed });
  return background.map((runs) => [...runs, ...planned]);
}
