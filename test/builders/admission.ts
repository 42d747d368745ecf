/**
 * Builders of snapshots for tests: each test says only what its story is about.
 *
 * A run asks for one unit of `runs` unless told otherwise, takes ten seconds, and belongs to
 * tenant `a` with the priority `normal`.
 */
import { type Estimate, type Requests, type RunId, runId } from '../../src/core/model/run.ts';
import type {
  ActiveRun,
  Grant,
  HeldRun,
  Pool,
  Priority,
  Snapshot,
  Tenant,
} from '../../src/core/model/snapshot.ts';

const TEN_SECONDS: Estimate = { p50Ms: 10_000, p90Ms: 10_000 };

export function aHeldRun(id: string, parts: Partial<Omit<HeldRun, 'id'>> = {}): HeldRun {
  return {
    id: runId(id),
    project: 'project',
    tenant: 'a',
    contentHash: 'content',
    priority: 'normal',
    requests: { runs: 1 },
    heldSinceMs: 0,
    estimate: TEN_SECONDS,
    timeoutMs: null,
    ...parts,
  };
}

export function anActiveRun(id: string, parts: Partial<Omit<ActiveRun, 'id'>> = {}): ActiveRun {
  return {
    id: runId(id),
    project: 'project',
    tenant: 'a',
    contentHash: 'content',
    requests: { runs: 1 },
    sinceMs: 0,
    estimate: TEN_SECONDS,
    timeoutMs: null,
    ...parts,
  };
}

export function aPool(name: string, size: number, parts: Partial<Omit<Pool, 'name' | 'size'>> = {}): Pool {
  return { name, size, otherUse: 0, paused: false, doubt: null, ...parts };
}

export function aTenant(name: string, parts: Partial<Omit<Tenant, 'name'>> = {}): Tenant {
  return { name, weight: 1, caps: {}, paused: false, ...parts };
}

export function aPriority(name: string, patienceMs: number | null = null): Priority {
  return { name, patienceMs };
}

export function aGrant(id: string, grantedAtMs: number, promisedAtMs: number): Grant {
  return { runId: runId(id), grantedAtMs, promisedAtMs };
}

export function aClassStart(
  atMs: number,
  parts: { tenant?: string; priority?: string; requests?: Requests } = {},
): Snapshot['classStarts'][number] {
  return { tenant: 'a', priority: 'normal', requests: { runs: 1 }, atMs, ...parts };
}

export function aSnapshot(parts: Partial<Snapshot> = {}): Snapshot {
  return {
    nowMs: 1_000,
    paused: false,
    maxGrants: 2,
    pools: [aPool('runs', 1)],
    priorities: [aPriority('normal')],
    tenants: [],
    held: [],
    active: [],
    grants: [],
    classStarts: [],
    ...parts,
  };
}

/** The ids as the decision gives them: `ids('x', 'y')`. */
export function ids(...names: readonly string[]): RunId[] {
  return names.map((name) => runId(name));
}
