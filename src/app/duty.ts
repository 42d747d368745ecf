/**
 * What a process does where several share one store, and what it leaves to the one that leads.
 *
 * Always true: what must be done by one at a time (following test runs, keeping policies equal to
 * the files of a folder) is done by whoever leads.
 */
export interface Duty {
  /** Others may write the same store. */
  readonly isShared: boolean;
  /** It does what one does for all. Asked each time: it may change at any moment. */
  readonly acts: () => boolean;
  /** What it makes in its engine is seen by whoever starts runs. */
  readonly makesRuns: () => boolean;
}

/** Nobody else has this store. */
export const SOLE_DUTY: Duty = { isShared: false, acts: () => true, makesRuns: () => true };
