/**
 * The last look before starts are asked for: does what was decided keep the promises that
 * matter most? Counted afresh from the snapshot and apart from the admission code, so that
 * a mistake there stops the pass instead of starting a run too many.
 */
import { assert } from '../../core/assert.ts';
import type { Decision } from '../../core/model/decision.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import { heldOf } from './held-of.ts';

export function checkStarts(snapshot: Snapshot, decision: Decision): void {
  if (decision.starts.length === 0) return;
  assert(!snapshot.paused, 'nothing may start while everything is paused');
  const held = heldOf(snapshot, decision.starts);
  const used = new Map(snapshot.pools.map((pool) => [pool.name, pool.otherUse]));
  const pausedTenants = new Set(snapshot.tenants.filter((one) => one.paused).map((one) => one.name));
  const pools = new Map(snapshot.pools.map((pool) => [pool.name, pool]));
  for (const run of snapshot.active) {
    for (const [name, asked] of Object.entries(run.requests)) used.set(name, (used.get(name) ?? 0) + asked);
  }
  for (const id of decision.starts) {
    const run = held.get(id);
    assert(run !== undefined, 'only a held run may start, and only once');
    assert(!pausedTenants.has(run.tenant), 'nothing of a paused tenant may start');
    held.delete(id);
    for (const [name, asked] of Object.entries(run.requests)) {
      const pool = pools.get(name);
      const usedThen = (used.get(name) ?? 0) + asked;
      used.set(name, usedThen);
      assert(pool !== undefined, 'a run may start only in pools that are known');
      assert(!pool.paused && pool.doubt === null, 'nothing may start in a pool that is paused or in doubt');
      assert(usedThen <= pool.size, 'no pool may be used beyond its size');
    }
  }
}
