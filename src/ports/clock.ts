/**
 * Time, as the app may see it. The real one is the machine's; the simulator's is its own.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /**
   * Calls back once at or after `atMs`; returns what cancels it. Where the machine's clock
   * was set back meanwhile, it calls back when the time meant has passed: look at the clock again.
   */
  at(atMs: number, callback: () => void): () => void;
}
