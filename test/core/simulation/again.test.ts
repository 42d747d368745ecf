/** A simulation is replayed thousands of times: what one replay leaves behind must not show in the next. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HeldRun, Snapshot } from '../../../src/core/model/snapshot.ts';
import { Simulation, type SimulationOptions } from '../../../src/core/simulation/simulate.ts';
import { aHeldRun, aPool, aPriority, aSnapshot } from '../../builders/admission.ts';
import { anyQueue } from './any-queue.ts';

const REPLAYS = 4;
/** More tenants than are looked at one by one. */
const MANY_TENANTS = 90;

function expectReplaysLikeNew(snapshot: Snapshot, options: SimulationOptions): void {
  const replayed = new Simulation(snapshot, options);
  for (let replay = 0; replay < REPLAYS; replay += 1) {
    // Other durations in each replay, so that each leaves other traces.
    const durationsMs = Float64Array.from(
      replayed.tables.ids,
      (_, run) => 1 + ((run * 37 + replay * 101) % 90),
    );
    const { startMs, endMs } = replayed.run(durationsMs);
    const fresh = new Simulation(snapshot, options).run(durationsMs);
    expect([...startMs]).toEqual([...fresh.startMs]);
    expect([...endMs]).toEqual([...fresh.endMs]);
  }
}

describe('each replay is what a new simulation comes to', () => {
  test('of any small queue', () => {
    fc.assert(
      fc.property(anyQueue, ({ snapshot, arrivals, startLatencyMs }) => {
        expectReplaysLikeNew(snapshot, { arrivals, startLatencyMs });
      }),
      { numRuns: 300 },
    );
  });

  test('of many tenants, with patience, wide runs and grants', () => {
    const held = Array.from({ length: 400 }, (_, index): HeldRun => {
      const wide = index % 11 === 0;
      return aHeldRun(`run-${index}`, {
        tenant: `tenant-${(index * 7) % MANY_TENANTS}`,
        priority: index % 3 === 0 ? 'high' : 'normal',
        requests: wide ? { runs: 1, arm: 2, ppc: 1 } : { runs: 1, [index % 2 === 0 ? 'arm' : 'ppc']: 1 },
      });
    });
    const snapshot = aSnapshot({
      maxGrants: 3,
      pools: [aPool('runs', 9), aPool('arm', 5), aPool('ppc', 6)],
      priorities: [aPriority('high', 1_300), aPriority('normal', 1_700)],
      held,
    });
    expectReplaysLikeNew(snapshot, {});
  });
});
