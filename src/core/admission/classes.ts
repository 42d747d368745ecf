/**
 * Classes: held runs of one tenant, rank and signature, interchangeable but for their age.
 *
 * Always true: classes are numbered tenant by tenant, so those of a tenant lie side by side.
 */
import type { Requests, RunId } from '../model/run.ts';
import type { Grant, HeldRun, Snapshot } from '../model/snapshot.ts';
import { byGrantAge } from './order.ts';
import { requestsKey, type Signatures } from './signatures.ts';
import type { Lookup, PoolTables, RunTables, Tables } from './tables.ts';

export interface ClassInput {
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
  | 'classOffset'
  | 'classRuns'
  | 'classLastStartMs'
  | 'runClass'
  | 'grants'
>;

export function classTables(input: ClassInput): ClassTables {
  const { snapshot, held, runs, signatures } = input;
  const ranks = snapshot.priorities.length;
  const cells = cellsOf(input);
  const sorted = [...new Set(cells)].sort((a, b) => a - b);
  const classAt = new Map(sorted.map((cell, c) => [cell, c]));
  const runClass = new Int32Array(runs.ids.length).fill(-1);
  cells.forEach((cell, run) => {
    runClass[run] = classAt.get(cell) as number;
  });
  const classRank = Int32Array.from(sorted, (cell) => cell % ranks);
  const classSignature = Int32Array.from(sorted, (cell) => Math.floor(cell / ranks) % signatures.count);
  const classTenant = Int32Array.from(sorted, (cell) => Math.floor(cell / ranks / signatures.count));
  const grants = grantTables(snapshot.grants, runs.ids, held.length);
  return {
    classCount: sorted.length,
    classTenant,
    classRank,
    classSignature,
    classStalled: Uint8Array.from(sorted, (_, c) =>
      isStalled(input, classTenant[c] as number, classSignature[c] as number) ? 1 : 0,
    ),
    ...classRunLists(sorted.length, runClass, held.length, new Set(grants.map((grant) => grant.run))),
    classLastStartMs: lastStarts(input, classAt),
    runClass,
    grants,
  };
}

/** A number for each (tenant, signature, rank), ascending by tenant. */
function cellOf(input: ClassInput, tenant: number, signature: number, rank: number): number {
  return (tenant * input.signatures.count + signature) * input.snapshot.priorities.length + rank;
}

function cellsOf(input: ClassInput): Float64Array {
  const { held, runs, lookup } = input;
  const cells = new Float64Array(held.length);
  held.forEach((run, index) => {
    const rank = lookup.ranks.get(run.priority) as number;
    cells[index] = cellOf(input, runs.runTenant[index] as number, runs.runSignature[index] as number, rank);
  });
  return cells;
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

function lastStarts(input: ClassInput, classAt: ReadonlyMap<number, number>): Float64Array {
  const { snapshot, tenants, lookup, held, runs } = input;
  const last = new Float64Array(classAt.size).fill(Number.NEGATIVE_INFINITY);
  if (snapshot.classStarts.length === 0) return last;
  const signatureOf = new Map<string, number>();
  // What runs ask for is one object for many of them, and its key costs more than all the rest.
  const keyed = new Set<Requests>();
  held.forEach((run, index) => {
    if (keyed.has(run.requests)) return;
    keyed.add(run.requests);
    signatureOf.set(requestsKey(run.requests), runs.runSignature[index] as number);
  });
  for (const start of snapshot.classStarts) {
    const tenant = tenants.get(start.tenant);
    const rank = lookup.ranks.get(start.priority);
    const signature = signatureOf.get(requestsKey(start.requests));
    if (tenant === undefined || rank === undefined || signature === undefined) continue;
    const c = classAt.get(cellOf(input, tenant, signature, rank));
    if (c !== undefined) last[c] = Math.max(last[c] as number, start.atMs);
  }
  return last;
}
