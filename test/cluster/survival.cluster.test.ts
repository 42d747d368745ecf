/**
 * What breaks others: Penstock killed again and again, its connections cut, the API server
 * gone and back, its leader lost. Nothing may start twice, nothing over the cap, and in the
 * end everything has run.
 *
 * The seed is printed; PENSTOCK_TEST_SEED repeats it as far as real processes allow.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { randomStream } from '../../src/core/random/random.ts';
import { PIPELINE_RUNS } from './client/resources.ts';
import { CuttableProxy } from './rig/cuttable-proxy.ts';
import { inTurns } from './rig/in-turns.ts';
import { type InstalledPenstock, installPenstock } from './rig/installed-penstock.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { requireCluster, requiresControl, type TestCluster } from './rig/require-cluster.ts';
import { RunWatcher, type WatchedRun } from './rig/run-watcher.ts';

const seed = Number(process.env.PENSTOCK_TEST_SEED ?? Date.now() % 1_000_000);
const random = randomStream(seed, 'survival');

let cluster: TestCluster;
let penstock: InstalledPenstock;
let watcher: RunWatcher;

beforeEach(async () => {
  cluster = requireCluster();
  penstock = await installPenstock(cluster);
  watcher = await RunWatcher.open(cluster.admin, { labelSelector: 'story=survival' });
});

afterEach(async () => {
  await watcher.close();
  await penstock.remove();
  cluster.admin.close();
});

const QUICK = { lease: { duration: '5s' } };

test('killed at 100 random moments during 1,000 runs: none twice, none over the cap, none lost', {
  timeout: 1_800_000,
}, async () => {
  const RUNS = 1_000;
  const CAP = 25;
  const KILLS = 100;
  console.log(`PENSTOCK_TEST_SEED=${seed}`);
  const config = { pools: { runs: { size: CAP } }, admission: { startDeadline: '2s' } };
  const replica = penstock.replica({ config, tekton: QUICK });
  await replica.start();
  await createRuns(RUNS, { durationMs: 500 });
  let kills = 0;
  while (kills < KILLS && watcher.countIn('finished') < RUNS) {
    await pause(200 + random.next() * 5_000);
    await replica.kill();
    kills += 1;
    await replica.start();
  }
  await watcher.until('all runs to end', 600_000, () => watcher.countIn('finished') === RUNS);
  console.log(`${kills} kills during ${RUNS} runs; at most ${watcher.peak()} of ${CAP} at once`);
  expect(kills).toBe(KILLS);
  expectSound(CAP, RUNS);
  expect(notSucceeded()).toEqual([]);
});

test('connections cut 50 times and the API server stopped and started 5 times', {
  timeout: 1_200_000,
}, async (context) => {
  const RUNS = 300;
  const CAP = 20;
  const rig = requiresControl(context, cluster);
  const proxy = await CuttableProxy.open(cluster.admin.access.server);
  try {
    const config = { pools: { runs: { size: CAP } } };
    const replica = penstock.replica({ config, tekton: QUICK, server: proxy.url });
    await replica.start();
    await createRuns(RUNS, { durationMs: 1_000 });
    for (let round = 0; round < 5; round += 1) {
      while (proxy.cuts < 10 * (round + 1)) {
        await pause(100 + random.next() * 600);
        proxy.cut();
      }
      await rig.restart('kube-apiserver');
    }
    await watcher
      .until('all runs to end', 300_000, () => watcher.countIn('finished') === RUNS)
      .catch((error) => {
        throw new Error(`${error}; last of the log:\n${replica.lastLines(60)}`);
      });
    console.log(`connections cut ${proxy.cuts} times; at most ${watcher.peak()} of ${CAP} at once`);
    expect(proxy.cuts).toBeGreaterThanOrEqual(50);
    expectSound(CAP, RUNS);
    // Tekton itself may fail a run when its API server goes away in the middle of it.
    console.log(`not succeeded: ${notSucceeded().join('; ') || 'none'}`);
  } finally {
    await proxy.close();
  }
});

test('a second replica takes over within 20 s when the leader is killed', async () => {
  const CAP = 4;
  const config = { pools: { runs: { size: CAP } } };
  const first = penstock.replica({ config });
  await first.start();
  await first.logged(
    'it to lead',
    30_000,
    (line) => line.msg === 'Leadership changed' && line.kind === 'leading',
  );
  const second = penstock.replica({ config });
  await second.start();
  await createRuns(30, { durationMs: 1_000 });
  await watcher.until('some to be done', 60_000, () => watcher.countIn('finished') >= 5);
  await first.kill();
  const killedAtMs = Date.now();
  const letGo = () => watcher.runs.filter((run) => lettingGo(run).length > 0).length;
  const before = letGo();
  await watcher.until('the second to start one', 20_000, () => letGo() > before + CAP);
  console.log(
    `the second replica started its first runs ${Date.now() - killedAtMs} ms after the first was killed`,
  );
  await watcher.until('all runs to end', 120_000, () => watcher.countIn('finished') === 30);
  expectSound(CAP, 30);
  expect(notSucceeded()).toEqual([]);
});

async function createRuns(count: number, options: { readonly durationMs: number }): Promise<void> {
  const namespaces = [await penstock.newNamespace(), await penstock.newNamespace()];
  await inTurns(Array.from({ length: count }), (_, i) =>
    cluster.admin.create(
      PIPELINE_RUNS,
      pipelineRun({
        namespace: namespaces[i % namespaces.length] as string,
        name: `run-${i}`,
        labels: { story: 'survival' },
        timeouts: { pipeline: '10m' },
        ...options,
      }),
    ),
  );
}

function lettingGo(run: WatchedRun): readonly number[] {
  return run.transitions.filter(({ phase }) => phase === 'started').map(({ atMs }) => atMs);
}

/** As an observer of its own saw it, not as Penstock tells it. */
function expectSound(cap: number, runs: number): void {
  expect(watcher.peak()).toBeLessThanOrEqual(cap);
  expect(watcher.runs).toHaveLength(runs);
  const twice = watcher.runs.filter((run) => lettingGo(run).length > 1);
  expect(twice.map(({ name }) => name)).toEqual([]);
  expect(watcher.countIn('finished')).toBe(runs);
}

/** Runs that did not succeed, with Tekton's word for it. */
function notSucceeded(): readonly string[] {
  const reasons = watcher.runs.map(({ name, object }) => ({ name, ...object.status?.conditions?.[0] }));
  return reasons
    .filter(({ reason }) => reason !== 'Succeeded')
    .map(({ name, reason, message }) => `${name}: ${reason} ${message}`);
}
