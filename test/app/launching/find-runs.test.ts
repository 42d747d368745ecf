/** Whether a run that was asked for is there, also where the engine calls it by another id. */
import { expect, test } from 'vitest';
import { EngineClient, perfectNetwork } from '../../../sim/engine-client.ts';
import { EngineState } from '../../../sim/engine-state.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import { askedPlace, idOf, placeWithoutUid } from '../../../src/adapters/tekton/runs/run-ids.ts';
import { findRuns } from '../../../src/app/launching/find-runs.ts';
import { type RunId, runId } from '../../../src/core/model/run.ts';
import type { Engine } from '../../../src/ports/engine.ts';
import { aFinishedRun } from '../../conformance/store-builders.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { aNewRun } from '../queries/rig.ts';

/** Of a cluster: it ended, went into history and was pruned before anybody looked for it. */
const PRUNED = idOf('shop', 'shop-3', '9876543210');

async function find(observedId: RunId, can: Engine['can'], asked: readonly string[]) {
  const scheduler = new Scheduler(0);
  const witness = { startTookEffect: () => {}, finished: () => {}, changed: () => {} };
  const state = new EngineState(scheduler, witness, { blindStarts: false });
  const work = { startLatencyMs: 0, durationMs: 1, outcome: 'succeeded', failsToStart: false } as const;
  state.create({ ...aNewRun('x'), id: observedId }, true, work);
  const wire = { sent: () => {}, landed: () => {} };
  const client = new EngineClient({
    state,
    scheduler,
    network: perfectNetwork,
    witness: wire,
    workOf: () => work,
  });
  Object.assign(client, { can });
  const store = new MemoryStore();
  await store.recordFinished([aFinishedRun('past'), aFinishedRun(PRUNED)]);
  const wanted = asked.map((id) => ({ askedId: runId(id), project: 'shop' }));
  return Object.fromEntries(await findRuns({ engine: client, store, clock: scheduler }, wanted));
}

test('a run is found in the engine, then in history, or nowhere', async () => {
  expect(await find(runId('live'), {}, ['live', 'past', 'none'])).toEqual({ live: 'live', past: 'past' });
});

test('a run of a cluster is found by where it was put', async () => {
  const observed = idOf('shop', 'shop-1', '1234567890');
  const namesOf = { asked: askedPlace, observed: placeWithoutUid };
  const asked = ['shop-1', 'shop-2', 'shop-3', 'shop'];
  expect(await find(observed, { namesOf }, asked)).toEqual({ 'shop-1': observed, 'shop-3': PRUNED });
});
