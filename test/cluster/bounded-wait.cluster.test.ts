/**
 * A run that needs all four platforms at once, among a stream of runs that need one each: it
 * starts within the bound that `explain` states for it, although at no moment would all four
 * be free by chance.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PIPELINE_RUNS } from './client/resources.ts';
import { type InstalledPenstock, installPenstock } from './rig/installed-penstock.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { requireCluster, type TestCluster } from './rig/require-cluster.ts';
import { RunWatcher } from './rig/run-watcher.ts';

const PLATFORMS = ['linux/arm64', 'linux/ppc64le', 'linux/s390x', 'linux/x86_64'];
const STREAM_MS = 90_000;
const LOOK_MS = 250;

let cluster: TestCluster;
let penstock: InstalledPenstock;

beforeEach(async () => {
  cluster = requireCluster();
  penstock = await installPenstock(cluster);
});

afterEach(async () => {
  await penstock.remove();
  cluster.admin.close();
});

interface Explanation {
  readonly boundAtMs: number | null;
  readonly lines: readonly string[];
}

test('a run with all four platforms starts within the bound that explain promised', async () => {
  const replica = penstock.replica({
    config: {
      pools: { runs: { size: 100 }, ...Object.fromEntries(PLATFORMS.map((name) => [name, { size: 2 }])) },
      priorities: [{ name: 'normal', patience: '10s' }],
    },
  });
  await replica.start();
  const namespace = await penstock.newNamespace();
  const watcher = await RunWatcher.open(cluster.admin, { namespace });
  const create = (name: string, platforms: readonly string[]) =>
    cluster.admin.create(
      PIPELINE_RUNS,
      pipelineRun({
        namespace,
        name,
        durationMs: 3_000,
        params: { 'build-platforms': platforms },
        timeouts: { pipeline: '60s' },
      }),
    );
  const waitingFor = (platform: string) =>
    watcher.runs.filter((run) => run.name.startsWith(nameFor(platform)) && isHeld(run)).length;

  let made = 0;
  let bound: Explanation | null = null;
  let wideId = '';
  const endAtMs = Date.now() + STREAM_MS;
  const startedAt = () => watcher.find('wide')?.transitions.find(({ phase }) => phase === 'started')?.atMs;
  while (Date.now() < endAtMs && startedAt() === undefined) {
    // There are always more of them waiting than fit: a stream that never ends by itself.
    for (const platform of PLATFORMS) {
      while (waitingFor(platform) < 3) {
        made += 1;
        await create(`${nameFor(platform)}${made}`, [platform]);
        await pause(20);
      }
    }
    if (made > 30 && wideId === '') {
      const { metadata } = await create('wide', PLATFORMS);
      wideId = `${namespace}/wide@${metadata.uid?.slice(0, 8)}`;
    }
    if (wideId !== '' && bound === null) {
      const explanation = (await replica.ask('explain', wideId)) as Explanation;
      if (explanation.boundAtMs !== null) bound = explanation;
    }
    await pause(LOOK_MS);
  }
  console.log(`${made} single-platform runs; explained: ${bound?.lines.join(' ')}`);
  expect(bound?.boundAtMs).toBeTypeOf('number');
  expect(startedAt()).toBeTypeOf('number');
  expect(startedAt()).toBeLessThanOrEqual(bound?.boundAtMs ?? Number.NEGATIVE_INFINITY);
  await watcher.close();
});

function nameFor(platform: string): string {
  return `${platform.replaceAll(/[/_]/g, '-')}-`;
}

function isHeld(run: { readonly transitions: readonly { readonly phase: string }[] }): boolean {
  return run.transitions.at(-1)?.phase === 'held';
}
