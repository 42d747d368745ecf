/**
 * Time, as the app may see it. The real one is the machine's; the simulator's is its own.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Calls back once at or after `atMs`; returns what cancels it. */
  at(atMs: number, callback: () => void): () => void;
}
