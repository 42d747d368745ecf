/**
 * The queue with everything admission does: a cap on all runs, eight pools beside it, many
 * tenants, three priorities with patience, grants, all runs waiting at once, and one run in
 * a hundred asking for three pools together.
 */
import { type Estimate, type Requests, runId } from '../../src/core/model/run.ts';
import type { HeldRun, Pool, Snapshot } from '../../src/core/model/snapshot.ts';
import { below, type Random, randomStream } from '../../src/core/random/random.ts';
import { type LogNormal, logNormal } from './log-normal.ts';

const CAP = 50;
const POOLS = 8;
const POOL_SIZE = 10;
const WIDE_ONE_IN = 100;
const MINUTE_MS = 60_000;

export const DURATIONS: LogNormal = logNormal({ meanMs: MINUTE_MS, variation: 0.66 });

export interface AdmissionShape {
  readonly runs: number;
  readonly tenants: number;
  readonly seed: number;
}

export function admissionQueue({ runs, tenants, seed }: AdmissionShape): Snapshot {
  const random = randomStream(seed, 'queue');
  return {
    nowMs: 0,
    paused: false,
    maxGrants: 4,
    pools: [
      pool('runs', CAP),
      ...Array.from({ length: POOLS }, (_, index) => pool(poolName(index), POOL_SIZE)),
    ],
    priorities: [
      { name: 'high', patienceMs: 10 * MINUTE_MS },
      { name: 'normal', patienceMs: 30 * MINUTE_MS },
      { name: 'low', patienceMs: 60 * MINUTE_MS },
    ],
    tenants: [],
    held: Array.from({ length: runs }, (_, index) => heldRun(index, tenants, random)),
    active: [],
    grants: [],
    classStarts: [],
  };
}

function pool(name: string, size: number): Pool {
  return { name, size, otherUse: 0, paused: false, doubt: null };
}

function poolName(index: number): string {
  return `pool-${index % POOLS}`;
}

function heldRun(index: number, tenants: number, random: Random): HeldRun {
  const tenant = below(random, tenants);
  const project = below(random, 20);
  const estimate: Estimate = { p50Ms: Math.round(DURATIONS.medianMs), p90Ms: Math.round(DURATIONS.p90Ms) };
  return {
    id: runId(`run-${String(index).padStart(6, '0')}`),
    project: `project-${tenant}-${project}`,
    tenant: `tenant-${tenant}`,
    contentHash: `content-${project}`,
    priority: ['high', 'normal', 'low'][below(random, 3)] ?? 'normal',
    requests: requests(random),
    heldSinceMs: 0,
    estimate,
    timeoutMs: null,
  };
}

/** Three pools for one run in a hundred, like a build for three platforms; else one. */
function requests(random: Random): Requests {
  const first = below(random, POOLS);
  if (below(random, WIDE_ONE_IN) > 0) return { runs: 1, [poolName(first)]: 1 };
  return { runs: 1, [poolName(first)]: 1, [poolName(first + 1)]: 1, [poolName(first + 2)]: 1 };
}
