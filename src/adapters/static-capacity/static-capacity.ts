/**
 * Capacity from the configuration: each pool has the size somebody wrote down, and nobody
 * but the engine's runs uses it. Such sizes are never in doubt.
 */
import type { CapacitySource } from '../../ports/capacity.ts';

export interface StaticPool {
  readonly name: string;
  readonly size: number;
}

export function staticCapacity(pools: readonly StaticPool[]): CapacitySource {
  const capacities = pools.map(({ name, size }) => ({ name, size, otherUse: 0, doubt: null }));
  return { read: async () => capacities };
}
