/**
 * In shadow mode Penstock touches nothing: whatever is there, everything it asks the API
 * server is GET. It is put together as `serve` does, so that what is switched off is too.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Composition, composePenstock } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { runId } from '../../../src/core/model/run.ts';
import { type FakeApiServer, startFakeApiServer } from '../../fakes/kubernetes/fake-api-server.ts';
import { FakeTekton } from '../../fakes/kubernetes/fake-tekton.ts';
import { CORE_KINDS, TEKTON_KINDS } from '../../fakes/kubernetes/kinds.ts';

const LIMIT_MS = 30_000;
const never = new AbortController().signal;
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Everything at which an enforcing Penstock would write: held, adopted, too old, queued by others, running, done. */
function fill({ store }: FakeApiServer): void {
  store.create('namespaces', { metadata: { name: 'shop', labels: { 'penstock.dev/hold': 'enabled' } } });
  store.create('namespaces', { metadata: { name: 'adopted', labels: { 'penstock.dev/adopt': 'pending' } } });
  const held = { labels: { 'penstock.dev/held': 'true' } };
  const kueue = { labels: { 'kueue.x-k8s.io/queue-name': 'builds' } };
  const run = (namespace: string, name: string, more: object, status?: string): void => {
    store.create('pipelineruns', {
      metadata: { namespace, name, ...more },
      spec: { ...(status === undefined ? {} : { status }), pipelineSpec: { tasks: [{ name: 'waits' }] } },
    });
  };
  const pending = 'PipelineRunPending';
  for (const nth of [1, 2, 3]) run('shop', `held-${nth}`, held, pending);
  run('shop', 'old', { ...held, annotations: { 'penstock.dev/max-age': '1ms' } }, pending);
  run('adopted', 'pending', {}, pending);
  run('shop', 'kueue-1', kueue, pending);
  run('shop', 'kueue-2', kueue, pending);
  run('shop', 'running', {});
}

async function watching(mode: 'shadow' | 'enforce') {
  const server = await startFakeApiServer({ kinds: [...CORE_KINDS, ...TEKTON_KINDS] });
  const tekton = new FakeTekton(server);
  const folder = await mkdtemp(join(tmpdir(), 'penstock-shadow-'));
  closers.push(
    () => rm(folder, { recursive: true, force: true }),
    () => server.stop(),
    async () => tekton.close(),
  );
  fill(server);
  await writeFile(join(folder, 'config'), server.kubeconfig());
  const settings = { engine: 'tekton', mode, pools: { runs: { size: 2 } }, log: { level: 'error' } };
  const more = {
    data: folder,
    tekton: { kubeconfig: 'config', namespace: 'default', explainEvery: '200ms' },
  };
  await writeFile(join(folder, 'penstock.yaml'), JSON.stringify({ ...settings, ...more }));
  const config = await loadConfig({ file: join(folder, 'penstock.yaml'), env: {}, cwd: folder });
  const composition = await composePenstock(config, { who: 'a test', version: 'test', withLoop: true });
  closers.push(async () => {
    await composition.loop?.stop();
    await composition.close();
  });
  composition.loop?.start();
  return { server, composition };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAtMs = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > giveUpAtMs) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const written = (server: FakeApiServer) => server.requests.filter(({ method }) => method !== 'GET');
const seen = ({ loop }: Composition): number => loop?.view()?.observation.runs.length ?? 0;

test('shadow mode sends the API server nothing but GET', { timeout: 2 * LIMIT_MS }, async () => {
  const { server, composition } = await watching('shadow');
  const { loop, penstock } = composition;
  await until(() => seen(composition) === 8);
  // A change of the world, and some passes after it.
  server.store.create('pipelineruns', {
    metadata: { namespace: 'shop', name: 'ended' },
    spec: { pipelineSpec: { tasks: [{ name: 'succeeds' }] } },
  });
  await until(async () =>
    (await penstock.runs({ limit: 100, before: null }, never)).runs.some((run) => run.outcome !== null),
  );
  for (let pass = 0; pass < 3; pass += 1) await loop?.passed();

  const { entries } = await penstock.queue(never);
  expect(
    entries
      .filter(({ run }) => !run.ours)
      .map(({ run }) => run.id.replace(/@.*/, ''))
      .toSorted(),
  ).toEqual(['shop/kueue-1', 'shop/kueue-2']);
  expect(entries.every(({ position }) => position !== null)).toBe(true);
  await penstock.explain(runId(entries[0]?.run.id ?? ''), never);
  await penstock.forecast({ replications: 20, seed: 1 }, never);
  const query = { sinceMs: null, untilMs: null, sizes: {} };
  await until(async () => (await penstock.shadowReport(query, never)).runs === 1);

  expect(server.requests.length).toBeGreaterThan(3);
  expect(written(server)).toEqual([]);
});

test('the same world makes an enforcing Penstock write, so the test above can fail', {
  timeout: 2 * LIMIT_MS,
}, async () => {
  const { server } = await watching('enforce');
  await until(() => written(server).some(({ url }) => url.includes('pipelineruns')));
  expect(written(server).some(({ url }) => url.includes('leases'))).toBe(true);
});
