/**
 * The example at the end of Konflux ADR 47, played again: two runs wait for linux/s390x, of which
 * there is none; then there is one; the older run starts, and the younger waits on, for a
 * linux/s390x that is taken now. Told by the log line for line, wherever the size comes from.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CONFIG_MAPS, PIPELINE_RUNS } from './client/resources.ts';
import { type InstalledPenstock, installPenstock } from './rig/installed-penstock.ts';
import { deleteNamespaces, newNamespace } from './rig/namespaces.ts';
import type { PenstockProcess } from './rig/penstock-process.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { requireCluster, requiresPrometheus, type TestCluster } from './rig/require-cluster.ts';
import { RunWatcher } from './rig/run-watcher.ts';

const PLATFORMS = 'prsstarter.example.com/mpc_platforms';
const S390X = 'linux/s390x';
/** From a metric: its scrape, and as late as the multi-platform-controller may be. */
const SEEN_MS = 90_000;

/** What the document shows, and then what it leaves to be imagined: the second one's turn. */
const AS_IN_THE_DOCUMENT = [
  'my-comp-2: missing capacity on linux/s390x',
  'my-comp-3: missing capacity on linux/s390x',
  'my-comp-2: starting',
  'my-comp-3: missing capacity on linux/s390x',
  'my-comp-3: starting',
];

let cluster: TestCluster;
let penstock: InstalledPenstock;
let controller: string;
const closers: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  cluster = requireCluster();
  controller = await newNamespace(cluster.admin, 'platforms');
  penstock = await installPenstock(cluster, { hostConfigNamespace: controller });
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await penstock.remove();
  await deleteNamespaces(cluster.admin, [controller]);
  cluster.admin.close();
});

test('sizes from host-config: the same sequence as in the document', async () => {
  const place = { namespace: controller, name: 'host-config' };
  const data = {
    'dynamic-platforms': 'linux/arm64',
    'dynamic.linux-arm64.type': 'aws',
    'dynamic.linux-arm64.max-instances': '7',
    ...hosts('linux/ppc64le', 4, '8'),
    // No concurrency is none.
    ...hosts(S390X, 1, '0'),
  };
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: place, data };
  await cluster.admin.create(CONFIG_MAPS, map);
  const config = { pools: { runs: { size: 20 } }, hostConfig: { namespace: controller } };
  await plays(config, async () => {
    const object = { data: { 'host.linux-s390x-0.concurrency': '1' } };
    await cluster.admin.patch(CONFIG_MAPS, place, { kind: 'merge', object });
  });
});

test('sizes and use from Prometheus: the same sequence as in the document', async (context) => {
  const url = requiresPrometheus(context, cluster);
  const sizes = new Map([
    ['linux/arm64', 7],
    ['linux/ppc64le', 32],
    [S390X, 0],
  ]);
  await exported(() =>
    [...sizes].flatMap(([platform, size]) => [
      `multi_platform_controller_platform_pool_size{platform="${platform}"} ${size}`,
      `multi_platform_controller_running_tasks{platform="${platform}",taskrun_namespace="a"} 0`,
    ]),
  );
  const query = 'max by (platform) (multi_platform_controller_platform_pool_size)';
  const prometheus = { url, interval: '1s', sizes: [{ poolLabel: 'platform', query }] };
  await plays({ pools: { runs: { size: 20 } }, prometheus }, () => {
    sizes.set(S390X, 1);
  });
});

/** Both runs wait; then `more` makes one linux/s390x of none. */
async function plays(config: object, more: () => Promise<void> | void): Promise<void> {
  const replica = penstock.replica({ config: { ...config } });
  await replica.start();
  await knows(replica, { 'linux/arm64': 7, 'linux/ppc64le': 32, [S390X]: 0 });
  const namespace = await penstock.newNamespace();
  const watcher = await RunWatcher.open(cluster.admin, { namespace });
  closers.push(() => watcher.close());
  for (const name of ['my-comp-2', 'my-comp-3']) {
    const annotations = { [PLATFORMS]: S390X };
    await cluster.admin.create(
      PIPELINE_RUNS,
      pipelineRun({ namespace, name, annotations, durationMs: 5_000 }),
    );
    await replica.logged(
      `${name} to wait`,
      SEEN_MS,
      (line) => told(line)?.startsWith(`${name}: missing`) ?? false,
    );
  }
  await more();
  await watcher.until('both to end', SEEN_MS, () => watcher.countIn('finished') === 2);
  const sequence = replica.lines.flatMap((line) => told(line) ?? []);
  console.log([...sequence].join('\n'));
  expect(sequence).toEqual(AS_IN_THE_DOCUMENT);
  // One at a time on the only linux/s390x, and in their order.
  expect(watcher.peak()).toBe(1);
  const startedAt = (name: string) =>
    watcher.find(name)?.transitions.find(({ phase }) => phase === 'started')?.atMs ?? Number.NaN;
  expect(startedAt('my-comp-2')).toBeLessThan(startedAt('my-comp-3'));
}

/** What a line of the log says of one of the two runs, in the document's words; null for any other. */
function told({ msg, run }: { readonly msg: string; readonly run?: unknown }): string | null {
  const name = typeof run === 'string' ? /\/(my-comp-\d)@/.exec(run)?.[1] : undefined;
  if (name === undefined) return null;
  if (msg.startsWith('Starting ')) return `${name}: starting`;
  const missing = /^Run waits: (missing capacity on .+)$/.exec(msg)?.[1];
  return missing === undefined ? null : `${name}: ${missing}`;
}

interface ShownPool {
  readonly name: string;
  readonly size: number;
  readonly doubt: string | null;
}

/** Until it has these sizes and doubts nothing. */
async function knows(replica: PenstockProcess, sizes: Readonly<Record<string, number>>): Promise<void> {
  const giveUpAtMs = Date.now() + SEEN_MS;
  for (;;) {
    const { pools } = (await replica.ask('pools')) as { readonly pools: readonly ShownPool[] };
    const known = new Map(pools.filter(({ doubt }) => doubt === null).map(({ name, size }) => [name, size]));
    const isKnown = Object.entries(sizes).every(([name, size]) => known.get(name) === size);
    if (isKnown && known.size === pools.length) return;
    if (Date.now() > giveUpAtMs) throw new Error(`the pools are ${JSON.stringify(pools)}`);
  }
}

function hosts(platform: string, count: number, concurrency: string): Readonly<Record<string, string>> {
  const host = (index: number, field: string) => `host.${platform.replaceAll('/', '-')}-${index}.${field}`;
  return Object.fromEntries(
    Array.from({ length: count }).flatMap((_, index) => [
      [host(index, 'address'), '127.0.0.1'],
      [host(index, 'user'), 'builder'],
      [host(index, 'secret'), 'key'],
      [host(index, 'platform'), platform],
      [host(index, 'concurrency'), concurrency],
    ]),
  );
}

/** A page of metrics that the cluster's Prometheus scrapes. */
async function exported(lines: () => readonly string[]): Promise<void> {
  const server: Server = createServer((_, answer) => answer.end(`${lines().join('\n')}\n`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  cluster.rig?.addScrapeTarget('platforms', `127.0.0.1:${port}`);
  closers.push(async () => {
    cluster.rig?.removeScrapeTarget('platforms');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
}
