/** What a simulation comes to: when each run starts and ends, and in which order. */

/** Milliseconds since the epoch by run index of `tables`; NaN for what never happens. Valid until the next `run`. */
export interface Schedule {
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /** Null where it was scheduled without going from event to event. */
  readonly order: Order | null;
}

/** The order of events, which costs nothing to keep and whoever needs it much to find again. */
export interface Order {
  /** The first `count`: runs as they start; those that run from the beginning come first, in no order. */
  readonly starts: Int32Array;
  /** The first `count`: the same runs as they end. */
  readonly ends: Int32Array;
  readonly count: number;
}
