/**
 * Why each held run does not start, with the numbers a person needs. Made only when asked
 * for: a decision itself needs no reasons.
 *
 * Always true: every held run that the decision does not start has exactly one reason, the
 * one that would have to go away first.
 */
import { assert } from '../assert.ts';
import type { Decision, HoldReason } from '../model/decision.ts';
import { RUNS_POOL, type RunId } from '../model/run.ts';
import type { HeldRun, Pool, Snapshot } from '../model/snapshot.ts';
import { buildTables, lookupOf } from './build-tables.ts';
import { AdmissionQueue } from './queue.ts';
import type { Lookup } from './tables.ts';

/** @param decision what `decide` answered for this very snapshot */
export function holdReasons(snapshot: Snapshot, decision: Decision): ReadonlyMap<RunId, HoldReason> {
  const queue = new AdmissionQueue(buildTables(snapshot));
  let starts = 0;
  while (queue.next() >= 0) starts += 1;
  assert(starts === decision.starts.length, 'reasons were asked for with the decision of another snapshot');
  const lookup = lookupOf(snapshot);
  const reasons = new Map<RunId, HoldReason>();
  for (const run of queue.tables.excluded) reasons.set(run.id, neverReason(run, snapshot, lookup));
  const pools = new Map(snapshot.pools.map((pool) => [pool.name, pool]));
  for (let c = 0; c < queue.tables.classCount; c += 1) classReasons(queue, pools, c, reasons);
  return reasons;
}

function neverReason(run: HeldRun, snapshot: Snapshot, lookup: Lookup): HoldReason {
  if (!lookup.ranks.has(run.priority)) {
    return {
      kind: 'unknown-priority',
      priority: run.priority,
      known: snapshot.priorities.map((one) => one.name),
    };
  }
  const requests = Object.entries(run.requests).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [pool, asked] of requests) {
    const size = lookup.sizes.get(pool);
    if (size === undefined) return { kind: 'unknown-pool', pool, known: [...lookup.sizes.keys()].sort() };
    if (asked > size) return { kind: 'never-fits', pool, asked, size };
  }
  for (const [pool, asked] of requests) {
    const cap = lookup.caps.get(run.tenant)?.[pool];
    if (cap !== undefined && asked > cap)
      return { kind: 'never-fits-cap', pool, tenant: run.tenant, asked, cap };
  }
  throw new Error(`run ${run.id} was left out though it could start`);
}

/** The head of a class waits for something; the others of the class wait for the head. */
function classReasons(
  queue: AdmissionQueue,
  pools: ReadonlyMap<string, Pool>,
  c: number,
  reasons: Map<RunId, HoldReason>,
): void {
  const { tables, waiting } = queue;
  const head = waiting.headOf(c);
  if (head < 0) return;
  const first = headReason(queue, pools, head);
  const headId = tables.ids[head] as RunId;
  reasons.set(headId, first);
  const end = tables.classOffset[c + 1] as number;
  const from = end - waiting.waitingIn(c) + 1;
  // What stops everybody of the class alike is better said to each than "behind the first".
  const alike = first.kind === 'paused' || first.kind === 'capacity-in-doubt';
  for (let i = from; i < end; i += 1) {
    const id = tables.ids[tables.classRuns[i] as number] as RunId;
    reasons.set(id, alike ? first : { kind: 'behind', head: headId, ahead: i - from + 1, first });
  }
}

function headReason(queue: AdmissionQueue, pools: ReadonlyMap<string, Pool>, run: number): HoldReason {
  const { tables, ledger, grants } = queue;
  const tenant = tables.runTenant[run] as number;
  const tenantName = tables.tenantNames[tenant] as string;
  if (tables.paused) return { kind: 'paused', scope: 'everything' };
  if (tables.tenantPaused[tenant] === 1) return { kind: 'paused', scope: 'tenant', name: tenantName };
  const asked = requestsOf(queue, run);
  for (const { name } of asked) {
    const pool = pools.get(name) as Pool;
    if (pool.paused) return { kind: 'paused', scope: 'pool', name };
    if (pool.doubt !== null) return { kind: 'capacity-in-doubt', pool: name, doubt: pool.doubt };
  }
  for (const { pool, name, units } of asked) {
    const free = Math.max(0, ledger.freeOf(pool));
    const size = tables.size[pool] as number;
    if (free < units) return { kind: 'pool-full', pool: name, asked: units, free, size };
  }
  for (const { pool, name, units } of asked) {
    const room = ledger.capRoom(tenant, pool);
    const cap = tables.cap[tenant * tables.poolNames.length + pool] as number;
    if (room < units) {
      return {
        kind: 'tenant-cap',
        pool: name,
        tenant: tenantName,
        asked: units,
        free: Math.max(0, room),
        cap,
      };
    }
  }
  return reservedReason(queue, run, asked, grants.isGranted(run));
}

interface Asked {
  readonly pool: number;
  readonly name: string;
  readonly units: number;
}

/** Scarce pools first: "s390x is full" says more than "all slots are taken". */
function requestsOf({ tables }: AdmissionQueue, run: number): readonly Asked[] {
  const { offset, pool, units } = tables.signatures;
  const signature = tables.runSignature[run] as number;
  const asked: Asked[] = [];
  for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
    const index = pool[i] as number;
    asked.push({ pool: index, name: tables.poolNames[index] as string, units: units[i] as number });
  }
  return asked.sort((a, b) => Number(a.name === RUNS_POOL) - Number(b.name === RUNS_POOL));
}

function reservedReason(
  queue: AdmissionQueue,
  run: number,
  asked: readonly Asked[],
  granted: boolean,
): HoldReason {
  const { tables, ledger, grants, nowMs } = queue;
  const older = granted ? grants.standing.findIndex((grant) => grant.run === run) : grants.standing.length;
  const grant = grants.harmed(run, nowMs, older);
  assert(grant !== null, `run ${tables.ids[run]} is held though nothing stops it`);
  const wanted = new Map(requestsOf(queue, grant.run).map(({ pool, units }) => [pool, units]));
  const tenant = tables.runTenant[run] as number;
  const pool = asked.find(({ pool, units }) => {
    const both = units + (wanted.get(pool) ?? Number.NEGATIVE_INFINITY);
    // Within one tenant the room under its cap may be what is kept.
    return ledger.freeOf(pool) < both || (tenant === grant.tenant && ledger.capRoom(tenant, pool) < both);
  });
  assert(pool !== undefined, 'a grant stops a run though there is room for both');
  return {
    kind: 'reserved',
    pool: pool.name,
    forRun: tables.ids[grant.run] as RunId,
    promisedAtMs: grant.promisedAtMs,
  };
}
