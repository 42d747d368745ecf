/**
 * The plain queue that the peers simulate too: one pool of 20 slots, first come, first
 * served, Poisson arrivals at 95 % load, log-normal durations with a coefficient of
 * variation of 0.66. Whole milliseconds, so that every program must come to the same sums.
 */
import { type Estimate, runId } from '../../src/core/model/run.ts';
import type { ActiveRun, HeldRun, Pool, Snapshot } from '../../src/core/model/snapshot.ts';
import { randomStream } from '../../src/core/random/random.ts';
import { type LogNormal, logNormal } from './log-normal.ts';

export const SLOTS = 20;
const LOAD = 0.95;
export const DURATIONS: LogNormal = logNormal({ meanMs: 60_000, variation: 0.66 });

export interface FifoWorkload {
  readonly arrivalsMs: Float64Array;
  readonly durationsMs: Float64Array;
}

export function fifoWorkload(jobs: number, seed: number): FifoWorkload {
  const arrivals = randomStream(seed, 'arrivals');
  const arrivalsMs = new Float64Array(jobs);
  let nowMs = 0;
  for (let job = 0; job < jobs; job += 1) {
    nowMs += (-Math.log(1 - arrivals.next()) * DURATIONS.meanMs) / SLOTS / LOAD;
    arrivalsMs[job] = Math.round(nowMs);
  }
  const durationsMs = new Float64Array(jobs);
  DURATIONS.fill(durationsMs, randomStream(seed, 'durations'));
  return { arrivalsMs, durationsMs };
}

/** On a pool of its own, gone at once: with a run of another kind about, the queue is simulated by events. */
const BYSTANDER: ActiveRun = {
  id: runId('bystander'),
  project: 'project',
  tenant: 'tenant',
  contentHash: 'content',
  requests: { elsewhere: 1 },
  sinceMs: -1,
  estimate: { p50Ms: 1, p90Ms: 1 },
  timeoutMs: null,
};

/** The queue just before the first arrival, and everything that will arrive. */
export function fifoQueue(
  { arrivalsMs }: FifoWorkload,
  { byEvents = false } = {},
): {
  snapshot: Snapshot;
  arrivals: readonly HeldRun[];
} {
  const estimate: Estimate = { p50Ms: Math.round(DURATIONS.medianMs), p90Ms: Math.round(DURATIONS.p90Ms) };
  const width = String(arrivalsMs.length).length;
  const arrivals = Array.from(
    arrivalsMs,
    (heldSinceMs, job): HeldRun => ({
      id: runId(`run-${String(job).padStart(width, '0')}`),
      project: 'project',
      tenant: 'tenant',
      contentHash: 'content',
      priority: 'normal',
      requests: { runs: 1 },
      heldSinceMs,
      estimate,
      timeoutMs: null,
    }),
  );
  const snapshot: Snapshot = {
    nowMs: -1,
    paused: false,
    maxGrants: 0,
    pools: [pool('runs', SLOTS), pool('elsewhere', 1)],
    priorities: [{ name: 'normal', patienceMs: null }],
    tenants: [],
    held: [],
    active: byEvents ? [BYSTANDER] : [],
    grants: [],
    classStarts: [],
  };
  return { snapshot, arrivals };
}

function pool(name: string, size: number): Pool {
  return { name, size, otherUse: 0, paused: false, doubt: null };
}
