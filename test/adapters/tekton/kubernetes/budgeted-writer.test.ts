/** Writes within a budget: the newest about each thing, in order, and nothing without an end. */
import { setTimeout as realPause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { budgetedWriter } from '../../../../src/adapters/tekton/kubernetes/writer/budgeted-writer.ts';
import type { BudgetedWriter, Write } from '../../../../src/adapters/tekton/kubernetes/writer/writer.ts';
import type { FakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import { ManualTime } from '../../../fakes/kubernetes/manual-time.ts';
import { clusterBy, RUNS_HERE, SILENT, serverFor } from './place.ts';

interface Place {
  readonly server: FakeApiServer;
  readonly time: ManualTime;
  readonly writer: BudgetedWriter;
}

async function placeFor(runs: readonly string[], budget = { perSecond: 5, burst: 10 }): Promise<Place> {
  const server = await serverFor();
  for (const name of runs) server.store.create('pipelineruns', { metadata: { namespace: 'default', name } });
  const time = new ManualTime();
  const cluster = await clusterBy(server.kubeconfig(), time);
  const writer = budgetedWriter({ cluster, ...budget, log: SILENT, time });
  onTestFinished(() => writer.close());
  return { server, time, writer };
}

function annotate(name: string, position: number): Write {
  return {
    method: 'PATCH',
    path: `${RUNS_HERE}/${name}`,
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations: { position: String(position) } } },
  };
}

const positionOf = ({ server }: Place, name: string) =>
  server.store.get('pipelineruns', 'default', name).metadata.annotations?.position;

async function passing({ time }: Place, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    time.pass(50);
    await realPause(1);
  }
}

const NAMES = Array.from({ length: 40 }, (_, index) => `run-${index}`);

test('a burst at once, then so many a second', async () => {
  const place = await placeFor(NAMES);
  for (const name of NAMES) place.writer.put(name, annotate(name, 1));
  await vi.waitFor(() => expect(place.server.requests).toHaveLength(10), { timeout: 30_000 });
  await passing(place, 2_000);
  expect(place.server.requests.length).toBeGreaterThanOrEqual(19);
  expect(place.server.requests.length).toBeLessThanOrEqual(20);
  await passing(place, 5_000);
  expect(place.writer.counts()).toMatchObject({ written: 40, waiting: 0 });
  // What is saved up is bounded.
  await passing(place, 10_000);
  for (const name of NAMES) place.writer.put(name, annotate(name, 2));
  await realPause(50);
  expect(place.server.requests).toHaveLength(50);
});

test('a newer write takes the place of one that waits', async () => {
  const place = await placeFor(['a', 'b'], { perSecond: 1, burst: 1 });
  place.writer.put('a', annotate('a', 0));
  place.writer.put('b', annotate('b', 1));
  for (let position = 2; position < 9; position += 1) place.writer.put('b', annotate('b', position));
  await passing(place, 3_000);
  expect([positionOf(place, 'a'), positionOf(place, 'b')]).toEqual(['0', '8']);
  expect(place.writer.counts()).toMatchObject({ written: 2, replaced: 7 });
});

test('two writes of one key never overtake each other', async () => {
  const place = await placeFor(['a', 'b']);
  const gate = Promise.withResolvers<void>();
  place.server.faults.add({ fault: { kind: 'apply-late', until: gate.promise } });
  place.writer.put('a', annotate('a', 1));
  await vi.waitFor(() => expect(place.server.requests).toHaveLength(1));
  place.writer.put('a', annotate('a', 2));
  place.writer.put('b', annotate('b', 1));
  await vi.waitFor(() => expect(positionOf(place, 'b')).toBe('1'));
  expect(place.server.requests).toHaveLength(2);
  gate.resolve();
  await vi.waitFor(() => expect(positionOf(place, 'a')).toBe('2'));
});

test.each([429, 500, 503])(
  'a server that answers %d is left alone by all, then all is written',
  async (code) => {
    const place = await placeFor(NAMES, { perSecond: 100, burst: 100 });
    place.server.faults.add({ times: 8, fault: { kind: 'answer', code, retryAfterSeconds: 10 } });
    for (const name of NAMES) place.writer.put(name, annotate(name, 1));
    await vi.waitFor(() => expect(place.server.requests).toHaveLength(8));
    await passing(place, 9_000);
    expect(place.server.requests).toHaveLength(8);
    await passing(place, 5_000);
    expect(place.writer.counts()).toMatchObject({ written: 40, failed: 0, waiting: 0 });
  },
);

test('an outage is waited out, and what became old meanwhile is not written', async () => {
  const place = await placeFor(['a']);
  await place.server.stop();
  place.writer.put('a', annotate('a', 1));
  await passing(place, 500);
  place.writer.put('a', annotate('a', 2));
  await place.server.start();
  await passing(place, 5_000);
  expect([positionOf(place, 'a'), place.server.requests.length]).toEqual(['2', 1]);
});

test('what can never be written is given up and counted', async () => {
  const place = await placeFor(['a', 'b']);
  place.writer.put('gone', annotate('gone', 1));
  place.server.faults.add({ path: /runs\/a/, fault: { kind: 'answer', code: 422 } });
  place.writer.put('a', annotate('a', 1));
  await vi.waitFor(() => expect(place.writer.counts()).toMatchObject({ gone: 1, failed: 1 }));
  place.server.faults.add({ path: /runs\/b/, times: 100, fault: { kind: 'answer', code: 500 } });
  place.writer.put('b', annotate('b', 1));
  await passing(place, 120_000);
  expect(place.writer.counts()).toMatchObject({ failed: 2, waiting: 0 });
  expect(place.server.requests).toHaveLength(7);
});

test('an Event whose first answer was lost is there once', async () => {
  const place = await placeFor([]);
  place.server.faults.add({ fault: { kind: 'apply', ending: 'reset' } });
  const event = { metadata: { name: 'held.1' }, reason: 'Held' };
  place.writer.put('event', { method: 'POST', path: '/api/v1/namespaces/default/events', body: event });
  await passing(place, 2_000);
  expect(place.writer.counts()).toMatchObject({ written: 1, failed: 0 });
  expect(place.server.store.list('events')).toHaveLength(1);
});

test('a full queue drops what has waited longest', async () => {
  const place = await placeFor(['last'], { perSecond: 1, burst: 1 });
  await place.server.stop();
  for (let index = 0; index < 10_100; index += 1) place.writer.put(`k${index}`, annotate('x', index));
  const { overflowed, waiting } = place.writer.counts();
  expect([overflowed, waiting]).toEqual([99, 10_000]);
});

test('what is forgotten or left at the end is not written', async () => {
  const place = await placeFor(['a', 'b', 'c'], { perSecond: 1, burst: 1 });
  for (const name of ['a', 'b', 'c']) place.writer.put(name, annotate(name, 1));
  place.writer.forget('b');
  await place.writer.close();
  place.writer.put('c', annotate('c', 1));
  await passing(place, 5_000);
  expect(['a', 'b', 'c'].map((name) => positionOf(place, name))).toEqual(['1', undefined, undefined]);
});
