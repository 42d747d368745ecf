/** Pods and what they use, read for history from an API server that has them, or forbids them. */
import { expect, onTestFinished, test } from 'vitest';
import { PodUsage } from '../../../../src/adapters/tekton/profile/pod-usage.ts';
import { RunMeasures } from '../../../../src/adapters/tekton/profile/run-measures.ts';
import { seenTaskRun } from '../../../../src/adapters/tekton/seen-task-run.ts';
import type { FakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import { keptLog, type LogLine } from '../../../support/log-lines.ts';
import { clusterBy, serverFor } from '../kubernetes/place.ts';

const METRICS = '/apis/metrics.k8s.io/v1beta1/pods';
const START_MS = Date.parse('2026-01-01T12:00:00Z');
const soon = { interval: 5, timeout: 20_000 };
const at = (seconds: number) => new Date(START_MS + seconds * 1000).toISOString();

interface Place {
  readonly server: FakeApiServer;
  readonly measures: RunMeasures;
  readonly usage: PodUsage;
  readonly lines: readonly LogLine[];
}

async function placeFor(prepare: (server: FakeApiServer) => void = () => {}): Promise<Place> {
  const server = await serverFor();
  prepare(server);
  const measures = new RunMeasures();
  const { log, lines } = keptLog();
  const pace = { readEveryMs: 10, retryMs: 10, absentMs: 10 };
  const cluster = await clusterBy(server.kubeconfig());
  const usage = new PodUsage({ cluster, log, measures, runOf: () => null, pace });
  onTestFinished(() => usage.close());
  return { server, measures, usage, lines };
}

const messagesOf = ({ lines }: Place) => lines.map(({ message }) => message);

const upOf = ({ usage }: Place) =>
  Object.fromEntries(usage.figures().map(({ labels, value }) => [labels.source, value]));

function createPod(server: FakeApiServer): void {
  server.store.create('pods', {
    metadata: {
      namespace: 'default',
      name: 'build-pod',
      labels: { 'tekton.dev/pipelineRun': 'build', 'tekton.dev/pipelineRunUID': 'run' },
      ownerReferences: [{ kind: 'TaskRun', uid: 'task-uid' }],
    },
    spec: { containers: [{ resources: { requests: { cpu: '500m', memory: '256Mi' } } }] },
    status: { phase: 'Running', startTime: at(0) },
  });
}

function endPod(server: FakeApiServer, seconds: number): void {
  const containerStatuses = [{ state: { terminated: { finishedAt: at(seconds) } } }];
  server.store.update('pods', 'default', 'build-pod', (pod) => ({
    ...pod,
    status: { phase: 'Succeeded', startTime: at(0), containerStatuses },
  }));
}

const measured = (seconds: number, cpu: string, memory: string) => ({
  kind: 'PodMetricsList',
  apiVersion: 'metrics.k8s.io/v1beta1',
  metadata: {},
  items: [
    {
      metadata: { namespace: 'default', name: 'build-pod' },
      timestamp: at(seconds),
      window: '15s',
      containers: [{ name: 'step-a', usage: { cpu, memory } }, { name: 'broken' }],
    },
    { metadata: { namespace: 'elsewhere', name: 'not-of-a-run' }, timestamp: at(seconds), containers: [] },
    { metadata: 'broken' },
  ],
});

const ended = { uid: 'run', startedAtMs: START_MS, endedAtMs: START_MS + 60_000 };

test('what pods reserve and use goes into what is known of their run', async () => {
  const place = await placeFor();
  const { server, measures } = place;
  let body = measured(20, '1500m', '100Mi');
  server.aggregated.set(METRICS, () => body);
  createPod(server);
  const taskRun = { name: 'build-task', namespace: 'default', uid: 'task-uid', resourceVersion: '1' };
  const owner = { ownerReferences: [{ kind: 'PipelineRun', uid: 'run' }] };
  const status = { startTime: at(0), completionTime: at(30) };
  measures.saw(seenTaskRun({ metadata: { ...taskRun, ...owner }, status }));
  await expect
    .poll(() => measures.of(ended).usage, soon)
    .toEqual({ cpuSeconds: 30, peakMemoryBytes: 100 * 2 ** 20 });
  body = measured(28, '500m', '300Mi');
  await expect.poll(() => measures.of(ended).usage?.cpuSeconds, soon).toBe(34);
  endPod(server, 30);
  await expect.poll(() => measures.of(ended).usage?.cpuSeconds, soon).toBe(35);
  expect(measures.of(ended).usage?.peakMemoryBytes).toBe(300 * 2 ** 20);
  expect(measures.of(ended).profile?.tasks).toMatchObject([
    { cpuRequestMillis: 500, memoryRequestBytes: 256 * 2 ** 20, toMs: 30_000 },
  ]);
  expect(upOf(place)).toEqual({ pods: 1, metrics: 1 });
  expect(place.lines).toEqual([]);
});

test('without a metrics API there are requests, no use, and one line that says so', async () => {
  const place = await placeFor();
  createPod(place.server);
  await expect.poll(() => place.lines, soon).toHaveLength(1);
  const asked = () => place.server.requests.filter(({ url }) => url.startsWith(METRICS)).length;
  await expect.poll(asked, soon).toBeGreaterThan(3);
  expect(messagesOf(place)).toEqual([expect.stringContaining('does not say what pods use')]);
  expect(upOf(place)).toEqual({ pods: 1, metrics: 0 });
  place.server.aggregated.set(METRICS, () => measured(20, '1', '1Mi'));
  await expect.poll(() => upOf(place), soon).toEqual({ pods: 1, metrics: 1 });
  expect(place.lines).toHaveLength(2);
});

test('without the right to read pods there is one line, no watch, and another look later', async () => {
  const place = await placeFor((server) => {
    const fault = { kind: 'answer', code: 403, reason: 'Forbidden', message: 'no' } as const;
    server.faults.add({ fault, path: /^\/api\/v1\/pods/, times: 5 });
  });
  createPod(place.server);
  await expect.poll(() => place.server.faults.left, soon).toBe(0);
  await expect.poll(() => upOf(place).pods, soon).toBe(1);
  expect(messagesOf(place).slice(0, 2)).toEqual([
    expect.stringContaining('Pods may not be read'),
    expect.stringContaining('Pods may be read'),
  ]);
  const first = place.server.requests.slice(0, 5);
  expect(first.every(({ url, isWatch }) => url.includes('limit=1&') && !isWatch)).toBe(true);
});

test('pods that have ended are not watched', async () => {
  const { server, usage } = await placeFor((empty) => {
    createPod(empty);
    endPod(empty, 10);
  });
  await expect.poll(() => usage.watches().map(({ reflection }) => reflection.lists), soon).toEqual([1]);
  expect(server.requests.every(({ url }) => !url.includes('/pods') || url.includes('status.phase'))).toBe(
    true,
  );
});
