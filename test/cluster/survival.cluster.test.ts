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
import { PIPELINE_RUNS, pathOf } from './client/resources.ts';
import { comesTrue } from './holding/installation.ts';
import { CuttableProxy } from './rig/cuttable-proxy.ts';
import { inTurns } from './rig/in-turns.ts';
import { type InstalledPenstock, installPenstock } from './rig/installed-penstock.ts';
import type { PenstockProcess } from './rig/penstock-process.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { requireCluster, requiresControl, type TestCluster } from './rig/require-cluster.ts';
import type { Rig } from './rig/rig.ts';
import { RunWatcher, type WatchedRun } from './rig/run-watcher.ts';

const seed = Number(process.env.PENSTOCK_TEST_SEED ?? Date.now() % 1_000_000);
const random = randomStream(seed, 'survival');

let cluster: TestCluster;
let penstock: InstalledPenstock;
const watchers: RunWatcher[] = [];

beforeEach(async () => {
  cluster = requireCluster();
  penstock = await installPenstock(cluster);
});

afterEach(async () => {
  for (const watcher of watchers.splice(0)) await watcher.close();
  await penstock.remove();
  cluster.admin.close();
});

const QUICK = { lease: { duration: '3s' } };

test('killed at 100 random moments during 1,000 runs: none twice, none over the cap, none lost', {
  timeout: 1_800_000,
}, async () => {
  const RUNS = 1_000;
  const CAP = 25;
  const KILLS = 100;
  /** There before the first of them; the others come with the kills, so that none is after the last run. */
  const EARLY = 300;
  console.log(`PENSTOCK_TEST_SEED=${seed}`);
  const { namespace, watcher } = await newStory();
  const config = { pools: { runs: { size: CAP } }, admission: { startDeadline: '2s' } };
  const replicas = [0, 1].map(() => penstock.replica({ config, tekton: QUICK }));
  for (const replica of replicas) await replica.start();
  await createRuns(namespace, { from: 0, to: EARLY, durationMs: 500 });
  let fruitful = 0;
  for (let kills = 0; kills < KILLS; kills += 1) {
    const from = EARLY + (kills * (RUNS - EARLY)) / KILLS;
    await createRuns(namespace, { from, to: from + (RUNS - EARLY) / KILLS, durationMs: 500 });
    const before = started(watcher);
    const leader = await leading(replicas);
    // It starts nothing for 2 s yet: killed before, at and after its first starts; every second
    // one after them, however long they take on a busy machine.
    if (kills % 2 === 1 && before < from) {
      await watcher.until(
        'it to start a run',
        120_000,
        () => alive(leader).isRunning && started(watcher) > before,
      );
      await pause(random.next() * 500);
    } else await pause(random.next() * 3_000);
    await leader.kill();
    fruitful += started(watcher) > before ? 1 : 0;
    await leader.start();
  }
  console.log(
    `${started(watcher)} of ${RUNS} runs were started between kills, in ${fruitful} of ${KILLS} lives`,
  );
  // Else it was killed before it did anything.
  expect(fruitful).toBeGreaterThan(KILLS / 4);
  await untilAll(watcher, replicas, RUNS);
  console.log(`${KILLS} kills during ${RUNS} runs; at most ${watcher.peak()} of ${CAP} at once`);
  expectSound(watcher, CAP, RUNS);
  expect(notSucceeded(watcher)).toEqual([]);
});

test('connections cut 50 times and the API server stopped and started 5 times', {
  timeout: 1_200_000,
}, async (context) => {
  const CAP = 20;
  const ROUNDS = 5;
  const CUTS_PER_ROUND = 10;
  const RUNS_PER_CUT = 6;
  const RUNS = ROUNDS * CUTS_PER_ROUND * RUNS_PER_CUT;
  /** PipelineRuns, TaskRuns, namespaces and pods. */
  const WATCHES = 4;
  console.log(`PENSTOCK_TEST_SEED=${seed}`);
  const rig = requiresControl(context, cluster);
  const proxy = await CuttableProxy.open(cluster.admin.access.server);
  try {
    const config = { pools: { runs: { size: CAP } } };
    const replica = penstock.replica({ config, tekton: QUICK, server: proxy.url });
    await replica.start();
    const { namespace, watcher } = await newStory(rig);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let cut = 0; cut < CUTS_PER_ROUND; cut += 1) {
        const from = (round * CUTS_PER_ROUND + cut) * RUNS_PER_CUT;
        await createRuns(namespace, { from, to: from + RUNS_PER_CUT, durationMs: 1_000 });
        await watcher.until(
          'all to be watched',
          60_000,
          () => alive(replica).isRunning && proxy.connections >= WATCHES,
        );
        await pause(random.next() * 500);
        proxy.cut();
      }
      await rig.restart('kube-apiserver');
    }
    await untilAll(watcher, [replica], RUNS);
    console.log(`connections cut ${proxy.cuts} times; at most ${watcher.peak()} of ${CAP} at once`);
    expect(proxy.cuts).toBeGreaterThanOrEqual(ROUNDS * CUTS_PER_ROUND);
    expectSound(watcher, CAP, RUNS);
    // Tekton itself may fail a run when its API server goes away in the middle of it.
    console.log(`not succeeded: ${notSucceeded(watcher).join('; ') || 'none'}`);
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
  const { namespace, watcher } = await newStory();
  await createRuns(namespace, { from: 0, to: 30, durationMs: 1_000 });
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
  expectSound(watcher, CAP, 30);
  expect(notSucceeded(watcher)).toEqual([]);
});

interface Story {
  readonly namespace: string;
  /** Sees the runs of this namespace alone. */
  readonly watcher: RunWatcher;
}

/** With a rig it is seen in etcd, where nothing is missed while the API server is away. */
async function newStory(etcd?: Rig): Promise<Story> {
  const namespace = await penstock.newNamespace();
  const options = { namespace, ...(etcd === undefined ? {} : { etcd }) };
  const watcher = await RunWatcher.open(cluster.admin, options);
  watchers.push(watcher);
  return { namespace, watcher };
}

interface Batch {
  readonly from: number;
  readonly to: number;
  readonly durationMs: number;
}

/** Also through an API server that has just been started: it serves custom resources a little later. */
async function createRuns(namespace: string, { from, to, durationMs }: Batch): Promise<void> {
  const timeouts = { pipeline: '10m' };
  await inTurns(Array.from({ length: to - from }), (_, i) =>
    comesTrue(`run ${from + i} is created`, async () => {
      const path = pathOf(PIPELINE_RUNS, { namespace });
      const body = pipelineRun({ namespace, name: `run-${from + i}`, timeouts, durationMs });
      const { status } = await cluster.admin.raw({ method: 'POST', path, body }).catch(() => ({ status: 0 }));
      return status === 201 || status === 409;
    }),
  );
}

/** Throws when it has died by itself. */
function alive(replica: PenstockProcess): PenstockProcess {
  if (!replica.isRunning) throw new Error(`penstock serve has ended by itself; ${replica.ending()}`);
  return replica;
}

/** The one that leads by its own log, once there is one. */
async function leading(replicas: readonly PenstockProcess[]): Promise<PenstockProcess> {
  const giveUpAtMs = Date.now() + 60_000;
  for (;;) {
    const leader = replicas.find((replica) => {
      const line = alive(replica).lines.findLast(({ msg }) => msg === 'Leadership changed');
      return line?.kind === 'leading' && new Date(line.time).getTime() >= replica.startedAtMs;
    });
    if (leader !== undefined) return leader;
    if (Date.now() > giveUpAtMs) throw new Error('nobody leads');
    await pause(20);
  }
}

async function untilAll(
  watcher: RunWatcher,
  replicas: readonly PenstockProcess[],
  runs: number,
): Promise<void> {
  try {
    await watcher.until('all runs to end', 600_000, () => {
      for (const replica of replicas) alive(replica);
      return watcher.countIn('finished') === runs;
    });
  } catch (error) {
    throw new Error(
      `${String(error)}; last of the log:\n${replicas.map((one) => one.lastLines(40)).join('\n\n')}`,
    );
  }
}

function started(watcher: RunWatcher): number {
  return watcher.runs.filter((run) => lettingGo(run).length > 0).length;
}

function lettingGo(run: WatchedRun): readonly number[] {
  return run.transitions.filter(({ phase }) => phase === 'started').map(({ atMs }) => atMs);
}

/** As an observer of its own saw it, not as Penstock tells it. */
function expectSound(watcher: RunWatcher, cap: number, runs: number): void {
  expect(watcher.peak()).toBeLessThanOrEqual(cap);
  expect(watcher.runs).toHaveLength(runs);
  const twice = watcher.runs.filter((run) => lettingGo(run).length > 1);
  expect(twice.map(({ name }) => name)).toEqual([]);
  expect(watcher.countIn('finished')).toBe(runs);
}

/** Runs that did not succeed, with Tekton's word for it. */
function notSucceeded(watcher: RunWatcher): readonly string[] {
  const reasons = watcher.runs.map(({ name, object }) => ({ name, ...object.status?.conditions?.[0] }));
  return reasons
    .filter(({ reason }) => reason !== 'Succeeded')
    .map(({ name, reason, message }) => `${name}: ${reason} ${message}`);
}
