/**
 * A reflection through everything that servers and networks do: in the end it shows what a
 * fresh list shows, and it did not ask in a hot loop to get there.
 */
import { setTimeout as realPause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Fault, FaultOrder } from '../../../fakes/kubernetes/faults.ts';
import {
  create,
  eventually,
  kept,
  type Place,
  type PlaceOptions,
  passing,
  placeFor,
  remove,
  shownBy,
  storedOn,
  touch,
} from './reflector-place.ts';

const listsAt = ({ server }: Place) => server.requests.filter(({ isWatch }) => !isWatch);
const watchesAt = ({ server }: Place) => server.requests.filter(({ isWatch }) => isWatch);

function withRuns(count: number, options: PlaceOptions = {}): Promise<Place> {
  return placeFor({
    ...options,
    prepare: (server) => {
      for (let index = 0; index < count; index += 1) create(server, `run-${index}`);
      options.prepare?.(server);
    },
  });
}

/** Shows the same as a fresh list, and the watch is open. */
function inStep(place: Place): Promise<void> {
  return eventually(place.time, () => {
    expect(place.reflection.synced).toBe(true);
    expect(shownBy(place)).toEqual(storedOn(place));
    expect([place.server.openWatches, place.reflection.doubt()]).toEqual([1, null]);
  });
}

test('a list by pages, then what happens', async () => {
  const place = await withRuns(7, { bounds: { pageSize: 3 } });
  expect([place.reflection.synced, place.reflection.doubt()]).toEqual([
    false,
    expect.stringMatching(/not been listed yet \(since 2026-01-01T00:00/),
  ]);
  await inStep(place);
  expect(listsAt(place)).toHaveLength(3);
  const before = place.reflection.version;
  create(place.server, 'new');
  touch(place.server, 'run-1');
  remove(place.server, 'run-2');
  await inStep(place);
  expect(place.reflection.version).toBeGreaterThan(before);
  expect(place.removed).toEqual(['run-2@111']);
  expect([listsAt(place).length, watchesAt(place).length]).toEqual([3, 1]);
});

test('events that come together are told together', async () => {
  const place = await withRuns(1);
  await inStep(place);
  let told = 0;
  const stop = place.reflection.onChange(() => {
    told += 1;
  });
  for (let index = 0; index < 200; index += 1) touch(place.server, 'run-0');
  await inStep(place);
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThan(20);
  stop();
  const until = told;
  touch(place.server, 'run-0');
  await inStep(place);
  expect(told).toBe(until);
});

test('a watch that the server ends is gone on with from the last bookmark', async () => {
  const place = await withRuns(1);
  await inStep(place);
  place.server.store.create('taskruns', { metadata: { namespace: 'default', name: 'other' } });
  place.server.bookmark();
  await vi.waitFor(() => expect(place.reflection.lastEventAtMs).not.toBeNull());
  await realPause(20);
  place.server.endWatches();
  touch(place.server, 'run-0');
  await inStep(place);
  expect(listsAt(place)).toHaveLength(1);
  const { version } = place.server.store;
  expect(watchesAt(place).map(({ url }) => /resourceVersion=(\d+)/.exec(url)?.[1])).toEqual([
    String(version - 2),
    String(version - 1),
  ]);
});

const WATCH_BREAKS = [
  'close',
  'reset',
  'hang',
  'half-line-close',
  'half-line-hang',
  'broken-line',
  'error-410',
  'error-500',
] as const;

const BREAKS: readonly [string, FaultOrder][] = [
  ...WATCH_BREAKS.map((ending): [string, FaultOrder] => [
    `a watch that breaks after 2 lines: ${ending}`,
    { watch: true, fault: { kind: 'watch', afterLines: 2, ending } },
  ]),
  ['events twice', { watch: true, fault: { kind: 'watch-order', order: 'repeated' } }],
  ['events swapped', { watch: true, fault: { kind: 'watch-order', order: 'swapped' } }],
  ...[410, 429, 500, 503].map((code): [string, FaultOrder] => [
    `watches answered ${code}`,
    { watch: true, times: 3, fault: { kind: 'answer', code } },
  ]),
  ...[410, 429, 500].map((code): [string, FaultOrder] => [
    `lists answered ${code}`,
    { watch: false, times: 3, fault: { kind: 'answer', code } },
  ]),
  ['second pages answered 410', { path: /continue=/, times: 2, fault: { kind: 'answer', code: 410 } }],
  ['second pages answered 500', { path: /continue=/, times: 2, fault: { kind: 'answer', code: 500 } }],
  ['lists that break off', { watch: false, times: 3, fault: { kind: 'cut', atByte: 300, ending: 'reset' } }],
  ['lists that stall', { watch: false, times: 1, fault: { kind: 'cut', atByte: 300, ending: 'hang' } }],
  ['nobody answers', { times: 3, fault: { kind: 'ignore', ending: 'hang' } }],
  ['everybody resets', { times: 5, fault: { kind: 'ignore', ending: 'reset' } }],
];

test.each(BREAKS)('%s', async (_, order) => {
  const place = await withRuns(5, {
    bounds: { pageSize: 2 },
    prepare: ({ faults }) => faults.add(order),
  });
  await eventually(place.time, () => expect(place.reflection.synced).toBe(true));
  for (let turn = 0; turn < 4; turn += 1) {
    await passing(place.time, 200);
    touch(place.server, 'run-0');
    touch(place.server, 'run-1');
    create(place.server, `new-${turn}`);
    remove(place.server, `run-${4 - (turn % 2)}`);
    create(place.server, `run-${4 - (turn % 2)}`);
  }
  await inStep(place);
  // Each once. The first of each name was seen for certain, the second perhaps in a gap of the watch.
  const names = place.removed.map((removed) => removed.split('@')[0]);
  expect(place.removed).toEqual([...new Set(place.removed)]);
  expect(new Set(names)).toEqual(new Set(['run-3', 'run-4']));
  expect(names.length).toBeLessThanOrEqual(4);
  expect(place.server.requests.length).toBeLessThan(40);
});

test('what was deleted and forgotten while nobody watched is found missing', async () => {
  const place = await withRuns(3);
  await inStep(place);
  await place.server.stop();
  await passing(place.time, 1_000);
  remove(place.server, 'run-1');
  place.server.compact();
  await place.server.start();
  await inStep(place);
  expect(place.removed).toEqual(['run-1@103']);
});

test('a server that always fails is asked now and then, for ever', async () => {
  const place = await withRuns(1, {
    prepare: ({ faults }) => faults.add({ times: 10_000, fault: { kind: 'answer', code: 500 } }),
  });
  await passing(place.time, 60_000);
  const asked = place.server.requests.length;
  expect(asked).toBeGreaterThan(10);
  expect(asked).toBeLessThan(40);
  expect(place.reflection.doubt()).toMatch(/not been listed yet .*500/);
  place.server.faults.clear();
  await inStep(place);
});

test.each<[string, Fault]>([
  ['ended at once', { kind: 'watch', afterLines: 0, ending: 'close' }],
  ['told 410', { kind: 'watch', afterLines: 0, ending: 'error-410' }],
  ['answered 410', { kind: 'answer', code: 410 }],
])('a server whose every watch is %s gets no hot loop', async (_, fault) => {
  const place = await withRuns(1, {
    prepare: ({ faults }) => faults.add({ watch: true, times: 10_000, fault }),
    bounds: { relistEveryMs: 10_000_000 },
  });
  const busy = setInterval(() => touch(place.server, 'run-0'), 5);
  await passing(place.time, 60_000);
  clearInterval(busy);
  expect(watchesAt(place).length).toBeGreaterThan(5);
  expect(place.server.requests.length).toBeLessThan(80);
});

test('the server says how long to wait', async () => {
  const place = await withRuns(1, {
    prepare: ({ faults }) => faults.add({ fault: { kind: 'answer', code: 429, retryAfterSeconds: 30 } }),
  });
  await passing(place.time, 29_000);
  expect(place.server.requests).toHaveLength(1);
  await inStep(place);
});

test('a connection on which nothing comes, not even a bookmark, is replaced', async () => {
  const place = await withRuns(1, { bounds: { silenceMs: 100_000 } });
  await inStep(place);
  await passing(place.time, 90_000);
  expect(watchesAt(place)).toHaveLength(1);
  place.server.bookmark();
  await realPause(20);
  await passing(place.time, 90_000);
  expect(watchesAt(place)).toHaveLength(1);
  await passing(place.time, 20_000);
  await inStep(place);
  expect([watchesAt(place).length, listsAt(place).length]).toEqual([2, 2]);
}, 120_000);

test('without a watch for long what is shown is in doubt, and says since when', async () => {
  const place = await withRuns(1, { bounds: { doubtAfterMs: 10_000 } });
  await inStep(place);
  const down = new Date(place.time.wallMs()).toISOString().slice(0, 16);
  await place.server.stop();
  await passing(place.time, 9_000);
  expect(place.reflection.doubt()).toBeNull();
  await passing(place.time, 2_000);
  expect(place.reflection.doubt()).toMatch(new RegExp(`not been watched since ${down}.*ECONNREFUSED`));
  await place.server.start();
  await inStep(place);
});

test('an object made again under its name is one removed and one added', async () => {
  const place = await withRuns(1);
  await inStep(place);
  place.server.cutConnections();
  remove(place.server, 'run-0');
  create(place.server, 'run-0');
  await inStep(place);
  expect([place.removed.length, place.reflection.items().size]).toEqual([1, 1]);
});

test('objects that leave the selector are removed, those that come into it are added', async () => {
  const labels = { held: 'true' };
  const place = await placeFor({
    labelSelector: 'held=true',
    prepare: (server) => {
      create(server, 'in', { metadata: { labels } });
      create(server, 'out');
    },
  });
  await eventually(place.time, () => expect(shownBy(place)).toEqual(['in@102']));
  place.server.store.update('pipelineruns', 'default', 'in', (run) => ({
    ...run,
    metadata: { ...run.metadata, labels: {} },
  }));
  place.server.store.update('pipelineruns', 'default', 'out', (run) => ({
    ...run,
    metadata: { ...run.metadata, labels },
  }));
  await eventually(place.time, () => expect(shownBy(place)).toEqual(['out@105']));
  expect(place.removed).toEqual(['in@104']);
});

test('relist shows every write answered before it, also while the watch is dead', async () => {
  const place = await withRuns(1, { bounds: { silenceMs: 10_000_000 } });
  await inStep(place);
  place.server.faults.add({ watch: true, fault: { kind: 'watch', afterLines: 0, ending: 'hang' } });
  place.server.endWatches();
  await eventually(place.time, () => expect(place.server.openWatches).toBe(1));
  create(place.server, 'unseen');
  remove(place.server, 'run-0');
  const relisted = place.reflection.relist(new AbortController().signal);
  let done = false;
  void relisted.then(() => {
    done = true;
  });
  await eventually(place.time, () => expect(done).toBe(true));
  expect(shownBy(place)).toEqual(storedOn(place));
  expect(place.removed).toEqual(['run-0@102']);
});

test('relists asked for while one is under way share the next one', async () => {
  const place = await withRuns(1);
  await inStep(place);
  const gate = Promise.withResolvers<void>();
  place.server.faults.add({ watch: false, fault: { kind: 'answer-late', until: gate.promise } });
  const { signal } = new AbortController();
  const first = place.reflection.relist(signal);
  await vi.waitFor(() => expect(listsAt(place)).toHaveLength(2));
  create(place.server, 'late');
  const others = [1, 2, 3].map(() => place.reflection.relist(signal));
  gate.resolve();
  await Promise.all([first, ...others]);
  expect(listsAt(place)).toHaveLength(3);
  expect(shownBy(place)).toEqual(storedOn(place));
});

test('a relist goes on through failures, and ends when given up or closed', async () => {
  const place = await withRuns(1);
  await inStep(place);
  place.server.faults.add({ watch: false, times: 3, fault: { kind: 'answer', code: 500 } });
  let done = false;
  void place.reflection.relist(new AbortController().signal).then(() => {
    done = true;
  });
  await eventually(place.time, () => expect(done).toBe(true));
  expect(listsAt(place)).toHaveLength(5);

  await place.server.stop();
  const controller = new AbortController();
  const givenUp = place.reflection.relist(controller.signal);
  controller.abort(new Error('enough'));
  await expect(givenUp).rejects.toThrow('enough');
  const closed = place.reflection.relist(new AbortController().signal);
  closed.catch(() => undefined);
  await place.reflection.close();
  await expect(closed).rejects.toThrow('closed');
  await expect(place.reflection.relist(new AbortController().signal)).rejects.toThrow('closed');
});

test('lists come from time to time and mend what the watch has missed', async () => {
  const place = await withRuns(2, { bounds: { relistEveryMs: 20_000, silenceMs: 10_000_000 } });
  await inStep(place);
  place.server.faults.add({ watch: true, fault: { kind: 'watch', afterLines: 0, ending: 'hang' } });
  place.server.endWatches();
  await eventually(place.time, () => expect(place.server.openWatches).toBe(1));
  create(place.server, 'unseen');
  await eventually(place.time, () => expect(shownBy(place)).toEqual(storedOn(place)));
});

test('a cluster that was rebuilt is listed anew', async () => {
  const place = await withRuns(3);
  await inStep(place);
  for (let turn = 0; turn < 5; turn += 1) touch(place.server, 'run-0');
  await inStep(place);
  place.server.store.rewindVersions();
  remove(place.server, 'run-2');
  place.server.cutConnections();
  void place.reflection.relist(new AbortController().signal);
  await inStep(place);
  touch(place.server, 'run-1');
  await inStep(place);
  expect(place.removed).toHaveLength(1);
});

test('an object that cannot be read stays as it was and puts all in doubt', async () => {
  const place = await withRuns(1, {
    project: (raw) => {
      if (raw.spec !== undefined) throw new Error('no such spec');
      return kept(raw);
    },
  });
  await inStep(place);
  const before = shownBy(place);
  touch(place.server, 'run-0');
  await eventually(place.time, () =>
    expect(place.reflection.doubt()).toMatch(/default\/run-0: no such spec/),
  );
  expect(shownBy(place)).toEqual(before);
  remove(place.server, 'run-0');
  await inStep(place);
  expect(place.removed).toEqual(before);
});

test('a listener that throws keeps nobody from hearing', async () => {
  const place = await withRuns(1);
  await inStep(place);
  let told = 0;
  place.reflection.onChange(() => {
    throw new Error('deaf');
  });
  place.reflection.onChange(() => {
    told += 1;
  });
  touch(place.server, 'run-0');
  await inStep(place);
  expect(told).toBe(1);
});

test('closed, it asks no more and leaves no connection busy', async () => {
  const place = await withRuns(1);
  await inStep(place);
  await place.reflection.close();
  await vi.waitFor(() => expect(place.server.openWatches).toBe(0));
  const asked = place.server.requests.length;
  await passing(place.time, 20_000);
  expect(place.server.requests).toHaveLength(asked);
});
