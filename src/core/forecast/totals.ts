/** What is kept of replications: when each run starts and ends, and sums over all runs. */

/** Starts and ends by replication * runs + run, in milliseconds after now; NaN for what never happens. */
export interface Cells {
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
}

/** One value a replication each. */
export const TOTALS = [
  'finish',
  'lastStart',
  'peak',
  'timeouts',
  'lostSucceeded',
  'lostWaiting',
  'lostRunning',
  'lostSlotMs',
] as const;
export type Total = (typeof TOTALS)[number];
export type Totals = Readonly<Record<Total, Float64Array>>;

export function noTotals(replications: number): Totals {
  const totals = TOTALS.map((name) => [name, new Float64Array(replications)] as const);
  return Object.fromEntries(totals) as Record<Total, Float64Array>;
}
