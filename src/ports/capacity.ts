/**
 * Capacity source: how many units each pool has now, and what others use of it that the
 * engine's runs do not show. In doubt it says so; it never guesses.
 */
export interface PoolCapacity {
  readonly name: string;
  readonly size: number;
  readonly otherUse: number;
  readonly doubt: string | null;
}

export interface CapacitySource {
  read(signal: AbortSignal): Promise<readonly PoolCapacity[]>;
}
