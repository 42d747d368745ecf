/**
 * The watcher that the cluster tests believe: its peaks must be neither missed nor invented,
 * also when its watch is cut. Against a fake API server, because the moments matter.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeApiServer, startFakeApiServer } from '../fakes/kubernetes/fake-api-server.ts';
import { CORE_KINDS, TEKTON_KINDS } from '../fakes/kubernetes/kinds.ts';
import { ApiClient } from './client/api-client.ts';
import { PENDING } from './rig/pipeline-run.ts';
import { RunWatcher } from './rig/run-watcher.ts';

const PATIENCE_MS = 30_000;

let server: FakeApiServer;
let admin: ApiClient;
let watcher: RunWatcher;

beforeEach(async () => {
  server = await startFakeApiServer({ kinds: [...CORE_KINDS, ...TEKTON_KINDS] });
  admin = new ApiClient({ server: server.url, ca: null, credentials: { kind: 'token', token: 'any' } });
  watcher = await RunWatcher.open(admin, {
    namespace: 'default',
    poolsOf: ({ metadata }) => Object.keys(metadata.annotations ?? {}),
  });
});

afterEach(async () => {
  await watcher.close();
  admin.close();
  await server.stop();
});

function create(name: string, status?: string, annotations: Record<string, string> = {}): void {
  const spec = status === undefined ? {} : { status };
  server.store.create('pipelineruns', { metadata: { namespace: 'default', name, annotations }, spec });
}

function start(name: string): void {
  server.store.update('pipelineruns', 'default', name, (run) => {
    const metadata = { ...run.metadata, annotations: {} };
    return { ...run, metadata, spec: {}, status: { startTime: new Date().toISOString() } };
  });
}

function finish(name: string): void {
  server.store.update('pipelineruns', 'default', name, (run) => ({
    ...run,
    status: { conditions: [{ type: 'Succeeded', status: 'True' }] },
  }));
}

test('the peak is the most at one time, not the sum', async () => {
  for (const name of ['a', 'b', 'c']) create(name);
  finish('a');
  finish('b');
  for (const name of ['d', 'e']) create(name, PENDING);
  start('d');
  await watcher.until(
    'all',
    PATIENCE_MS,
    () => watcher.countIn('running') === 1 && watcher.countIn('held') === 1,
  );
  expect(watcher.peak()).toBe(3);
  expect(watcher.relists).toBe(0);
});

test('a list after a cut watch does not count what ended together with what started', async () => {
  create('b');
  await watcher.until('b', PATIENCE_MS, () => watcher.countIn('started') === 1);
  await server.stop();
  finish('b');
  // Listed before the one that made room for it.
  create('a');
  server.compact();
  await server.start();
  await watcher.until(
    'a',
    PATIENCE_MS,
    () => watcher.countIn('started') === 1 && watcher.countIn('finished') === 1,
  );
  expect(watcher.peak()).toBe(1);
  expect(watcher.relists).toBeGreaterThan(0);
});

test('what is deleted while the watch is cut is seen as deleted', async () => {
  create('a');
  await watcher.until('a', PATIENCE_MS, () => watcher.countIn('started') === 1);
  await server.stop();
  server.store.remove('pipelineruns', 'default', 'a');
  server.compact();
  await server.start();
  await watcher.until('it to go', PATIENCE_MS, () => watcher.countIn('deleted') === 1);
  expect(watcher.countIn('started')).toBe(0);
});

test('connections that are cut lose nothing while the server remembers', async () => {
  create('a', PENDING);
  await watcher.until('a', PATIENCE_MS, () => watcher.countIn('held') === 1);
  server.cutConnections();
  start('a');
  finish('a');
  await watcher.until('its end', PATIENCE_MS, () => watcher.countIn('finished') === 1);
  expect(watcher.find('a')?.transitions.map(({ phase }) => phase)).toEqual(['held', 'running', 'finished']);
  expect(watcher.peak()).toBe(1);
});

test('a run gives back the pools it took at its start, though its annotations are gone', async () => {
  create('a', undefined, { arm: '1' });
  await watcher.until('a', PATIENCE_MS, () => watcher.countIn('started') === 1);
  start('a');
  finish('a');
  create('b', undefined, { arm: '1' });
  await watcher.until('b', PATIENCE_MS, () => watcher.countIn('started') === 1);
  expect(watcher.peak('arm')).toBe(1);
  expect(watcher.peak('s390x')).toBe(0);
});

test('what is waited for in vain is described', async () => {
  create('a', PENDING);
  await watcher.until('a', PATIENCE_MS, () => watcher.countIn('held') === 1);
  await expect(watcher.until('a miracle', 0, () => false)).rejects.toThrow(
    'waited 0 ms for a miracle; seen: 1 held',
  );
});
