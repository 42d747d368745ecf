/** What a simulation comes to: when each run starts and ends. */

/** Milliseconds since the epoch by run index of `tables`; NaN for what never happens. Valid until the next `run`. */
export interface Schedule {
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
}
