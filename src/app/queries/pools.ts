/**
 * The pools as people see them: what there is, what is used, who waits for it.
 *
 * Always true: used counts everybody's use, runs whose start is on its way included; free
 * is never negative, also where a pool shrank below its use.
 */
import type { Requests } from '../../core/model/run.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import type { PoolView } from '../views.ts';

/** In the order of their names. */
export function poolViews(snapshot: Snapshot): readonly PoolView[] {
  const used = new Map<string, number>();
  for (const run of snapshot.active) addUnits(used, run.requests);
  const waiting = new Map<string, number>();
  for (const run of snapshot.held) {
    for (const pool of Object.keys(run.requests)) waiting.set(pool, (waiting.get(pool) ?? 0) + 1);
  }
  return snapshot.pools
    .map((pool) => {
      const inUse = pool.otherUse + (used.get(pool.name) ?? 0);
      return {
        name: pool.name,
        size: pool.size,
        used: inUse,
        free: Math.max(0, pool.size - inUse),
        waiting: waiting.get(pool.name) ?? 0,
        paused: pool.paused,
        doubt: pool.doubt,
      };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function addUnits(used: Map<string, number>, requests: Requests): void {
  for (const [pool, units] of Object.entries(requests)) used.set(pool, (used.get(pool) ?? 0) + units);
}
