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
  // A request object is usually shared by many runs, and a verdict depends on nothing else of a run
  // than (tenant, priority, requests); checking each run keeps this simple and is still linear.
  for (const run of snapshot.held) (canEverStart(run, lookup) ? held : excluded).push(run);
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
  const all: readonly (HeldRun | ActiveRun)[] = [...held, ...active];
  const ids = all.map((run) => run.id);
  const tenantOf = (run: HeldRun | ActiveRun): number => {
    let tenant = tenants.get(run.tenant);
    if (tenant === undefined) {
      tenant = tenants.size;
      tenants.set(run.tenant, tenant);
    }
    return tenant;
  };
  return {
    ids,
    runTenant: Int32Array.from(all, tenantOf),
    runSignature: Int32Array.from(all, (run) => signatures.indexOf(run.requests)),
    sinceMs: Float64Array.from(all, (run) => ('heldSinceMs' in run ? run.heldSinceMs : run.sinceMs)),
    p50Ms: Float64Array.from(all, (run) => Math.max(1, Math.round(run.estimate.p50Ms))),
    p90Ms: Float64Array.from(all, (run) => Math.max(1, Math.round(run.estimate.p90Ms))),
    timeoutMs: Float64Array.from(all, (run) => run.timeoutMs ?? Number.POSITIVE_INFINITY),
  };
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
