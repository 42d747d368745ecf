/** The fake API server does what the real one was seen to do, so that tests against it mean something. */
import { afterEach, expect, test } from 'vitest';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';
import { CORE_KINDS, TEKTON_KINDS } from './kinds.ts';

const servers: FakeApiServer[] = [];
const RUNS = '/apis/tekton.dev/v1/namespaces/default/pipelineruns';

async function started(): Promise<FakeApiServer> {
  const server = await startFakeApiServer({ kinds: [...CORE_KINDS, ...TEKTON_KINDS] });
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

interface Answer {
  readonly status: number;
  readonly body: { readonly [field: string]: unknown };
}

async function ask(server: FakeApiServer, method: string, path: string, body?: unknown): Promise<Answer> {
  const contentType =
    method !== 'PATCH'
      ? 'application/json'
      : `application/${Array.isArray(body) ? 'json' : 'merge'}-patch+json`;
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'content-type': contentType },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const PENDING = { metadata: { name: 'a' }, spec: { status: 'PipelineRunPending' } };

test('a JSON patch tests and removes, once', async () => {
  const server = await started();
  expect((await ask(server, 'POST', RUNS, PENDING)).status).toBe(201);
  const start = [
    { op: 'test', path: '/spec/status', value: 'PipelineRunPending' },
    { op: 'remove', path: '/spec/status' },
  ];
  const first = await ask(server, 'PATCH', `${RUNS}/a`, start);
  expect([first.status, first.body.spec]).toEqual([200, {}]);
  const second = await ask(server, 'PATCH', `${RUNS}/a`, start);
  expect([second.status, second.body.reason]).toEqual([422, 'Invalid']);
});

test('a failing test in the middle of a JSON patch leaves everything as it was', async () => {
  const server = await started();
  await ask(server, 'POST', RUNS, PENDING);
  const patch = [
    { op: 'add', path: '/metadata/labels', value: { 'a/b': 'c' } },
    { op: 'test', path: '/metadata/labels/a~1b', value: 'c' },
    { op: 'test', path: '/metadata/uid', value: 'another' },
  ];
  expect((await ask(server, 'PATCH', `${RUNS}/a`, patch)).status).toBe(422);
  expect(server.store.get('pipelineruns', 'default', 'a').metadata.labels).toBeUndefined();
});

test('names in use, objects that are gone, and versions that are old are refused as they should be', async () => {
  const server = await started();
  const { body } = await ask(server, 'POST', RUNS, PENDING);
  expect((await ask(server, 'POST', RUNS, PENDING)).body).toMatchObject({
    code: 409,
    reason: 'AlreadyExists',
  });
  expect((await ask(server, 'PATCH', `${RUNS}/b`, {})).body).toMatchObject({ code: 404, reason: 'NotFound' });
  await ask(server, 'PATCH', `${RUNS}/a`, { metadata: { labels: { a: 'b' } } });
  expect((await ask(server, 'PUT', `${RUNS}/a`, body)).body).toMatchObject({ code: 409, reason: 'Conflict' });
  const elsewhere = RUNS.replace('default', 'nowhere');
  expect((await ask(server, 'POST', elsewhere, PENDING)).status).toBe(404);
});

test('a list by pages shows one state, and is told 410 once history is forgotten', async () => {
  const server = await started();
  for (const name of ['a', 'b', 'c']) {
    server.store.create('pipelineruns', { metadata: { namespace: 'default', name } });
  }
  const namesOf = ({ body }: Answer) =>
    (body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
  const first = await ask(server, 'GET', `${RUNS}?limit=2`);
  server.store.create('pipelineruns', { metadata: { namespace: 'default', name: 'd' } });
  const { continue: token, resourceVersion } = first.body.metadata as Record<string, string>;
  const second = await ask(server, 'GET', `${RUNS}?limit=2&continue=${token}`);
  expect([namesOf(first), namesOf(second)]).toEqual([['a', 'b'], ['c']]);
  expect(second.body.metadata).toEqual({ resourceVersion });
  server.compact();
  expect((await ask(server, 'GET', `${RUNS}?limit=2&continue=${token}`)).status).toBe(410);
});

test('a watch tells history, then what happens; leaving a selector is a deletion', async () => {
  const server = await started();
  const from = server.store.version;
  const place = { namespace: 'default', name: 'a' };
  server.store.create('pipelineruns', { metadata: { ...place, labels: { held: 'true' } } });
  const query = `watch=1&resourceVersion=${from}&labelSelector=held%3Dtrue&allowWatchBookmarks=true`;
  const response = await fetch(`${server.url}${RUNS}?${query}`);
  server.store.update('pipelineruns', 'default', 'a', (run) => ({ ...run, spec: { a: 1 } }));
  server.store.update('pipelineruns', 'default', 'a', (run) => {
    const { labels: _, ...metadata } = run.metadata;
    return { ...run, metadata };
  });
  server.bookmark();
  server.endWatches();
  const lines = (await response.text()).trim().split('\n');
  const types = lines.map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types).toEqual(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);
});

test('a watch from a forgotten version is answered 200 and then told 410', async () => {
  const server = await started();
  const from = server.store.version;
  server.store.create('pipelineruns', { metadata: { namespace: 'default', name: 'a' } });
  server.compact();
  const response = await fetch(`${server.url}${RUNS}?watch=1&resourceVersion=${from}`);
  expect(response.status).toBe(200);
  expect(JSON.parse(await response.text())).toMatchObject({ type: 'ERROR', object: { code: 410 } });
});

test('what is ordered to go wrong goes wrong, once, and only where it was ordered', async () => {
  const server = await started();
  server.faults.add({ method: 'POST', fault: { kind: 'apply', ending: 'reset' } });
  server.faults.add({ method: 'GET', fault: { kind: 'answer', code: 429, retryAfterSeconds: 3 } });
  await expect(ask(server, 'POST', RUNS, PENDING)).rejects.toThrow();
  const refused = await fetch(`${server.url}${RUNS}`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
  expect((await ask(server, 'GET', `${RUNS}/a`)).status).toBe(200);
});

test('a late request takes effect only within its own timeout', async () => {
  let nowMs = 0;
  const server = await startFakeApiServer({ kinds: TEKTON_KINDS, nowMs: () => nowMs });
  servers.push(server);
  server.store.create('pipelineruns', { ...PENDING, metadata: { namespace: 'default', name: 'a' } });
  const gate = Promise.withResolvers<void>();
  server.faults.add({ fault: { kind: 'apply-late', until: gate.promise } });
  const answer = ask(server, 'PATCH', `${RUNS}/a?timeout=5s`, { spec: { status: null } });
  while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  nowMs = 5001;
  gate.resolve();
  expect((await answer).status).toBe(504);
  expect(server.store.get('pipelineruns', 'default', 'a').spec).toEqual(PENDING.spec);
});
