/**
 * The runs of a simulation: when they are created, what they ask for, how long their work
 * takes. All of it is drawn before the simulation begins, each purpose from a stream of
 * its own, so that nothing Penstock does changes what arrives.
 */
import { type Requests, RUNS_POOL, runId } from '../src/core/model/run.ts';
import { type Random, randomStream } from '../src/core/random/random.ts';
import type { NewRun } from '../src/ports/engine.ts';
import { between, chance, lognormal, pick, scaled } from './draws.ts';
import type { Work } from './engine-state.ts';
import type { Plan } from './plan.ts';

export interface Arrival {
  readonly atMs: number;
  readonly run: NewRun;
  readonly work: Work;
}

/** Keeps a simulated day quick to simulate. */
const RUNS_MAX = 130;
const HOUR_MS = 3_600_000;

export function arrivalsOf(plan: Plan, startMs: number): readonly Arrival[] {
  const when = randomStream(plan.seed, 'arrivals');
  const what = randomStream(plan.seed, 'requests');
  const work = randomStream(plan.seed, 'durations');
  const slots = plan.pools[0]?.size ?? 1;
  const count = Math.min(
    RUNS_MAX,
    Math.round((plan.load * slots * plan.hours * HOUR_MS) / plan.medianDurationMs),
  );
  const arrivals: Arrival[] = [];
  while (arrivals.length < count) {
    const atMs = startMs + Math.floor(when.next() * plan.hours * HOUR_MS);
    const atOnce = chance(when, 0.1) ? between(when, 5, 40) : between(when, 1, 3);
    const spreadMs = chance(when, 0.5) ? 0 : between(when, 1, 120_000);
    const bulk = aRun(plan, what);
    for (let i = 0; i < atOnce && arrivals.length < count; i += 1) {
      const number = arrivals.length + 1;
      const drawn = chance(what, 0.7) ? bulk : aRun(plan, what);
      const run = { ...drawn, id: runId(`run-${number}`) };
      arrivals.push({ atMs: atMs + Math.floor(when.next() * spreadMs), run, work: aWork(plan, run, work) });
    }
  }
  return arrivals.sort((a, b) => a.atMs - b.atMs || (a.run.id < b.run.id ? -1 : 1));
}

export function aRun(plan: Plan, random: Random): NewRun {
  const tenant = pick(random, plan.tenants);
  const project = `${tenant}/${pick(random, ['web', 'api', 'lib'])}`;
  return {
    id: runId('?'),
    project,
    tenant,
    priority: chance(random, 0.01) ? 'unheard-of' : pick(random, ['urgent', 'normal', 'normal', 'idle']),
    requests: someRequests(plan, random),
    content: pick(random, ['build', 'test', 'release']),
    params: {},
    timeoutMs: chance(random, 0.3) ? scaled(random, plan.medianDurationMs, 4 * plan.medianDurationMs) : null,
  };
}

function someRequests(plan: Plan, random: Random): Requests {
  const requests: Record<string, number> = { [RUNS_POOL]: 1 };
  for (const pool of plan.pools.slice(1)) {
    if (chance(random, 0.35)) requests[pool.name] = between(random, 1, Math.max(1, pool.size - 1));
  }
  // Some can never start: they ask for too much, or for what there is not.
  const [, scarce] = plan.pools;
  if (scarce !== undefined && chance(random, 0.01)) requests[scarce.name] = scarce.size + 1;
  if (chance(random, 0.01)) requests['windows/arm64'] = 1;
  return requests;
}

export function aWork(plan: Plan, run: NewRun, random: Random): Work {
  const factor = run.content === 'release' ? 2 : run.content === 'test' ? 0.1 : 1;
  return {
    startLatencyMs: scaled(random, 50, 20_000),
    durationMs: lognormal(random, plan.medianDurationMs * factor, 0.7),
    outcome: chance(random, 0.1) ? 'failed' : 'succeeded',
    failsToStart: chance(random, 0.02),
  };
}
