/** Streams of events over real connections: what is told whom, cuts, slow readers, limits, ends. */
import { afterEach, expect, test } from 'vitest';
import { eventStream } from '../../src/api/events/stream.ts';
import { Journal } from '../../src/app/changes/journal.ts';
import { newToken, tokenHash } from '../../src/documents/access-token.ts';
import { unlimitedCaller } from '../../src/ports/access.ts';
import { openWorkplace, pipelineOf, type Workplace } from '../cli/binary.ts';
import { type EventReader, readEvents, type Told } from './event-reader.ts';
import { openPlace, PIPELINE, type Place } from './place.ts';

const TOKENS = { otto: newToken(), ada: newToken() };
const ACCESS = `
access:
  requestsPerSecond: 10000
  tokens:
    - { name: otto, role: owner, projects: [shop], sha256: ${tokenHash(TOKENS.otto)} }
    - { name: ada, role: admin, sha256: ${tokenHash(TOKENS.ada)} }
`;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A Penstock of this very process that listens on a port of loopback. */
async function listening(yaml?: string): Promise<{ readonly place: Place; readonly address: string }> {
  const place = await openPlace({ withLoop: true, ...(yaml !== undefined && { yaml }) });
  ends.push(() => place.dispose());
  const api = place.composition.api('tcp');
  ends.push(() => api.close());
  const address = await api.listen({ host: '127.0.0.1', port: 0 });
  place.composition.loop?.start();
  return { place, address };
}

async function reading(...args: Parameters<typeof readEvents>): Promise<EventReader> {
  const reader = await readEvents(...args);
  ends.push(() => reader.cut());
  return reader;
}

async function create(place: Place, project: string): Promise<string> {
  const answer = await place.api.inject({
    method: 'POST',
    url: '/v1/runs',
    body: { content: PIPELINE, project },
  });
  return answer.json<{ ids: string[] }>().ids[0] ?? '';
}

type Run = { readonly id: string; readonly state: string; readonly project: string };
const runOf = ({ data }: Told): Run | undefined => data.run as Run | undefined;
const ended = (id: string) => (told: Told) => runOf(told)?.id === id && runOf(told)?.state === 'succeeded';

test('a run is told of until its end, and each event has an id', async () => {
  const { place, address } = await listening();
  const reader = await reading(address);
  expect([reader.status, reader.headers['content-type']]).toEqual([200, 'text/event-stream']);
  const id = await create(place, 'shop');
  await reader.first(ended(id));
  const states = reader.told().flatMap((told) => (runOf(told)?.id === id ? [runOf(told)?.state] : []));
  expect(states.at(-1)).toBe('succeeded');
  expect(new Set(states).size).toBe(states.length);
  const ids = reader.told().map((told) => told.id);
  expect(new Set(ids).size).toBe(ids.length);
  const shown = await place.api.inject(`/v1/runs/${id}`);
  expect(shown.json()).toMatchObject(
    reader.told().findLast((told) => runOf(told)?.id === id)?.data.run as object,
  );
});

test('after a cut the next stream goes on where the last one ended', async () => {
  const { place, address } = await listening();
  const whole = await reading(address);
  const early = await reading(address);
  const first = await create(place, 'shop');
  await early.first(ended(first));
  early.cut();
  const lastId = early.lastId();
  const second = await create(place, 'shop');
  await whole.first(ended(second));
  const late = await reading(address, { lastEventId: lastId });
  await late.first(ended(second));
  const isLate = ({ id }: Told): boolean => Number(id.split('-')[1]) > Number(lastId.split('-')[1]);
  const wanted = whole.told().filter(isLate);
  expect(late.told().slice(0, wanted.length)).toEqual(wanted);
});

test('a first stream has a place to go on from before anything was told', async () => {
  const { place, address } = await listening();
  const early = await reading(address);
  await expect.poll(() => early.lastId()).not.toBe('');
  early.cut();
  const witness = await reading(address);
  const id = await create(place, 'shop');
  await witness.first(ended(id));
  const late = await reading(address, { lastEventId: early.lastId() });
  await late.first(ended(id));
  expect(late.told().some(({ event }) => event === 'reset')).toBe(false);
});

test.each([
  ['of another process', '0123456789ab-4', 'other-process'],
  ['that is none', 'x', 'other-process'],
])('an id %s is answered with a reset first', async (_, lastEventId, reason) => {
  const { address } = await listening();
  const reader = await reading(address, { lastEventId });
  await reader.first(({ event }) => event === 'reset');
  expect(reader.told()[0]).toMatchObject({ event: 'reset', data: { kind: 'reset', reason } });
});

test('an id that is too old, or not given yet, is answered with a reset', async () => {
  const { place, address } = await listening();
  const { lifetime, journal } = place.composition.changes;
  const open = await reading(address);
  for (let n = 0; n < 10_010; n += 1) journal.add({ kind: 'policy', name: `p${n}`, policy: null });
  open.cut();
  for (const place of [3, journal.last + 5]) {
    const reader = await reading(address, { lastEventId: `${lifetime}-${place}` });
    const { data } = await reader.first(({ event }) => event === 'reset');
    expect(data).toEqual({ kind: 'reset', reason: 'too-old' });
  }
  const near = await reading(address, { lastEventId: `${lifetime}-${journal.last - 2}` });
  await near.first(({ data }) => data.name === 'p10009');
  expect(near.told().map(({ data }) => data.name)).toEqual(['p10008', 'p10009']);
});

test('a reader that takes nothing holds nobody up, and is told to look again', async () => {
  const { place, address } = await listening();
  const { journal } = place.composition.changes;
  const slow = await reading(address, { paused: true });
  const name = (n: number): string => `${'long'.repeat(200)}-${n}`;
  for (let n = 0; n < 40_000; n += 1) {
    journal.add({ kind: 'policy', name: name(n), policy: null });
    // As things change: with room for the streams in between.
    if (n % 1_000 === 0) await new Promise(setImmediate);
  }
  const quick = await reading(address);
  journal.add({ kind: 'policy', name: 'last', policy: null });
  await quick.first(({ data }) => data.name === 'last');
  slow.go();
  const { data } = await slow.first(({ event }) => event === 'reset');
  expect(data).toEqual({ kind: 'reset', reason: 'fell-behind' });
  journal.add({ kind: 'policy', name: 'after that', policy: null });
  await slow.first(({ data }) => data.name === 'after that');
});

test('everybody is told of what he may see, and of nothing else', async () => {
  const { place, address } = await listening(ACCESS);
  const otto = await reading(address, { token: TOKENS.otto });
  const ada = await reading(address, { token: TOKENS.ada });
  const secret = await create(place, 'secret-bank');
  await ada.first(ended(secret));
  const own = await create(place, 'shop');
  await otto.first(ended(own));
  expect(new Set(otto.told().flatMap((told) => runOf(told)?.project ?? []))).toEqual(new Set(['shop']));
  expect(otto.text()).not.toMatch(/secret/);
  const resumed = await reading(address, { token: TOKENS.otto, lastEventId: ada.told()[0]?.id ?? '' });
  await resumed.first(ended(own));
  expect(resumed.text()).not.toMatch(/secret/);
  expect((await reading(address)).status).toBe(401);
});

test('policies, their occurrences, test runs and forecasts are told of', async () => {
  const { place, address } = await listening(`${ACCESS}projects: { shop: { tenant: common } }\n`);
  place.composition.scheduled.start();
  const otto = await reading(address, { token: TOKENS.otto });
  const send = (method: 'PUT' | 'POST' | 'DELETE', url: string, body?: object) =>
    place.api.inject({ method, url, ...(body && { body }) });
  await send('PUT', '/v1/policies/audit', policy());
  const made = await otto.first(({ event }) => event === 'policy');
  expect(made.data).toMatchObject({ name: 'audit', policy: { name: 'audit', enabled: true } });
  const asked = await send('POST', '/v1/policies/audit/test-runs', { project: 'shop' });
  const { id } = asked.json<{ id: string }>();
  type TestRun = { readonly id: string; readonly state: string };
  const passed = await otto.first(({ data }) => (data.testRun as TestRun | undefined)?.state === 'succeeded');
  expect(passed.data.testRun).toMatchObject({ id, policy: 'audit', project: 'shop' });
  await send('POST', '/v1/policies/audit/occurrences', { key: 'now-and-once', windowMs: 1 });
  type Occurrence = { readonly outcomes: Record<string, number>; readonly cause: string };
  const done = await otto.first(
    ({ data }) => (data.occurrence as Occurrence | undefined)?.outcomes.succeeded === 1,
  );
  expect(done.data).toMatchObject({
    policy: 'audit',
    occurrence: { cause: 'order', launches: { launched: 1 } },
  });
  await send('DELETE', '/v1/policies/audit');
  await otto.first(({ event, data }) => event === 'policy' && data.policy === null);
  await otto.first(({ event }) => event === 'forecast');
});

test('the number of streams of one caller is limited, and a closed one makes room', async () => {
  const { address } = await listening(ACCESS);
  const { otto, ada } = TOKENS;
  const open = await Promise.all(Array.from({ length: 10 }, () => reading(address, { token: otto })));
  const refused = await reading(address, { token: otto });
  await refused.ended;
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '10']);
  expect(JSON.parse(refused.text())).toMatchObject({ code: 'streams-full' });
  expect((await reading(address, { token: ada })).status).toBe(200);
  open[0]?.cut();
  await expect
    .poll(async () => (await reading(address, { token: otto })).status, { timeout: 30_000 })
    .toBe(200);
});

test('what is sent while nothing changes has the place in it; who is nobody any more is let go', async () => {
  const journal = new Journal();
  let left = 3;
  const caller = async () => {
    left -= 1;
    return left > 0 ? unlimitedCaller('ada') : null;
  };
  const signal = new AbortController().signal;
  const parts = { journal, lifetime: 'abc', lastEventId: null, caller, heartbeatMs: 5, signal };
  const sent: string[] = [];
  for await (const text of eventStream(parts)) {
    sent.push(text);
    journal.add({ kind: 'policy', name: `p${sent.length}`, policy: null });
  }
  expect(sent[0]).toBe('retry: 2000\nid: abc-0\n\n');
  expect(sent.at(-1)).toMatch(/^: still here\nid: abc-\d+\n\n$/);
  expect(left).toBe(0);
});

test('changes that nobody followed are not made up for: who comes back is told to look again', () => {
  const journal = new Journal(4);
  journal.add({ kind: 'policy', name: 'a', policy: null });
  journal.break();
  expect(journal.after(0, 10)).toBeNull();
  expect(journal.after(1, 10)).toBeNull();
  expect(journal.after(journal.last, 10)).toEqual([]);
  journal.add({ kind: 'policy', name: 'b', policy: null });
  expect(journal.after(2, 10)?.map(({ seq }) => seq)).toEqual([3]);
});

let workplace: Workplace | null = null;
afterEach(async () => {
  await workplace?.dispose();
  workplace = null;
});

test('a server that stops ends its streams; the next one knows their ids for what they are', async () => {
  workplace = await openWorkplace({ 'p.yaml': pipelineOf('echo hello') });
  const server = await workplace.serve();
  const reader = await reading(server.url);
  await workplace.penstock('run', 'create', '-f', 'p.yaml', '--project', 'shop');
  await reader.first((told) => runOf(told)?.state === 'succeeded');
  expect(await server.end('SIGTERM')).toBe(0);
  await reader.ended;
  const next = await workplace.serve();
  const late = await reading(next.url, { lastEventId: reader.lastId() });
  const { data } = await late.first(({ event }) => event === 'reset');
  expect(data).toEqual({ kind: 'reset', reason: 'other-process' });
});

function policy(): object {
  const steps = [{ name: 's', script: 'true' }];
  return {
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name: 'audit' },
    spec: {
      enabled: true,
      content: { pipelineSpec: { tasks: [{ name: 'a', taskSpec: { steps } }] } },
      schedule: { type: 'daily', startTime: '02:30' },
      timeWindow: { length: '1h' },
      scope: { include: { projects: ['shop'] } },
    },
  };
}
