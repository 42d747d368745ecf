/** What the Tekton engine sees of a cluster, as the cluster changes. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/adapters/tekton/kubernetes/api.ts';
import { openCluster } from '../../../src/adapters/tekton/kubernetes/open-cluster.ts';
import { Sight } from '../../../src/adapters/tekton/sight.ts';
import { isFinished, runId } from '../../../src/core/model/run.ts';
import type { Observation } from '../../../src/ports/engine.ts';
import type { Log } from '../../../src/ports/log.ts';
import { type FakeApiServer, startFakeApiServer } from '../../fakes/kubernetes/fake-api-server.ts';
import { CORE_KINDS, TEKTON_KINDS } from '../../fakes/kubernetes/kinds.ts';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const PATIENCE_MS = 10_000;

let server: FakeApiServer;
let folder: string;
let cluster: Cluster;
let sight: Sight;

beforeEach(async () => {
  server = await startFakeApiServer({ kinds: [...CORE_KINDS, ...TEKTON_KINDS] });
  server.store.create('namespaces', { metadata: { name: 'shop' } });
  folder = mkdtempSync(join(tmpdir(), 'penstock-sight-'));
  writeFileSync(join(folder, 'config'), server.kubeconfig());
  const env = { KUBECONFIG: join(folder, 'config') };
  cluster = await openCluster({ kubeconfig: null, context: null, env, version: 'test' });
  sight = new Sight({
    cluster,
    log: silent,
    placing: { tenantOf: () => null, defaultPriority: 'normal', nowMs: () => Date.now() },
    runs: { defaultTimeoutMs: null },
    needs: { pools: ['runs'], unlimited: [], annotationPrefix: 'prsstarter.example.com', rules: [] },
    nowMs: Date.now(),
    writesAs: 'penstock-test',
    bounds: { doubtAfterMs: 2_000, pauseMinMs: 10, pauseMaxMs: 50 },
  });
});

afterEach(async () => {
  await sight.close();
  await cluster.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function create(name: string, annotations: Record<string, string> = {}): void {
  server.store.create('pipelineruns', {
    metadata: { name, namespace: 'shop', labels: { 'penstock.dev/held': 'true' }, annotations },
    spec: { status: 'PipelineRunPending', pipelineRef: { name: 'p' } },
  });
}

function end(name: string): void {
  const at = '2026-11-20T14:00:00Z';
  const conditions = [{ type: 'Succeeded', status: 'True', reason: 'Succeeded' }];
  server.store.update('pipelineruns', 'shop', name, (run) => ({
    ...run,
    spec: { pipelineRef: { name: 'p' } },
    status: { startTime: at, completionTime: at, conditions, childReferences: [{ name: 't' }] },
  }));
}

async function until(condition: (seen: Observation) => boolean): Promise<Observation> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    const seen = await sight.observe({ fresh: false }, signal);
    if (condition(seen)) return seen;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function look(): Promise<Observation> {
  return sight.observe({ fresh: true }, AbortSignal.timeout(PATIENCE_MS));
}

test('what runs need is read anew when other pools are known, and nothing is lost over it', async () => {
  create('a', { 'requests.penstock.dev/linux-arm64': '2' });
  expect((await look()).runs[0]?.requests).toEqual({ runs: 1, 'linux-arm64': 2 });
  sight.readNeedsBy({ pools: ['runs', 'linux/arm64'] });
  const before = (await look()).runs[0];
  expect(before?.requests).toEqual({ runs: 1, 'linux/arm64': 2 });
  create('b');
  const seen = await until(({ runs }) => runs.length === 2);
  expect(seen.runs.find(({ id }) => id === before?.id)).toBe(before);
});

describe('a fresh look once all has been listed', () => {
  const requests = (pattern: RegExp) =>
    server.requests.filter(({ method, url }) => pattern.test(`${method} ${url}`)).length;
  const lists = () => requests(/GET .*\/pipelineruns\?(?!.*watch=)/);
  const proofs = () => requests(/PATCH .*\/pipelineruns\//);

  test('the first one is one list', async () => {
    create('a');
    expect((await look()).runs).toHaveLength(1);
    expect([lists(), proofs()]).toEqual([1, 0]);
  });

  test('shows every write before it, and lists nothing', async () => {
    create('a');
    await look();
    create('b');
    end('a');
    const states = (await look()).runs.map(({ state }) => state);
    expect(states.toSorted()).toEqual(['held', 'succeeded']);
    expect(lists()).toBe(1);
  });

  test('is a list where no run waits, so that there is none to write on', async () => {
    create('a');
    end('a');
    await look();
    create('b');
    expect((await look()).runs).toHaveLength(2);
    expect([lists(), proofs()]).toEqual([2, 0]);
  });

  test('is a list while the watch brings nothing', async () => {
    server.faults.add({
      method: 'GET',
      watch: true,
      path: /pipelineruns/,
      fault: { kind: 'watch', afterLines: 0, ending: 'hang' },
      times: 9,
    });
    create('a');
    await look();
    create('b');
    expect((await look()).runs).toHaveLength(2);
    expect([lists(), proofs()]).toEqual([2, 1]);
  });

  test('is a list when the write is refused', async () => {
    create('a');
    await look();
    server.faults.add({ method: 'PATCH', path: /pipelineruns/, fault: { kind: 'answer', code: 403 } });
    create('b');
    expect((await look()).runs).toHaveLength(2);
    expect(lists()).toBe(2);
  });

  test('two at once each show what was written before them', async () => {
    create('a');
    await look();
    create('b');
    const first = look();
    create('c');
    expect((await look()).runs).toHaveLength(3);
    expect((await first).runs.length).toBeGreaterThanOrEqual(2);
    expect(lists()).toBe(1);
  });
});

describe('a look that is fresh of some runs', () => {
  const lists = () =>
    server.requests.filter(({ url }) => url.includes('/pipelineruns?') && !url.includes('watch=')).length;

  test('shows them as they are though the watch brings nothing, and lists nothing', async () => {
    server.faults.add({
      method: 'GET',
      watch: true,
      path: /pipelineruns/,
      fault: { kind: 'watch', afterLines: 0, ending: 'hang' },
      times: 9,
    });
    for (const name of ['a', 'b']) create(name);
    const before = (await look()).runs;
    const listed = lists();
    for (const name of ['a', 'b']) end(name);
    const id = before.find((run) => run.id.includes('/a@'))?.id ?? runId('none');
    const options = { fresh: false, freshOf: [id] };
    const seen = await sight.observe(options, AbortSignal.timeout(PATIENCE_MS));
    expect(seen.runs.map(({ state }) => state).sort()).toEqual(['held', 'succeeded']);
    expect(lists()).toBe(listed);
    expect(server.requests.filter(({ url }) => /pipelineruns\/a(\?|$)/.test(url))).toHaveLength(1);
  });

  test('shows that they are gone, and throws when they cannot be read', async () => {
    create('a');
    const [run] = (await look()).runs;
    const options = { fresh: false, freshOf: [run?.id ?? runId('none')] };
    server.faults.add({ method: 'GET', path: /pipelineruns\/a/, fault: { kind: 'answer', code: 500 } });
    await expect(sight.observe(options, AbortSignal.timeout(PATIENCE_MS))).rejects.toThrow(
      'shop/a cannot be read: 500',
    );
    server.store.remove('pipelineruns', 'shop', 'a');
    expect((await sight.observe(options, AbortSignal.timeout(PATIENCE_MS))).runs).toEqual([]);
  });
});

test('the same settings again change nothing', async () => {
  create('a');
  const first = await look();
  sight.readNeedsBy({ pools: ['runs'] });
  expect(await sight.observe({ fresh: false }, AbortSignal.timeout(PATIENCE_MS))).toBe(first);
});

describe('a run that has ended', () => {
  test('and is pruned at once is shown until history has it, and then no more', async () => {
    create('a');
    await look();
    end('a');
    server.store.remove('pipelineruns', 'shop', 'a');
    const seen = await until(({ runs }) => runs.some(({ state }) => isFinished(state)));
    expect(seen.runs).toMatchObject([{ state: 'succeeded', project: 'shop' }]);
    sight.forget(seen.runs.map(({ id }) => id));
    expect((await look()).runs).toEqual([]);
  });

  test('is shown no more once history has it, though its object stays', async () => {
    create('a');
    end('a');
    const [run] = (await look()).runs;
    sight.forget(run === undefined ? [] : [run.id]);
    expect((await look()).runs).toEqual([]);
  });

  test('and is made again under its name is another run', async () => {
    create('a');
    end('a');
    const [first] = (await look()).runs;
    sight.forget(first === undefined ? [] : [first.id]);
    server.store.remove('pipelineruns', 'shop', 'a');
    create('a');
    const [second] = (await look()).runs;
    expect(second?.state).toBe('held');
    expect(second?.id).not.toBe(first?.id);
  });
});

test('a run deleted while held or running is gone, and what it used with it', async () => {
  create('held');
  create('running');
  server.store.update('pipelineruns', 'shop', 'running', (run) => ({
    ...run,
    spec: { pipelineRef: { name: 'p' } },
    status: { startTime: '2026-11-20T14:00:00Z' },
  }));
  expect((await look()).runs.map(({ state }) => state).toSorted()).toEqual(['held', 'running']);
  for (const name of ['held', 'running']) server.store.remove('pipelineruns', 'shop', name);
  expect((await until(({ runs }) => runs.length === 0)).runs).toEqual([]);
});

test('annotations of a namespace pause and cap its tenant', async () => {
  create('a');
  await look();
  const annotations = { 'penstock.dev/paused': 'upgrade', 'caps.penstock.dev/runs': '3' };
  server.store.update('namespaces', undefined, 'shop', (space) => ({
    ...space,
    metadata: { ...space.metadata, annotations },
  }));
  const seen = await until(({ tenants = [] }) => tenants.length > 0);
  expect(seen.tenants).toEqual([{ name: 'shop', paused: { why: 'upgrade' }, caps: { runs: 3 } }]);
});

test('while the API server is away nothing is shown, and afterwards everything again', async () => {
  create('a');
  await look();
  await server.stop();
  await expect(
    (async () => {
      for (;;) {
        await sight.observe({ fresh: false }, AbortSignal.timeout(PATIENCE_MS));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })(),
  ).rejects.toThrow(/pipelineruns|namespaces/);
  await server.start();
  const signal = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    const seen = await sight.observe({ fresh: false }, signal).catch(() => null);
    if (seen !== null) {
      expect(seen.runs).toHaveLength(1);
      break;
    }
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test('closing does not wait for a cluster that is away', async () => {
  create('a');
  await look();
  await server.stop();
  sight.readNeedsBy({ pools: ['runs', 'linux/arm64'] });
  void sight.observe({ fresh: false }, AbortSignal.timeout(100)).catch(() => undefined);
  await sight.close();
});

describe('what changed of a run', () => {
  const write = (name: string, change: (run: { metadata: { annotations?: object } }) => object) =>
    server.store.update('pipelineruns', 'shop', name, (run) => ({ ...run, ...change(run) }));

  test('is no reason to look again where nothing is decided upon it, and is known all the same', async () => {
    create('a');
    create('b');
    const before = await look();
    let told = 0;
    sight.onChange(() => {
      told += 1;
    });
    write('a', ({ metadata }) => ({
      metadata: { ...metadata, annotations: { 'penstock.dev/reason': 'runs is full' } },
    }));
    const id = before.runs[0]?.id ?? runId('none');
    await expect.poll(() => sight.run(id)?.notes.reason).toBe('runs is full');
    expect(await sight.observe({ fresh: false }, AbortSignal.timeout(PATIENCE_MS))).toBe(before);
    expect(told).toBe(0);
    end('b');
    await until(({ runs }) => runs.some(({ state }) => state === 'succeeded'));
    expect(told).toBeGreaterThan(0);
  });

  test.each([
    ['a priority', { labels: { 'penstock.dev/held': 'true', 'penstock.dev/priority': 'high' } }],
    ['what it asks for', { annotations: { 'requests.penstock.dev/licence': '1' } }],
    ['its oldest age', { annotations: { 'penstock.dev/max-age': '1h' } }],
    ['that it is no longer ours', { labels: {} }],
  ])('is one where it is %s', async (_, change) => {
    create('a');
    const before = await look();
    write('a', ({ metadata }) => ({ metadata: { ...metadata, ...change } }));
    expect((await until((seen) => seen !== before)).runs[0]).not.toEqual(before.runs[0]);
  });
});
