/**
 * The snapshot as numbers: pools, tenants, signatures, classes and runs become indexes into
 * typed arrays, once, so that a decision costs additions and comparisons and a simulation
 * can replay the same queue thousands of times.
 *
 * Always true: held runs are indexed 0..heldCount-1 in the order of (held since, id), so a
 * lower index waits longer and ties by id are settled; active runs follow after them.
 * A run whose class can never start (unknown pool or priority, asks for more than there is)
 * is left out of every class: it can block nobody.
 */
import { assert } from '../assert.ts';
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';
import { classTables } from './classes.ts';
import { byHeldSince } from './order.ts';
import { commonPool, SignatureBuilder } from './signatures.ts';
import type { Lookup, PoolTables, RunTables, Tables } from './tables.ts';

/** Whether the run could start if nothing else ran: its pools and priority exist and are large enough. */
export function canEverStart(run: HeldRun, snapshot: Lookup): boolean {
  if (!snapshot.ranks.has(run.priority)) return false;
  const caps = snapshot.caps.get(run.tenant);
  for (const [pool, units] of Object.entries(run.requests)) {
    const size = snapshot.sizes.get(pool);
    if (size === undefined || units > size || units > (caps?.[pool] ?? Number.POSITIVE_INFINITY))
      return false;
  }
  return true;
}

export function lookupOf(snapshot: Snapshot): Lookup {
  return {
    ranks: new Map(snapshot.priorities.map((priority, rank) => [priority.name, rank])),
    sizes: new Map(snapshot.pools.map((pool) => [pool.name, pool.size])),
    caps: new Map(snapshot.tenants.map((tenant) => [tenant.name, tenant.caps])),
  };
}

/** @throws AssertionError when the snapshot breaks its own rules (sizes and units that are not whole, weights not above 0). */
export function buildTables(snapshot: Snapshot): Tables {
  const lookup = lookupOf(snapshot);
  const held: HeldRun[] = [];
  const excluded: HeldRun[] = [];
  // A verdict depends on nothing of a run but tenant, priority and requests, and most are as the one before.
  let before: HeldRun | null = null;
  let can = false;
  for (const run of snapshot.held) {
    const isAlike =
      before?.requests === run.requests && before.tenant === run.tenant && before.priority === run.priority;
    if (!isAlike) can = canEverStart(run, lookup);
    before = run;
    (can ? held : excluded).push(run);
  }
  held.sort(byHeldSince);
  const active = snapshot.active;
  const pools = poolTables(snapshot);
  const signatures = new SignatureBuilder(pools.poolIndex);
  const tenants = new Map<string, number>();
  const runs = runTables(held, active, signatures, tenants);
  const built = signatures.build();
  const tenantSide = tenantTables(snapshot, tenants, pools);
  const classes = classTables({
    snapshot,
    held,
    runs,
    signatures: built,
    tenants,
    lookup,
    pools,
    tenantPaused: tenantSide.tenantPaused,
  });
  return {
    nowMs: snapshot.nowMs,
    paused: snapshot.paused,
    maxGrants: snapshot.maxGrants,
    ...pools,
    commonPool: commonPool(built, pools.poolIndex),
    ...tenantSide,
    rankCount: snapshot.priorities.length,
    patienceMs: Float64Array.from(
      snapshot.priorities,
      (priority) => priority.patienceMs ?? Number.POSITIVE_INFINITY,
    ),
    signatures: built,
    ...classes,
    heldCount: held.length,
    activeCount: active.length,
    ...runs,
    excluded,
  };
}

function poolTables(snapshot: Snapshot): PoolTables {
  // Sorted, so that nothing depends on the order in which pools were listed.
  const pools = [...snapshot.pools].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const pool of pools) {
    assert(Number.isInteger(pool.size) && pool.size >= 0, `pool ${pool.name} has size ${pool.size}`);
    assert(
      Number.isInteger(pool.otherUse) && pool.otherUse >= 0,
      `pool ${pool.name} has other use ${pool.otherUse}`,
    );
  }
  return {
    poolNames: pools.map((pool) => pool.name),
    poolIndex: new Map(pools.map((pool, index) => [pool.name, index])),
    size: Float64Array.from(pools, (pool) => pool.size),
    otherUse: Float64Array.from(pools, (pool) => pool.otherUse),
    poolStalled: Uint8Array.from(pools, (pool) => (pool.paused || pool.doubt !== null ? 1 : 0)),
  };
}

function runTables(
  held: readonly HeldRun[],
  active: readonly ActiveRun[],
  signatures: SignatureBuilder,
  tenants: Map<string, number>,
): RunTables {
  const count = held.length + active.length;
  const ids: RunId[] = [];
  const runTenant = new Int32Array(count);
  const runSignature = new Int32Array(count);
  const sinceMs = new Float64Array(count);
  const p50Ms = new Float64Array(count);
  const p90Ms = new Float64Array(count);
  const timeoutMs = new Float64Array(count);
  const tenantOf = (run: HeldRun | ActiveRun): number => {
    let tenant = tenants.get(run.tenant);
    if (tenant === undefined) {
      tenant = tenants.size;
      tenants.set(run.tenant, tenant);
    }
    return tenant;
  };
  const put = (run: HeldRun | ActiveRun, at: number, sinceThenMs: number): void => {
    ids.push(run.id);
    runTenant[at] = tenantOf(run);
    runSignature[at] = signatures.indexOf(run.requests);
    sinceMs[at] = sinceThenMs;
    p50Ms[at] = Math.max(1, Math.round(run.estimate.p50Ms));
    p90Ms[at] = Math.max(1, Math.round(run.estimate.p90Ms));
    timeoutMs[at] = run.timeoutMs ?? Number.POSITIVE_INFINITY;
  };
  held.forEach((run, at) => {
    put(run, at, run.heldSinceMs);
  });
  active.forEach((run, at) => {
    put(run, held.length + at, run.sinceMs);
  });
  return { ids, runTenant, runSignature, sinceMs, p50Ms, p90Ms, timeoutMs };
}

type TenantTables = Pick<Tables, 'tenantNames' | 'weight' | 'tenantPaused' | 'tenantCapped' | 'cap'>;

function tenantTables(
  snapshot: Snapshot,
  tenants: ReadonlyMap<string, number>,
  pools: PoolTables,
): TenantTables {
  const poolCount = pools.poolNames.length;
  const weight = new Float64Array(tenants.size).fill(1);
  const tenantPaused = new Uint8Array(tenants.size);
  const tenantCapped = new Uint8Array(tenants.size);
  const cap = new Float64Array(tenants.size * poolCount).fill(Number.POSITIVE_INFINITY);
  for (const tenant of snapshot.tenants) {
    assert(tenant.weight > 0, `tenant ${tenant.name} has weight ${tenant.weight}`);
    const index = tenants.get(tenant.name);
    if (index === undefined) continue;
    weight[index] = tenant.weight;
    tenantPaused[index] = tenant.paused ? 1 : 0;
    for (const [name, units] of Object.entries(tenant.caps)) {
      const pool = pools.poolIndex.get(name);
      if (pool === undefined) continue;
      cap[index * poolCount + pool] = units;
      tenantCapped[index] = 1;
    }
  }
  return { tenantNames: [...tenants.keys()], weight, tenantPaused, tenantCapped, cap };
}
