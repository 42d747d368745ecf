/**
 * Starts in a second with a cap that holds nothing back: Penstock, beside a bare client that
 * sends the very same patches over as many kept connections and does nothing else. They take
 * turns, each with runs of its own.
 */

import { pipelineRunPath } from '../../src/adapters/tekton/names.ts';
import { startPatch } from '../../src/adapters/tekton/runs/start-patch.ts';
import { ApiClient } from '../../test/cluster/client/api-client.ts';
import { PIPELINE_RUNS } from '../../test/cluster/client/resources.ts';
import { atLeast, type Line } from '../harness/line.ts';
import { median } from '../harness/median.ts';
import { releaseLease, takeLease } from './lease.ts';
import { createRuns, nameOf } from './runs.ts';
import { packedServe } from './serve.ts';
import { StartCounter } from './start-counter.ts';
import type { BenchWorld } from './world.ts';

const RUNS = 1_500;
const ROUNDS = 3;
/** As many as Penstock's own client may use; also the fastest for a bare one. */
const CONNECTIONS = 64;
const KUEUE_PER_SECOND = 42.7;
const LIMIT_MS = 120_000;
const BARE = 'bare-client';

async function started(counter: StartCounter, who: string): Promise<number> {
  const giveUpAtMs = performance.now() + LIMIT_MS;
  while (counter.atMs.length < RUNS) {
    if (performance.now() > giveUpAtMs) throw new Error(`${who} started ${counter.atMs.length} of ${RUNS}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  counter.close();
  return counter.perSecond();
}

async function byPenstock(world: BenchWorld): Promise<number> {
  const namespace = await world.newNamespace();
  await createRuns(world.admin, namespace, { from: 0, count: RUNS });
  const counter = await StartCounter.open(world.admin, namespace);
  const serve = packedServe({ access: world.access, namespace: world.namespace, slots: 1_000_000 });
  try {
    await serve.start();
    return await started(counter, 'Penstock');
  } catch (error) {
    throw new Error(`${String(error)}\n${serve.lastLines()}`);
  } finally {
    await serve.stop();
    await serve.dispose();
    await world.emptied(namespace);
  }
}

async function byBareClient(world: BenchWorld): Promise<number> {
  const namespace = await world.newNamespace();
  await createRuns(world.admin, namespace, { from: 0, count: RUNS });
  const { items } = await world.admin.list(PIPELINE_RUNS, { namespace });
  const uids = new Map(items.map(({ metadata }) => [metadata.name, metadata.uid ?? '']));
  await takeLease(world.admin, { namespace: world.namespace, holder: BARE });
  const counter = await StartCounter.open(world.admin, namespace);
  const client = new ApiClient(world.access);
  const seal = { startBeforeMs: Date.now() + LIMIT_MS, startedBy: BARE };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < RUNS) {
      const name = nameOf(next);
      next += 1;
      const seen = { uid: uids.get(name) ?? '', hasHeldLabel: true, hasAnnotations: true, notes: {} };
      const answer = await client.raw({
        method: 'PATCH',
        path: `${pipelineRunPath(namespace, name)}?fieldManager=penstock`,
        contentType: 'application/json-patch+json',
        body: startPatch(seen, seal),
      });
      if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    return await started(counter, 'the bare client');
  } finally {
    client.close();
    await releaseLease(world.admin, world.namespace);
    await world.emptied(namespace);
  }
}

export async function starts(world: BenchWorld): Promise<readonly Line[]> {
  const penstock: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await byBareClient(world));
    penstock.push(await byPenstock(world));
  }
  const ratio = median(penstock.map((value, round) => value / (bare[round] ?? Number.NaN)));
  const perSecond = median(penstock);
  const rounds = penstock.map((value, round) => `${value.toFixed(0)} by ${bare[round]?.toFixed(0)}`);
  return [
    {
      what: 'starts, cap out of the way',
      value: perSecond,
      unit: '/s',
      against: `rounds: ${rounds.join(', ')}`,
      goal: atLeast(5 * KUEUE_PER_SECOND, perSecond, ' /s, five times what Kueue publishes'),
    },
    {
      what: `a bare client, ${CONNECTIONS} connections`,
      value: median(bare),
      unit: '/s',
      against: null,
      goal: null,
    },
    { what: 'ratio', value: ratio, unit: '', against: null, goal: atLeast(0.8, ratio) },
  ];
}
