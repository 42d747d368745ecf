/**
 * The rig itself: that what Penstock's tests stand on is the real thing. Runs are really
 * held, started, executed and counted, by Tekton and not by us.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient, ApiError } from './client/api-client.ts';
import { CONFIG_MAPS, PIPELINE_RUNS, type PipelineRun, PODS, TASK_RUNS } from './client/resources.ts';
import { serviceAccountAccess } from './client/service-account.ts';
import { HELD_LABEL, HOLD_LABELS, HOLD_POLICY, HOLD_POLICY_BINDING } from './rig/hold-policy.ts';
import { countObjects, LoadMeter } from './rig/load.ts';
import { deleteNamespaces, newNamespace } from './rig/namespaces.ts';
import { PENDING, pipelineRun } from './rig/pipeline-run.ts';
import { queryPrometheus } from './rig/prometheus-query.ts';
import {
  requireCluster,
  requiresAdmissionPolicies,
  requiresControl,
  requiresPrometheus,
  type TestCluster,
} from './rig/require-cluster.ts';
import { phaseOf, RunWatcher } from './rig/run-watcher.ts';

let cluster: TestCluster;
const namespaces: string[] = [];

async function namespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = await newNamespace(cluster.admin, 'rig', labels);
  namespaces.push(name);
  return name;
}

beforeAll(() => {
  cluster = requireCluster();
});

// A test that failed between taking a server away and giving it back must not fail the others.
afterEach(() => cluster.rig?.revive());

afterAll(async () => {
  await deleteNamespaces(cluster.admin, namespaces);
  cluster.admin.close();
});

async function start(run: PipelineRun): Promise<PipelineRun> {
  const { namespace: where = '', name = '', uid } = run.metadata;
  const operations = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/spec/status', value: PENDING },
    { op: 'remove', path: '/spec/status' },
  ];
  return cluster.admin.patch(PIPELINE_RUNS, { namespace: where, name }, { kind: 'json', operations });
}

describe('runs', () => {
  test('one created pending waits without a start time, starts by a patch, and ends after its duration', async () => {
    const where = await namespace();
    const watcher = await RunWatcher.open(cluster.admin, { namespace: where });
    const created = await cluster.admin.create(
      PIPELINE_RUNS,
      pipelineRun({ namespace: where, name: 'two-tasks', tasks: 2, durationMs: 3_000, pending: true }),
    );
    await watcher.until('Tekton to see it pending', 30_000, () => reasonOf(watcher, 'two-tasks') === PENDING);
    expect(watcher.find('two-tasks')?.object.status?.startTime).toBeUndefined();
    expect(watcher.peak()).toBe(0);

    await start(created);
    await watcher.until('its end', 60_000, () => watcher.countIn('finished') === 1);
    const run = watcher.find('two-tasks');
    expect(phasesOf(watcher, 'two-tasks')).toEqual(['held', 'started', 'running', 'finished']);
    expect(reasonOf(watcher, 'two-tasks')).toBe('Succeeded');
    expect(run?.object.status?.childReferences).toHaveLength(2);
    expect((await cluster.admin.list(TASK_RUNS, { namespace: where })).items).toHaveLength(2);
    expect(lastedMs(run?.object)).toBeGreaterThanOrEqual(3_000);
    expect(watcher.peak()).toBe(1);
    const { items: pods } = await cluster.admin.list(PODS, { namespace: where });
    expect(pods.map(({ status }) => status?.phase)).toEqual(['Succeeded', 'Succeeded']);
    await watcher.close();
  });

  test('one that is to fail fails', async () => {
    const where = await namespace();
    const watcher = await RunWatcher.open(cluster.admin, { namespace: where });
    await cluster.admin.create(PIPELINE_RUNS, pipelineRun({ namespace: where, name: 'broken', fails: true }));
    await watcher.until('its end', 60_000, () => watcher.countIn('finished') === 1);
    expect(reasonOf(watcher, 'broken')).toBe('Failed');
    await watcher.close();
  });

  test('one that runs past its timeout is ended by Tekton', async () => {
    const where = await namespace();
    const watcher = await RunWatcher.open(cluster.admin, { namespace: where });
    const timeouts = { pipeline: '2s' };
    await cluster.admin.create(
      PIPELINE_RUNS,
      pipelineRun({ namespace: where, name: 'slow', durationMs: 600_000, timeouts }),
    );
    await watcher.until('its end', 60_000, () => watcher.countIn('finished') === 1);
    expect(reasonOf(watcher, 'slow')).toBe('PipelineRunTimeout');
    await watcher.close();
  });
});

describe('admission', () => {
  test('a MutatingAdmissionPolicy holds what is created in a labelled namespace, and nothing else', async (context) => {
    await requiresAdmissionPolicies(context, cluster);
    await cluster.admin.apply(HOLD_POLICY);
    await cluster.admin.apply(HOLD_POLICY_BINDING);
    const held = await namespace(HOLD_LABELS);
    const free = await namespace();
    await policyWorks(held);

    const run = await cluster.admin.create(PIPELINE_RUNS, pipelineRun({ namespace: held, name: 'a' }));
    expect(run.spec.status).toBe(PENDING);
    expect(run.metadata.labels?.[HELD_LABEL]).toBe('true');
    const pending = pipelineRun({ namespace: held, name: 'b', pending: true });
    const foreign = await cluster.admin.create(PIPELINE_RUNS, pending);
    expect(foreign.metadata.labels?.[HELD_LABEL]).toBeUndefined();
    const outside = await cluster.admin.create(PIPELINE_RUNS, pipelineRun({ namespace: free, name: 'c' }));
    expect(outside.spec.status).toBeUndefined();
  });

  test("Tekton's webhook refuses to change a held run's parameters with 400", async () => {
    const where = await namespace();
    const run = pipelineRun({ namespace: where, name: 'fixed', pending: true, params: { revision: 'main' } });
    await cluster.admin.create(PIPELINE_RUNS, run);
    const operations = [{ op: 'replace', path: '/spec/params/0/value', value: 'other' }];
    const patched = cluster.admin.patch(
      PIPELINE_RUNS,
      { namespace: where, name: 'fixed' },
      { kind: 'json', operations },
    );
    await expect(patched).rejects.toMatchObject({ status: 400 });
  });

  test('a service account may do what its roles say and no more', async () => {
    const where = await namespace();
    const access = await serviceAccountAccess(cluster.admin, { namespace: where, name: 'default' });
    const client = new ApiClient(access);
    await expect(client.list(CONFIG_MAPS, { namespace: where })).rejects.toThrow(ApiError);
    await expect(client.list(CONFIG_MAPS, { namespace: where })).rejects.toMatchObject({ status: 403 });
    client.close();
  });
});

describe('metrics', () => {
  test("Tekton's gauge of running runs counts pending ones, and Prometheus answers the ADR's query with it", async (context) => {
    const prometheus = requiresPrometheus(context, cluster);
    const where = await namespace();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await cluster.admin.create(PIPELINE_RUNS, pipelineRun({ namespace: where, name, pending: true }));
    }
    // Others may use the cluster too, so what is compared is the gauge with a list of the same moment.
    const seen = await reaches(true, async () => {
      const gauge = await queryPrometheus(prometheus, ADR_QUERY);
      return gauge >= 6 && gauge === (await unfinishedRuns());
    });
    expect(seen).toBe(true);
    expect((await cluster.admin.list(PODS, { namespace: where })).items).toEqual([]);
  });
});

describe('load', () => {
  test('Pods at the peak and writes to etcd are counted', async (context) => {
    const rig = requiresControl(context, cluster);
    const where = await namespace();
    const meter = await LoadMeter.open(cluster.admin, rig);
    const watcher = await RunWatcher.open(cluster.admin, { namespace: where, poolsOf: () => ['a pool'] });
    const podsBefore = await countObjects(cluster.admin, PODS);
    for (const name of ['a', 'b', 'c']) {
      await cluster.admin.create(
        PIPELINE_RUNS,
        pipelineRun({ namespace: where, name, tasks: 2, durationMs: 8_000 }),
      );
    }
    await watcher.until('their end', 120_000, () => watcher.countIn('finished') === 3);
    expect(watcher.peak()).toBe(3);
    expect(watcher.peak('a pool')).toBe(3);
    expect(watcher.peak('another')).toBe(0);
    expect(await countObjects(cluster.admin, PODS)).toBeGreaterThanOrEqual(podsBefore + 6);
    const { podsPeak, revisions, databaseBytesPeak } = await meter.close();
    expect(podsPeak).toBeGreaterThanOrEqual(6);
    expect(revisions).toBeGreaterThan(3 * 2 * 4);
    expect(databaseBytesPeak).toBeGreaterThan(0);
    await watcher.close();
  });

  test('a deleted run is seen as deleted, and takes nothing any more', async () => {
    const where = await namespace();
    const watcher = await RunWatcher.open(cluster.admin, { namespace: where });
    await cluster.admin.create(
      PIPELINE_RUNS,
      pipelineRun({ namespace: where, name: 'a', durationMs: 600_000 }),
    );
    await watcher.until('it to run', 60_000, () => watcher.countIn('running') === 1);
    await cluster.admin.delete(PIPELINE_RUNS, { namespace: where, name: 'a' });
    await watcher.until('it to go', 60_000, () => watcher.countIn('deleted') === 1);
    await cluster.admin.create(PIPELINE_RUNS, pipelineRun({ namespace: where, name: 'a', durationMs: 100 }));
    await watcher.until('its end', 60_000, () => watcher.countIn('finished') === 1);
    expect(watcher.runs).toHaveLength(2);
    expect(watcher.peak()).toBe(1);
    await watcher.close();
  });
});

describe('control', () => {
  test("Prometheus scrapes an exporter of the test's own", async (context) => {
    const prometheus = requiresPrometheus(context, cluster);
    const rig = requiresControl(context, cluster);
    const exporter = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end('multi_platform_controller_running_tasks{platform="linux/s390x"} -3\n');
    }).listen(0, '127.0.0.1');
    await once(exporter, 'listening');
    const address = exporter.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    rig.addScrapeTarget('platforms', `127.0.0.1:${port}`);
    const query = 'sum by (platform) (multi_platform_controller_running_tasks)';
    expect(await reaches(-3, () => queryPrometheus(prometheus, query))).toBe(-3);
    rig.removeScrapeTarget('platforms');
    exporter.close();
    exporter.closeAllConnections();
  });

  test('the API server comes back after a kill with everything it had, and watches go on', async (context) => {
    const rig = requiresControl(context, cluster);
    const where = await namespace();
    const watcher = await RunWatcher.open(cluster.admin, { namespace: where });
    const exact = await RunWatcher.open(cluster.admin, { namespace: where, etcd: rig });
    const run = (name: string): PipelineRun => pipelineRun({ namespace: where, name, pending: true });
    const before = await cluster.admin.create(PIPELINE_RUNS, run('before'));
    const { revision } = await rig.etcd();
    await rig.kill('kube-apiserver');
    await expect(cluster.admin.list(PIPELINE_RUNS)).rejects.toThrow();
    await rig.start('kube-apiserver');
    await cluster.admin.create(PIPELINE_RUNS, run('after'));
    await watcher.until('both', 60_000, () => watcher.countIn('held') === 2);
    expect((await rig.etcd()).revision).toBeGreaterThan(revision);

    await start(before);
    await cluster.admin.delete(PIPELINE_RUNS, { namespace: where, name: 'after' });
    for (const each of [watcher, exact]) {
      await each.until(
        'the end',
        60_000,
        () => each.countIn('finished') === 1 && each.countIn('deleted') === 1,
      );
      expect(phasesOf(each, 'before')).toEqual(['held', 'started', 'running', 'finished']);
      expect(phasesOf(each, 'after')).toEqual(['held', 'deleted']);
      expect(each.peak()).toBe(1);
      await each.close();
    }
  });

  test("runs go on when Tekton's controller was killed and came back", async (context) => {
    const rig = requiresControl(context, cluster);
    const where = await namespace();
    const watcher = await RunWatcher.open(cluster.admin, { namespace: where });
    await cluster.admin.create(
      PIPELINE_RUNS,
      pipelineRun({ namespace: where, name: 'long', durationMs: 4_000 }),
    );
    await watcher.until('it to run', 60_000, () => watcher.countIn('running') === 1);
    await rig.kill('tekton-controller');
    expect(rig.isRunning('tekton-controller')).toBe(false);
    await rig.start('tekton-controller');
    await watcher.until('its end', 60_000, () => phaseOfRun(watcher, 'long') === 'finished');
    expect(reasonOf(watcher, 'long')).toBe('Succeeded');
    await watcher.close();
  });
});

function phasesOf(watcher: RunWatcher, name: string): readonly string[] | undefined {
  return watcher.find(name)?.transitions.map(({ phase }) => phase);
}

function phaseOfRun(watcher: RunWatcher, name: string): string | undefined {
  const run = watcher.find(name);
  return run === null ? undefined : phaseOf(run);
}

function reasonOf(watcher: RunWatcher, name: string): string | undefined {
  return watcher.find(name)?.object.status?.conditions?.find(({ type }) => type === 'Succeeded')?.reason;
}

function lastedMs(run: PipelineRun | undefined): number {
  return Date.parse(run?.status?.completionTime ?? '') - Date.parse(run?.status?.startTime ?? '');
}

/** As in Konflux's ADR 47. */
const ADR_QUERY = 'avg(tekton_pipelines_controller_running_pipelineruns)';
const PATIENCE_MS = 60_000;
const LOOK_MS = 200;

/** A new policy takes some seconds to act. */
async function policyWorks(where: string): Promise<void> {
  const probe = pipelineRun({ namespace: where, name: 'probe-' });
  await reaches(PENDING, async () => {
    const made = await cluster.admin.create(PIPELINE_RUNS, probe, {
      namespace: where,
      query: { dryRun: 'All' },
    });
    return made.spec.status;
  });
}

/** What `look` gives once it is `wanted`, or at last when it never was. */
async function reaches<Value>(wanted: Value, look: () => Promise<Value>): Promise<Value> {
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (value === wanted || Date.now() > giveUpAtMs) return value;
    await pause(LOOK_MS);
  }
}

async function unfinishedRuns(): Promise<number> {
  const { items } = await cluster.admin.list(PIPELINE_RUNS);
  return items.filter(({ status }) => status?.completionTime === undefined).length;
}
