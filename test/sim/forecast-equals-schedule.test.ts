/**
 * Invariant 6: given the true durations, the simulation of the core gives the start times
 * of the controller, to the millisecond. The controller here is the real loop over a
 * fault-free engine.
 */
import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../sim/arrivals.ts';
import { contentHash } from '../../sim/engine-state.ts';
import { FrozenDurations } from '../../sim/frozen-durations.ts';
import { runQuietWorld } from '../../sim/quiet-world.ts';
import type { RunId } from '../../src/core/model/run.ts';
import type { HeldRun } from '../../src/core/model/snapshot.ts';
import { simulate } from '../../src/core/simulation/simulate.ts';
import { quietArrivals, quietPlan } from './quiet-plans.ts';

/** Generous: machines are busy. */
const LIMIT_MS = 60_000;

function durationOf(arrival: Arrival): number {
  return Math.min(arrival.work.durationMs, arrival.run.timeoutMs ?? Number.POSITIVE_INFINITY);
}

/** As the loop would show it to the decision at the moment it is created. */
function asHeld(arrival: Arrival, durations: FrozenDurations): HeldRun {
  const { id, project, tenant, priority, requests, timeoutMs, content } = arrival.run;
  const series = { project, tenant, contentHash: contentHash(content) };
  const estimate = durations.estimateOf(series);
  return { ...series, id, priority, requests, timeoutMs, estimate, heldSinceMs: arrival.atMs };
}

/** @param moved to the front: arrivals that are there at once, by their place */
async function bothSchedules(seed: number, startLatencyMs: number, moved: readonly number[] = []) {
  const plan = quietPlan(seed);
  const arrivals = quietArrivals(plan, startLatencyMs);
  const durations = new FrozenDurations(plan.medianDurationMs);
  const { settings, pools } = plan;
  const fronts = moved.map((place) => (arrivals[place] as Arrival).run.id);
  const live = await runQuietWorld({ settings, pools, arrivals, durations, fronts });
  const truth = new Map<RunId, number>(arrivals.map((arrival) => [arrival.run.id, durationOf(arrival)]));
  const later = arrivals.filter((arrival) => arrival.atMs > live.snapshot.nowMs);
  const imagined = simulate(live.snapshot, (id) => truth.get(id) ?? Number.NaN, {
    arrivals: later.map((arrival) => asHeld(arrival, durations)),
    startLatencyMs,
  });
  return { live, imagined };
}

describe('given the true durations, the forecast is the schedule', () => {
  for (const startLatencyMs of [0, 700]) {
    test.each(Array.from({ length: 20 }, (_, place) => place + 1))(
      `seed %i, starts that take ${startLatencyMs} ms`,
      { timeout: LIMIT_MS },
      async (seed) => {
        const { live, imagined } = await bothSchedules(seed, startLatencyMs);
        expect(live.startedAtMs.size).toBeGreaterThan(20);
        expect(new Map(imagined.map((run) => [run.id, run.startMs]))).toEqual(live.startedAtMs);
        expect(new Map(imagined.map((run) => [run.id, run.endMs]))).toEqual(live.endedAtMs);
      },
    );
  }

  test.each(Array.from({ length: 20 }, (_, place) => place + 101))(
    'seed %i, with runs that were moved to the front',
    { timeout: LIMIT_MS },
    async (seed) => {
      const { live, imagined } = await bothSchedules(seed, 0, [7, 3, 9]);
      expect(live.snapshot.grants.length).toBeGreaterThan(0);
      expect(new Map(imagined.map((run) => [run.id, run.startMs]))).toEqual(live.startedAtMs);
      expect(new Map(imagined.map((run) => [run.id, run.endMs]))).toEqual(live.endedAtMs);
    },
  );
});
