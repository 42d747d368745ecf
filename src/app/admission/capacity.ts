/**
 * From a capacity reading to pools that a decision may rest on.
 *
 * Always true: a pool of the result has whole, non-negative numbers; whatever was wrong
 * with the reading is said in `doubt`, and a pool in doubt starts nothing. A pool that was
 * known and is no longer reported stays, in doubt, since runs may be waiting for it.
 */
import type { Pool } from '../../core/model/snapshot.ts';
import type { PoolCapacity } from '../../ports/capacity.ts';
import type { AdmissionSettings } from '../settings.ts';

export interface PoolsInput {
  readonly reading: readonly PoolCapacity[];
  /** The result of the reading before, if any: sizes to show while the new ones are not to be trusted. */
  readonly known: readonly Pool[];
  readonly settings: Pick<AdmissionSettings, 'pausedPools'>;
}

export function poolsFrom(input: PoolsInput): readonly Pool[] {
  const known = new Map(input.known.map((pool) => [pool.name, pool]));
  const paused = new Set(input.settings.pausedPools);
  const pools = new Map<string, Pool>();
  for (const capacity of input.reading) {
    const before = known.get(capacity.name);
    const pool = poolFrom(capacity, before, paused.has(capacity.name));
    const twin = pools.get(capacity.name);
    pools.set(capacity.name, twin === undefined ? pool : { ...pool, doubt: 'it is reported more than once' });
  }
  for (const pool of input.known) {
    if (!pools.has(pool.name)) pools.set(pool.name, { ...pool, doubt: 'it is no longer reported' });
  }
  return [...pools.values()];
}

/** All pools as last known, none of them to be trusted. */
export function poolsInDoubt(known: readonly Pool[], doubt: string): readonly Pool[] {
  return known.map((pool) => ({ ...pool, doubt }));
}

function poolFrom(capacity: PoolCapacity, before: Pool | undefined, paused: boolean): Pool {
  const sizeIsSound = isCount(capacity.size);
  const useIsSound = isCount(capacity.otherUse);
  const wrong = sizeIsSound
    ? useIsSound
      ? null
      : `its use is reported as ${capacity.otherUse}`
    : `its size is reported as ${capacity.size}`;
  return {
    name: capacity.name,
    size: sizeIsSound ? capacity.size : (before?.size ?? 0),
    otherUse: useIsSound ? capacity.otherUse : (before?.otherUse ?? 0),
    paused,
    doubt: capacity.doubt ?? wrong,
  };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
