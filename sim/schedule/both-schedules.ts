/**
 * Invariant 6 on one random case: the schedule that the controller made (the real loop over an
 * engine without faults) and the one that the simulation of the core computes from the
 * controller's first snapshot, the runs still to come and the true durations.
 */
import type { RunId } from '../../src/core/model/run.ts';
import type { HeldRun } from '../../src/core/model/snapshot.ts';
import { simulate } from '../../src/core/simulation/simulate.ts';
import type { Arrival } from '../arrivals.ts';
import { contentHash } from '../engine-state.ts';
import { FrozenDurations } from '../frozen-durations.ts';
import { runQuietWorld } from '../quiet-world.ts';
import { quietArrivals, quietPlan } from './quiet-plans.ts';

export interface ScheduleCase {
  readonly seed: number;
  readonly startLatencyMs: number;
  /** Arrivals that are there at once and are moved to the front, by their place. */
  readonly moved: readonly number[];
}

export interface Times {
  readonly startedAtMs: ReadonlyMap<RunId, number>;
  readonly endedAtMs: ReadonlyMap<RunId, number>;
}

/** @returns what the controller did, with the grants that were out, and what was computed */
export async function bothSchedules({
  seed,
  startLatencyMs,
  moved,
}: ScheduleCase): Promise<{ readonly live: Times & { readonly grants: number }; readonly computed: Times }> {
  const plan = quietPlan(seed);
  const arrivals = quietArrivals(plan, startLatencyMs);
  const durations = new FrozenDurations(plan.medianDurationMs);
  const { settings, pools } = plan;
  const fronts = moved.map((place) => (arrivals[place] as Arrival).run.id);
  const live = await runQuietWorld({ settings, pools, arrivals, durations, fronts });
  const truth = new Map<RunId, number>(arrivals.map((arrival) => [arrival.run.id, durationOf(arrival)]));
  const later = arrivals.filter((arrival) => arrival.atMs > live.snapshot.nowMs);
  const computed = simulate(live.snapshot, (id) => truth.get(id) ?? Number.NaN, {
    arrivals: later.map((arrival) => asHeld(arrival, durations)),
    startLatencyMs,
  });
  return {
    live: {
      startedAtMs: live.startedAtMs,
      endedAtMs: live.endedAtMs,
      grants: live.snapshot.grants.length,
    },
    computed: {
      startedAtMs: new Map(computed.map((run) => [run.id, run.startMs])),
      endedAtMs: new Map(computed.map((run) => [run.id, run.endMs])),
    },
  };
}

/** The largest distance in milliseconds; infinite where one has a time that the other lacks. */
export function apartMs(one: Times, other: Times): number {
  return Math.max(mostApart(one.startedAtMs, other.startedAtMs), mostApart(one.endedAtMs, other.endedAtMs));
}

function mostApart(one: ReadonlyMap<RunId, number>, other: ReadonlyMap<RunId, number>): number {
  let most = one.size === other.size ? 0 : Number.POSITIVE_INFINITY;
  for (const [id, atMs] of one) {
    const off = Math.abs(atMs - (other.get(id) ?? Number.NaN));
    most = Math.max(most, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
  }
  return most;
}

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
