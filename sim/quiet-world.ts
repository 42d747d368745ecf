/**
 * A world without faults, in which the real loop's start times can be compared with those
 * the core's simulation computes: answers at once, constant start latencies, frozen
 * estimates, and all events of one millisecond before anybody looks.
 */

import type { DurationModelSource } from '../src/app/admission/durations.ts';
import { AdmissionLoop } from '../src/app/admission-loop.ts';
import type { AdmissionSettings } from '../src/app/settings.ts';
import type { RunId } from '../src/core/model/run.ts';
import type { Snapshot } from '../src/core/model/snapshot.ts';
import type { PoolCapacity } from '../src/ports/capacity.ts';
import { MemoryStore } from '../test/fakes/memory-store.ts';
import type { Arrival } from './arrivals.ts';
import { canEverStart } from './end-checks.ts';
import { EngineClient, perfectNetwork } from './engine-client.ts';
import { EngineState } from './engine-state.ts';
import { Mortal, OwnClock } from './mortal.ts';
import { silentLog } from './process.ts';
import { Scheduler, settle } from './scheduler.ts';

export interface QuietWorld {
  readonly settings: AdmissionSettings;
  readonly pools: readonly PoolCapacity[];
  /** Those at the first instant make the first snapshot. */
  readonly arrivals: readonly Arrival[];
  readonly durations: DurationModelSource;
  /** Moved to the front before the loop begins, one after the other. */
  readonly fronts?: readonly RunId[];
}

export interface QuietSchedule {
  /** What the loop decided upon first. */
  readonly snapshot: Snapshot;
  /** When each start was decided, and when the run truly ended. */
  readonly startedAtMs: ReadonlyMap<RunId, number>;
  readonly endedAtMs: ReadonlyMap<RunId, number>;
}

/** Runs until every run that can start has ended. */
export async function runQuietWorld(world: QuietWorld): Promise<QuietSchedule> {
  const firstMs = Math.min(...world.arrivals.map((arrival) => arrival.atMs));
  const scheduler = new Scheduler(firstMs);
  const endedAtMs = new Map<RunId, number>();
  const startedAtMs = new Map<RunId, number>();
  let client: EngineClient | null = null;
  const state = new EngineState(
    scheduler,
    {
      startTookEffect: () => {},
      finished: (run) => endedAtMs.set(run.created.id, scheduler.nowMs()),
      changed: () => client?.changed(),
    },
    { blindStarts: false },
  );
  const engine = new EngineClient({
    state,
    scheduler,
    network: perfectNetwork,
    witness: { sent: () => {}, landed: () => {} },
    workOf: () => ({ startLatencyMs: 0, durationMs: 1, outcome: 'succeeded', failsToStart: false }),
  });
  client = engine;
  let snapshot: Snapshot | null = null;
  const store = new MemoryStore();
  for (const runId of world.fronts ?? []) {
    const front = { runId, by: 'ann', atMs: firstMs };
    const entry = { atMs: firstMs, by: 'ann', what: 'front', about: `run ${runId}`, detail: null } as const;
    await store.order({ kind: 'front', front }, entry);
  }
  const loop = new AdmissionLoop({
    engine,
    capacity: { read: async () => world.pools },
    store,
    clock: new OwnClock(scheduler, new Mortal(() => {}), () => 0),
    log: silentLog,
    settings: world.settings,
    durations: world.durations,
    onEvent: (event) => {
      if (event.kind === 'run-started') startedAtMs.set(event.runId, event.atMs);
      if (event.kind === 'pass-finished') snapshot ??= loop.view()?.snapshot ?? null;
    },
  });
  for (const arrival of world.arrivals) {
    scheduler.at(arrival.atMs, () => state.create(arrival.run, true, arrival.work));
  }
  await allOfThisInstant(scheduler);
  loop.start();
  await settle();
  const wantEnds = world.arrivals.filter((arrival) => canEverStart(world, arrival.run)).length;
  while (endedAtMs.size < wantEnds && scheduler.nowMs() < firstMs + QUIET_LIMIT_MS) {
    await allOfThisInstant(scheduler);
  }
  await loop.stop();
  if (snapshot === null) throw new Error('the loop never finished a pass');
  return { snapshot, startedAtMs, endedAtMs };
}

/** Whoever has not started by then never will. */
const QUIET_LIMIT_MS = 30 * 86_400_000;

async function allOfThisInstant(scheduler: Scheduler): Promise<void> {
  const atMs = scheduler.nextAtMs();
  if (atMs === null) throw new Error('nothing is planned any more');
  while (scheduler.nextAtMs() === atMs) scheduler.step();
  await settle();
}
