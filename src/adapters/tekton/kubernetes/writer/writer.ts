/**
 * Writes that help people and decide nothing: annotations, Events. They share one budget,
 * and the newest about a thing is the only one worth sending.
 */
import type { ApiRequest } from '../api.ts';

export type Write = Omit<ApiRequest, 'signal' | 'timeoutMs'>;

export interface WriterCounts {
  readonly written: number;
  /** By a newer write for the same key, before it was sent. */
  readonly replaced: number;
  /** The object is gone (404, 409 for one made under a name in use). */
  readonly gone: number;
  /** Refused for good (another 4xx), or too often in vain. */
  readonly failed: number;
  /** Pushed out of a full queue. */
  readonly overflowed: number;
  readonly waiting: number;
}

export interface BudgetedWriter {
  /** Takes the place of a write for the same key that has not been sent. Never waits, never throws. */
  put(key: string, write: Write): void;
  /** Forgets what waits for this key. */
  forget(key: string): void;
  counts(): WriterCounts;
  /** Drops what waits and lets what is under way end. */
  close(): Promise<void>;
}
