/**
 * Capacity source: how many units each pool has now, and what others use of it that the
 * engine's runs do not show. In doubt it says so; it never guesses.
 */
import type { Figure } from './figures.ts';

export interface PoolCapacity {
  readonly name: string;
  readonly size: number;
  readonly otherUse: number;
  readonly doubt: string | null;
}

export interface CapacitySource {
  read(signal: AbortSignal): Promise<readonly PoolCapacity[]>;
  /** How far its signals can be trusted, for a metric each. Cheap: asked at each scrape. */
  figures?(): readonly Figure[];
  /** Calls `listener` when reading again may show something else. Returns the unsubscriber. */
  onChange?(listener: () => void): () => void;
}

/**
 * What a meter outside Penstock (a metric, an account's usage) shows as in use of one pool:
 * everybody's use, as it was some time ago. Subtracting what Penstock sees itself is left to
 * `src/app/capacity`.
 */
export interface MeteredUse {
  readonly pool: string;
  /** Units in use, whole, >= 0; meaningless while in doubt. */
  readonly units: number;
  /** When that was true, by the clock of this machine: at some moment from one to the other. */
  readonly trueFromMs: number;
  readonly trueToMs: number;
  /** Whether held runs are in it; `auto` leaves it to be found out. */
  readonly countsPending: 'auto' | 'yes' | 'no';
  /** What shows it, for reasons and logs. */
  readonly signal: string;
  readonly doubt: string | null;
}

export interface UseMeter {
  /** What is known now, without waiting, of those of the pools that it measures; once each. */
  read(pools: readonly string[]): readonly MeteredUse[];
  /** Calls `listener` when something new has been measured. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
}
