/** What the engine says of itself: how well it sees, what it asked, what it wrote. */
import { expect, onTestFinished, test } from 'vitest';
import { CountedCluster } from '../../../src/adapters/tekton/kubernetes/counted-cluster.ts';
import { openTekton } from '../../../src/adapters/tekton/open-tekton.ts';
import { ListedHistory } from '../../../src/app/capacity/listed-history.ts';
import type { Figure } from '../../../src/ports/figures.ts';
import { clusterBy, fileFor, NEVER, SILENT, serverFor } from './kubernetes/place.ts';
import { realClock } from './tekton-world.ts';

const soon = { interval: 20, timeout: 20_000 };

const valuesOf = (figures: readonly Figure[], name: Figure['name']) =>
  Object.fromEntries(
    figures
      .filter((one) => one.name === name)
      .map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  );

test('an engine that looks tells how old each watch is, what it listed and what it asked', async () => {
  const server = await serverFor();
  const { engine, capacity } = await openTekton({
    kubeconfig: fileFor(server.kubeconfig()),
    context: null,
    namespace: null,
    env: {},
    version: 'test',
    defaultPriority: 'normal',
    defaultTimeoutMs: null,
    lease: { name: 'penstock', durationMs: 10_000 },
    hostConfig: { namespace: 'default', name: 'host-config' },
    explainEveryMs: 2_000,
    writesPerSecond: 5,
    usage: true,
    needs: { annotationPrefix: 'prsstarter.example.com', unlimited: [], rules: [] },
    pools: [{ name: 'runs', size: 20 }],
    tenantOf: () => null,
    onlyWatches: false,
    moreSizes: [],
    history: new ListedHistory(),
    clock: realClock,
    log: SILENT,
  });
  onTestFinished(() => engine.close());
  const figures = () => [...(engine.can.figures?.() ?? []), ...(capacity.figures?.() ?? [])];
  await engine.observe({ fresh: true }, NEVER);
  await capacity.read(NEVER);
  const every = ['host-config', 'namespaces', 'pipelineruns', 'pods', 'taskruns'];
  await expect
    .poll(() => Object.keys(valuesOf(figures(), 'penstock_watch_event_age_seconds')).toSorted(), soon)
    .toEqual(every);
  expect(valuesOf(figures(), 'penstock_watch_in_doubt')).toEqual(
    Object.fromEntries(every.map((one) => [one, 0])),
  );
  expect(valuesOf(figures(), 'penstock_lists_total')).toMatchObject({
    pipelineruns: 1,
    taskruns: 1,
    namespaces: 1,
  });
  const requests = valuesOf(figures(), 'penstock_api_requests_total');
  expect(requests).toMatchObject({ 'LIST ok': 5, 'WATCH ok': 5, 'GET ok': 1 });
  expect(valuesOf(figures(), 'penstock_note_writes_total')).toEqual({
    written: 0,
    replaced: 0,
    gone: 0,
    failed: 0,
    overflowed: 0,
  });
  expect(valuesOf(figures(), 'penstock_usage_source_up')).toEqual({ pods: 1, metrics: 0 });
  expect(valuesOf(figures(), 'penstock_host_config_problems')).toEqual({ '': 0 });
});

test('each outcome of a request is counted under a word of its own', async () => {
  const server = await serverFor();
  const cluster = new CountedCluster(await clusterBy(server.kubeconfig()));
  const ask = () =>
    cluster.request({ method: 'GET', path: '/api/v1/namespaces', signal: NEVER, timeoutMs: 5_000 });
  for (const code of [403, 429, 503]) {
    server.faults.add({ fault: { kind: 'answer', code } });
    await ask();
  }
  // A question on a connection that the server closed is asked once more.
  server.faults.add({ fault: { kind: 'apply', ending: 'reset' }, times: 2 });
  await ask();
  await ask();
  await server.stop();
  await ask();
  expect(valuesOf(cluster.figures(), 'penstock_api_requests_total')).toEqual({
    'GET refused': 1,
    'GET overloaded': 1,
    'GET failed': 1,
    'GET unanswered': 1,
    'GET ok': 1,
    'GET unsent': 1,
  });
});
