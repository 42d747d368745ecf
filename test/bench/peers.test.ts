/**
 * A comparison of speed is worth something only between programs that do the same work:
 * every peer of the benchmarks comes to the very same waiting and the very same end.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { cPeer, type GivenQueue, peerFolder, simpyPeer } from '../../bench/peers/peer.ts';
import { fifoQueue, fifoWorkload, SLOTS } from '../../bench/workloads/fifo.ts';
import { Simulation } from '../../src/core/simulation/simulate.ts';
import { C_COMPILER, requires, SIMPY } from '../support/prerequisites.ts';

const JOBS = 2_000;
const folder = peerFolder();
const workload = fifoWorkload(JOBS, 7);
const queue: GivenQueue = { ...workload, slots: SLOTS };

afterAll(folder.remove);

function ours(): { readonly waitedMs: number; readonly lastEndMs: number } {
  const { snapshot, arrivals } = fifoQueue(workload);
  const { startMs, endMs } = new Simulation(snapshot, { arrivals }).run(workload.durationsMs);
  const waitedMs = startMs.reduce(
    (sum, start, job) => sum + start - (workload.arrivalsMs[job] ?? Number.NaN),
    0,
  );
  return { waitedMs, lastEndMs: Math.max(...endMs) };
}

describe('the same queue, the same waiting', () => {
  test('some jobs wait, so that the comparison compares something', () => {
    expect(ours().waitedMs).toBeGreaterThan(0);
  });

  test('in the C program', (context) => {
    requires(context, C_COMPILER);
    expect(cPeer(folder, queue)?.run(2)).toMatchObject({ ...ours(), jobs: 2 * JOBS });
  });

  test('in SimPy', (context) => {
    requires(context, SIMPY);
    expect(simpyPeer(folder, queue)?.run(1)).toMatchObject({ ...ours(), jobs: JOBS });
  });
});

test('with durations drawn, the C program keeps the load it was given', (context) => {
  requires(context, C_COMPILER);
  const run = cPeer(folder, queue)?.run(1, { meanMs: 60_000, variation: 0.66, seed: 1 });

  // Utilisation 95 %: the last end comes soon after the last arrival, whatever was drawn.
  const lastArrivalMs = workload.arrivalsMs.at(-1) ?? Number.NaN;
  expect(run?.lastEndMs).toBeGreaterThan(lastArrivalMs);
  expect(run?.lastEndMs).toBeLessThan(lastArrivalMs * 1.3);
});
