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
import { type Requests, RUNS_POOL, type RunId } from '../model/run.ts';
import type { ActiveRun, Grant, HeldRun, Snapshot } from '../model/snapshot.ts';
import { byGrantAge, byHeldSince, type GrantTerms } from './order.ts';

/** The bit of all signatures that have none of their own. */
const SHARED_COLOR = 31;
/** Most cells of the (tenant, signature, priority) index: 200 MB, far beyond any real queue. */
const CLASS_CELLS_MAX = 50_000_000;

/** What runs ask for, each distinct vector once. */
export interface Signatures {
  readonly count: number;
  /** A bit for each signature: the most frequent ones have one of their own, all others share the last. */
  readonly color: Int32Array;
  /** Entries offset[s] .. offset[s + 1] - 1 of `pool` and `units` belong to signature s. */
  readonly offset: Int32Array;
  readonly pool: Int32Array;
  readonly units: Float64Array;
  /** Asks for several scarce pools or several units: such runs may be given a grant. */
  readonly wide: Uint8Array;
}

export interface Tables {
  readonly nowMs: number;
  readonly paused: boolean;
  readonly maxGrants: number;
  readonly poolNames: readonly string[];
  readonly poolIndex: ReadonlyMap<string, number>;
  readonly size: Float64Array;
  readonly otherUse: Float64Array;
  /** 1 where the pool is paused or in doubt: it starts nothing. */
  readonly poolStalled: Uint8Array;
  /** The pool that every held run asks for, or -1. */
  readonly commonPool: number;
  readonly tenantNames: readonly string[];
  readonly weight: Float64Array;
  readonly tenantPaused: Uint8Array;
  readonly tenantCapped: Uint8Array;
  /** Caps by tenant * pools + pool; Infinity where there is none. */
  readonly cap: Float64Array;
  readonly rankCount: number;
  /** Milliseconds by rank; Infinity means never overdue. */
  readonly patienceMs: Float64Array;
  readonly signatures: Signatures;
  readonly classCount: number;
  readonly classTenant: Int32Array;
  readonly classRank: Int32Array;
  readonly classSignature: Int32Array;
  /** 1 where a pool of the class is stalled or its tenant paused. */
  readonly classStalled: Uint8Array;
  /** The bit of its signature. */
  readonly classColor: Int32Array;
  /** Entries tenantClassOffset[t] .. tenantClassOffset[t + 1] - 1 of tenantClasses: its classes. */
  readonly tenantClassOffset: Int32Array;
  readonly tenantClasses: Int32Array;
  /** Entries classOffset[c] .. classOffset[c + 1] - 1 of classRuns: its runs in their order. */
  readonly classOffset: Int32Array;
  readonly classRuns: Int32Array;
  readonly classLastStartMs: Float64Array;
  readonly heldCount: number;
  readonly activeCount: number;
  /** By run index, held then active. */
  readonly ids: readonly RunId[];
  readonly runTenant: Int32Array;
  readonly runSignature: Int32Array;
  /** -1 for active runs. */
  readonly runClass: Int32Array;
  /** Held since, or active since. */
  readonly sinceMs: Float64Array;
  readonly p50Ms: Float64Array;
  readonly p90Ms: Float64Array;
  /** Infinity means none. */
  readonly timeoutMs: Float64Array;
  /** Grants of runs that are here, oldest first, as run indexes. */
  readonly grants: readonly GrantTerms[];
  /** Held runs left out because they can never start as things are. */
  readonly excluded: readonly HeldRun[];
}

/** Text that is equal exactly when the requests are. */
export function requestsKey(requests: Requests): string {
  return Object.keys(requests)
    .sort()
    .map((pool) => `${pool}=${requests[pool]}`)
    .join(',');
}

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

export interface Lookup {
  readonly ranks: ReadonlyMap<string, number>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly caps: ReadonlyMap<string, Requests>;
}

export function lookupOf(snapshot: Snapshot): Lookup {
  return {
    ranks: new Map(snapshot.priorities.map((priority, rank) => [priority.name, rank])),
    sizes: new Map(snapshot.pools.map((pool) => [pool.name, pool.size])),
    caps: new Map(snapshot.tenants.map((tenant) => [tenant.name, tenant.caps])),
  };
}

/** @throws AssertionError when the snapshot breaks its own rules (units not whole, two runs of one id). */
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

type PoolTables = Pick<Tables, 'poolNames' | 'poolIndex' | 'size' | 'otherUse' | 'poolStalled'>;

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

/** Gives each distinct request vector an index; requests for pools that do not exist are dropped (only active runs have them). */
class SignatureBuilder {
  readonly #poolIndex: ReadonlyMap<string, number>;
  readonly #byObject = new Map<Requests, number>();
  readonly #byKey = new Map<string, number>();
  readonly #vectors: (readonly (readonly [number, number])[])[] = [];
  /** How many runs ask for each. */
  readonly #uses: number[] = [];

  constructor(poolIndex: ReadonlyMap<string, number>) {
    this.#poolIndex = poolIndex;
  }

  indexOf(requests: Requests): number {
    const index = this.#byObject.get(requests) ?? this.#indexOfEqual(requests);
    this.#uses[index] = (this.#uses[index] ?? 0) + 1;
    return index;
  }

  #indexOfEqual(requests: Requests): number {
    const key = requestsKey(requests);
    let index = this.#byKey.get(key);
    if (index === undefined) {
      index = this.#vectors.length;
      this.#byKey.set(key, index);
      this.#vectors.push(this.#vector(requests));
    }
    this.#byObject.set(requests, index);
    return index;
  }

  #vector(requests: Requests): (readonly [number, number])[] {
    const vector: (readonly [number, number])[] = [];
    for (const [name, units] of Object.entries(requests)) {
      assert(Number.isInteger(units) && units >= 1, `a run asks for ${units} of ${name}`);
      const pool = this.#poolIndex.get(name);
      if (pool !== undefined) vector.push([pool, units]);
    }
    return vector.sort((a, b) => a[0] - b[0]);
  }

  #colors(): Int32Array {
    const color = new Int32Array(this.#vectors.length).fill(1 << SHARED_COLOR);
    const byUses = this.#uses
      .map((uses, index) => ({ uses, index }))
      .sort((a, b) => b.uses - a.uses || a.index - b.index);
    byUses.slice(0, SHARED_COLOR).forEach(({ index }, bit) => {
      color[index] = 1 << bit;
    });
    return color;
  }

  build(): Signatures {
    const runsPool = this.#poolIndex.get(RUNS_POOL) ?? -1;
    const flat = this.#vectors.flat();
    const offset = new Int32Array(this.#vectors.length + 1);
    this.#vectors.forEach((vector, index) => {
      offset[index + 1] = (offset[index] as number) + vector.length;
    });
    return {
      count: this.#vectors.length,
      color: this.#colors(),
      offset,
      pool: Int32Array.from(flat, ([pool]) => pool),
      units: Float64Array.from(flat, ([, units]) => units),
      wide: Uint8Array.from(this.#vectors, (vector) => (isWide(vector, runsPool) ? 1 : 0)),
    };
  }
}

/** The cap on everything is asked for by every run, so one unit of it does not make a run wide. */
function isWide(vector: readonly (readonly [number, number])[], runsPool: number): boolean {
  let scarceUnits = 0;
  for (const [pool, units] of vector) {
    if (pool !== runsPool) scarceUnits += units;
    else if (units > 1) return true;
  }
  return scarceUnits > 1;
}

function commonPool(signatures: Signatures, poolIndex: ReadonlyMap<string, number>): number {
  const runsPool = poolIndex.get(RUNS_POOL);
  if (runsPool === undefined) return -1;
  for (let s = 0; s < signatures.count; s += 1) {
    const from = signatures.offset[s] as number;
    const to = signatures.offset[s + 1] as number;
    if (signatures.pool.subarray(from, to).indexOf(runsPool) < 0) return -1;
  }
  return runsPool;
}

type RunTables = Pick<
  Tables,
  'ids' | 'runTenant' | 'runSignature' | 'sinceMs' | 'p50Ms' | 'p90Ms' | 'timeoutMs'
>;

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

interface ClassInput {
  readonly snapshot: Snapshot;
  readonly held: readonly HeldRun[];
  readonly runs: RunTables;
  readonly signatures: Signatures;
  readonly tenants: ReadonlyMap<string, number>;
  readonly lookup: Lookup;
  readonly pools: PoolTables;
  readonly tenantPaused: Uint8Array;
}

type ClassTables = Pick<
  Tables,
  | 'classCount'
  | 'classTenant'
  | 'classRank'
  | 'classSignature'
  | 'classStalled'
  | 'classColor'
  | 'tenantClassOffset'
  | 'tenantClasses'
  | 'classOffset'
  | 'classRuns'
  | 'classLastStartMs'
  | 'runClass'
  | 'grants'
>;

function classTables(input: ClassInput): ClassTables {
  const { snapshot, held, runs, signatures, tenants, lookup } = input;
  const ranks = snapshot.priorities.length;
  const cells = tenants.size * signatures.count * ranks;
  assert(cells <= CLASS_CELLS_MAX, `too many distinct classes: ${cells} cells`);
  const classAt = new Int32Array(cells).fill(-1);
  const runClass = new Int32Array(runs.ids.length).fill(-1);
  const cellOf: number[] = [];
  held.forEach((run, index) => {
    const pair = (runs.runTenant[index] as number) * signatures.count + (runs.runSignature[index] as number);
    const cell = pair * ranks + (lookup.ranks.get(run.priority) as number);
    if (classAt[cell] === -1) {
      classAt[cell] = cellOf.length;
      cellOf.push(cell);
    }
    runClass[index] = classAt[cell] as number;
  });
  const classRank = Int32Array.from(cellOf, (cell) => cell % ranks);
  const classSignature = Int32Array.from(cellOf, (cell) => Math.floor(cell / ranks) % signatures.count);
  const classTenant = Int32Array.from(cellOf, (cell) => Math.floor(cell / ranks / signatures.count));
  const grants = grantTables(snapshot.grants, runs.ids, held.length);
  return {
    classCount: cellOf.length,
    classTenant,
    classRank,
    classSignature,
    classStalled: Uint8Array.from(cellOf, (_, c) =>
      isStalled(input, classTenant[c] as number, classSignature[c] as number) ? 1 : 0,
    ),
    classColor: classSignature.map((signature) => signatures.color[signature] as number),
    ...tenantClassLists(classTenant, tenants.size),
    ...classRunLists(cellOf.length, runClass, held.length, new Set(grants.map((grant) => grant.run))),
    classLastStartMs: lastStarts(input, classAt, cellOf.length),
    runClass,
    grants,
  };
}

function isStalled(
  { signatures, pools, tenantPaused }: ClassInput,
  tenant: number,
  signature: number,
): boolean {
  if (tenantPaused[tenant] === 1) return true;
  for (
    let i = signatures.offset[signature] as number;
    i < (signatures.offset[signature + 1] as number);
    i += 1
  ) {
    if (pools.poolStalled[signatures.pool[i] as number] === 1) return true;
  }
  return false;
}

function tenantClassLists(
  classTenant: Int32Array,
  tenantCount: number,
): Pick<Tables, 'tenantClassOffset' | 'tenantClasses'> {
  const tenantClasses = Int32Array.from(classTenant, (_, c) => c);
  tenantClasses.sort((a, b) => (classTenant[a] as number) - (classTenant[b] as number) || a - b);
  const tenantClassOffset = new Int32Array(tenantCount + 1);
  for (const tenant of classTenant)
    tenantClassOffset[tenant + 1] = (tenantClassOffset[tenant + 1] as number) + 1;
  for (let t = 0; t < tenantCount; t += 1) {
    tenantClassOffset[t + 1] = (tenantClassOffset[t + 1] as number) + (tenantClassOffset[t] as number);
  }
  return { tenantClassOffset, tenantClasses };
}

/**
 * Granted runs come first in their class, by the age of their grants (the order of `granted`):
 * a grant stays with its run though an older one turns up.
 */
function classRunLists(
  classCount: number,
  runClass: Int32Array,
  heldCount: number,
  granted: ReadonlySet<number>,
): Pick<Tables, 'classOffset' | 'classRuns'> {
  const classOffset = new Int32Array(classCount + 1);
  for (let run = 0; run < heldCount; run += 1) {
    const next = (runClass[run] as number) + 1;
    classOffset[next] = (classOffset[next] as number) + 1;
  }
  for (let c = 0; c < classCount; c += 1) {
    classOffset[c + 1] = (classOffset[c + 1] as number) + (classOffset[c] as number);
  }
  const fill = classOffset.slice();
  const classRuns = new Int32Array(heldCount);
  const place = (run: number): void => {
    const c = runClass[run] as number;
    classRuns[fill[c] as number] = run;
    fill[c] = (fill[c] as number) + 1;
  };
  for (const run of granted) place(run);
  for (let run = 0; run < heldCount; run += 1) if (!granted.has(run)) place(run);
  return { classOffset, classRuns };
}

function grantTables(grants: readonly Grant[], ids: readonly RunId[], heldCount: number): Tables['grants'] {
  if (grants.length === 0) return [];
  const wanted = new Set<RunId>(grants.map((grant) => grant.runId));
  const indexOf = new Map<RunId, number>();
  for (let run = 0; run < heldCount; run += 1) {
    const id = ids[run] as RunId;
    if (wanted.has(id)) indexOf.set(id, run);
  }
  return grants
    .filter((grant) => indexOf.has(grant.runId))
    .map((grant) => ({
      run: indexOf.get(grant.runId) as number,
      grantedAtMs: grant.grantedAtMs,
      promisedAtMs: grant.promisedAtMs,
    }))
    .sort(byGrantAge);
}

function lastStarts(input: ClassInput, classAt: Int32Array, classCount: number): Float64Array {
  const { snapshot, signatures, tenants, lookup, held, runs } = input;
  const last = new Float64Array(classCount).fill(Number.NEGATIVE_INFINITY);
  const signatureOf = new Map<string, number>();
  held.forEach((run, index) => {
    if (snapshot.classStarts.length > 0)
      signatureOf.set(requestsKey(run.requests), runs.runSignature[index] as number);
  });
  for (const start of snapshot.classStarts) {
    const tenant = tenants.get(start.tenant);
    const rank = lookup.ranks.get(start.priority);
    const signature = signatureOf.get(requestsKey(start.requests));
    if (tenant === undefined || rank === undefined || signature === undefined) continue;
    const c = classAt[(tenant * signatures.count + signature) * snapshot.priorities.length + rank] as number;
    if (c >= 0) last[c] = Math.max(last[c] as number, start.atMs);
  }
  return last;
}
