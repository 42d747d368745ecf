/** Plans of the simulator without faults, for worlds that are compared with a computed schedule. */
import { type Arrival, arrivalsOf } from '../arrivals.ts';
import { type Plan, planOf } from '../plan.ts';

const START_MS = 1_700_000_000_000;
const RUNS_MAX = 120;
/** Looking again on time changes nothing here, so seldom is enough. */
const RELIST_MS = 6 * 3_600_000;

export function quietPlan(seed: number): Plan {
  const plan = planOf(seed, 12);
  return {
    ...plan,
    faults: new Set(),
    settings: { ...plan.settings, maxGrants: 3, relistMs: RELIST_MS, maxHeldMs: null },
  };
}

/** Half of the runs are there at once; every one ends well, after a start of constant latency. */
export function quietArrivals(plan: Plan, startLatencyMs: number): readonly Arrival[] {
  const arrivals = arrivalsOf(plan, START_MS).slice(0, RUNS_MAX);
  return arrivals.map((arrival, place) => ({
    run: arrival.run,
    atMs: place < arrivals.length / 2 ? START_MS : arrival.atMs,
    work: { ...arrival.work, startLatencyMs, failsToStart: false, outcome: 'succeeded' },
  }));
}
