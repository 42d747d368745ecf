/**
 * The story Penstock exists for: hundreds of runs at once behind a cap of 20, each with a
 * timeout shorter than the whole takes. Held, all succeed; let go at once behind a quota,
 * most are killed by their timeout. Both on the same cluster, seen by a watcher of its own.
 *
 * How long a run takes depends on the machine, so the timeout is measured: several times what 20
 * runs take that have it for themselves, and less than half of what 300 behind 20 slots take.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApiClient } from './client/api-client.ts';
import { PIPELINE_RUNS } from './client/resources.ts';
import { inTurns } from './rig/in-turns.ts';
import { type InstalledPenstock, installPenstock } from './rig/installed-penstock.ts';
import { type Load, LoadMeter } from './rig/load.ts';
import { deleteNamespaces, newNamespace } from './rig/namespaces.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { requireCluster, type TestCluster } from './rig/require-cluster.ts';
import { RunWatcher, type WatchedRun } from './rig/run-watcher.ts';

const RUNS = 300;
const NAMESPACES = 10;
const CAP = 20;
const DURATION_MS = 2_000;
/** 300 runs are 15 times as many as run at once. */
const WAVES_IN_TIME = 5;
const TIMEOUT_MIN_MS = 30_000;
const ALL_DONE_MS = 900_000;

let timeoutMs = Number.NaN;
let cluster: TestCluster;
let penstock: InstalledPenstock;

beforeAll(async () => {
  const { admin } = requireCluster();
  timeoutMs = Math.max(TIMEOUT_MIN_MS, WAVES_IN_TIME * (await waveMs(admin)));
  console.log(`each run has ${Math.round(timeoutMs / 1000)} s`);
  admin.close();
}, ALL_DONE_MS);

beforeEach(async () => {
  cluster = requireCluster();
  penstock = await installPenstock(cluster);
});

afterEach(async () => {
  await penstock.remove();
});

afterAll(() => cluster.admin.close());

interface Figures {
  readonly succeeded: number;
  readonly timedOut: number;
  readonly peak: number;
  readonly pendingMsMax: number;
  /** Null on a cluster whose etcd cannot be asked. */
  readonly load: Load | null;
  readonly tookMs: number;
}

test('300 runs in 10 namespaces behind a cap of 20: all succeed, never more than 20 at once', {
  timeout: ALL_DONE_MS,
}, async () => {
  await penstock.replica({ config: { pools: { runs: { size: CAP } } } }).start();
  const held = await story({ 'penstock.dev/hold': 'enabled' });
  print('held by Penstock', held);
  expect(held.succeeded).toBe(RUNS);
  expect(held.peak).toBeLessThanOrEqual(CAP);
  // They waited for longer than their timeout, and it did not count.
  expect(held.pendingMsMax).toBeGreaterThan(timeoutMs);
});

test('the same 300 let go at once behind a quota: most are killed by their timeout', {
  timeout: ALL_DONE_MS,
}, async () => {
  const quota = await story({}, { pods: String(CAP / NAMESPACES) });
  print('let go at once behind a quota', quota);
  expect(quota.timedOut).toBeGreaterThan(RUNS / 4);
  expect(quota.succeeded + quota.timedOut).toBe(RUNS);
});

/** How long as many runs take as may run at once, from their creation to the end of the last. */
async function waveMs(admin: ApiClient): Promise<number> {
  const namespace = await newNamespace(admin, 'wave');
  const watcher = await RunWatcher.open(admin, { namespace });
  const beganAtMs = Date.now();
  await inTurns(Array.from({ length: CAP }), (_, i) =>
    admin.create(PIPELINE_RUNS, pipelineRun({ namespace, name: `wave-${i}`, durationMs: DURATION_MS })),
  );
  await watcher.until('a wave to end', ALL_DONE_MS, () => watcher.countIn('finished') === CAP);
  const tookMs = Date.now() - beganAtMs;
  await watcher.close();
  await deleteNamespaces(admin, [namespace]);
  return tookMs;
}

async function story(
  labels: Readonly<Record<string, string>>,
  quota: Readonly<Record<string, string>> | null = null,
): Promise<Figures> {
  const { admin, rig } = cluster;
  const namespaces: string[] = [];
  for (let i = 0; i < NAMESPACES; i += 1) namespaces.push(await penstock.newNamespace(labels));
  if (quota !== null) await inTurns(namespaces, (namespace) => limitTo(namespace, quota));
  const watcher = await RunWatcher.open(admin, { labelSelector: 'story=adr' });
  const meter = rig === null ? null : await LoadMeter.open(admin, rig);
  const beganAtMs = Date.now();
  await inTurns(Array.from({ length: RUNS }), (_, i) =>
    admin.create(
      PIPELINE_RUNS,
      pipelineRun({
        namespace: namespaces[i % NAMESPACES] as string,
        name: `build-${i}`,
        durationMs: DURATION_MS,
        timeouts: { pipeline: `${Math.ceil(timeoutMs / 1000)}s` },
        labels: { story: 'adr' },
      }),
    ),
  );
  let load: Load | null = null;
  try {
    await watcher.until('all runs to end', ALL_DONE_MS, () => watcher.countIn('finished') === RUNS);
  } finally {
    load = (await meter?.close()) ?? null;
    await watcher.close();
  }
  return {
    succeeded: watcher.runs.filter((run) => reasonOf(run) === 'Succeeded').length,
    timedOut: watcher.runs.filter((run) => reasonOf(run) === 'PipelineRunTimeout').length,
    peak: watcher.peak(),
    pendingMsMax: Math.max(...watcher.runs.map(pendingMs)),
    load,
    tookMs: Date.now() - beganAtMs,
  };
}

async function limitTo(namespace: string, hard: Readonly<Record<string, string>>): Promise<void> {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'slots', namespace },
    spec: { hard },
  };
  await cluster.admin.create({ api: 'api/v1', plural: 'resourcequotas', namespaced: true }, quota);
}

function reasonOf(run: WatchedRun): string | undefined {
  return run.object.status?.conditions?.find(({ type }) => type === 'Succeeded')?.reason;
}

/** From its creation until it was let go. */
function pendingMs(run: WatchedRun): number {
  const [first] = run.transitions;
  const letGo = run.transitions.find(({ phase }) => phase !== 'held');
  return first === undefined || letGo === undefined ? 0 : letGo.atMs - first.atMs;
}

function print(title: string, figures: Figures): void {
  const { tookMs, pendingMsMax, ...counts } = figures;
  const seconds = {
    took: `${Math.round(tookMs / 1000)} s`,
    longestWait: `${Math.round(pendingMsMax / 1000)} s`,
  };
  console.log(`${RUNS} runs, ${title}: ${JSON.stringify({ ...counts, ...seconds })}`);
}
