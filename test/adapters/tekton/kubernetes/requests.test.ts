/** What each way a request can end comes back as, and above all: may it have taken effect? */
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mayHaveTakenEffect } from '../../../../src/adapters/tekton/kubernetes/api.ts';
import {
  AUTHORITY,
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from '../../../fakes/kubernetes/certificates.ts';
import type { FakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import { ManualTime } from '../../../fakes/kubernetes/manual-time.ts';
import { clusterBy, get, patch, RUNS, RUNS_HERE, serverFor } from './place.ts';

const RUN = `${RUNS_HERE}/a`;
const LABEL = { metadata: { labels: { seen: 'true' } } };

async function serverWithRun(): Promise<FakeApiServer> {
  const server = await serverFor();
  server.store.create('pipelineruns', { metadata: { namespace: 'default', name: 'a' } });
  return server;
}

function labelsOf(server: FakeApiServer): unknown {
  return server.store.get('pipelineruns', 'default', 'a').metadata.labels;
}

test('an answer comes with its body, status and the date of the server', async () => {
  const nowMs = Date.UTC(2026, 5, 1, 12);
  const server = await serverFor({ nowMs: () => nowMs });
  const cluster = await clusterBy(server.kubeconfig());
  const outcome = await cluster.request(get('/api/v1/namespaces/default'));
  expect(outcome).toMatchObject({
    kind: 'ok',
    status: 200,
    serverDateMs: nowMs,
    body: { metadata: { name: 'default' } },
  });
  expect(server.requests[0]?.headers['user-agent']).toBe('penstock/9.9.9');
});

test('the server is told the deadline too: what is left of it when the request is written', async () => {
  const server = await serverWithRun();
  const time = new ManualTime();
  const cluster = await clusterBy(server.kubeconfig(), time);
  await cluster.request(patch(RUN, LABEL, { query: { fieldManager: 'penstock' }, timeoutMs: 5_000 }));
  expect(server.requests[0]?.url).toBe(`${RUN}?fieldManager=penstock&timeout=5000ms`);
});

test('a refusal comes with its code, reason, message and how long to wait', async () => {
  const server = await serverFor();
  const cluster = await clusterBy(server.kubeconfig());
  const answer = { kind: 'answer', code: 429, reason: 'TooManyRequests', message: 'slow\ndown' } as const;
  server.faults.add({ fault: { ...answer, retryAfterSeconds: 7 } });
  const outcome = await cluster.request(get(RUNS));
  expect(outcome).toMatchObject({
    kind: 'api-status',
    code: 429,
    reason: 'TooManyRequests',
    message: 'slow down',
    retryAfterMs: 7_000,
  });
});

test.each([
  [422, false],
  [429, false],
  [500, true],
  [504, true],
])('a %d leaves open whether it took effect: %s', async (code, isOpen) => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  server.faults.add({ fault: { kind: 'answer', code } });
  const outcome = await cluster.request(patch(RUN, LABEL));
  expect([outcome.kind, mayHaveTakenEffect(outcome)]).toEqual(['api-status', isOpen]);
});

test('nobody listens: unsent', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  await server.stop();
  const outcome = await cluster.request(patch(RUN, LABEL));
  expect(outcome).toMatchObject({ kind: 'unsent', why: expect.stringContaining('ECONNREFUSED') });
});

test.each(['close', 'reset'] as const)(
  'it took effect and the connection ended by %s: unanswered',
  async (ending) => {
    const server = await serverWithRun();
    const cluster = await clusterBy(server.kubeconfig());
    server.faults.add({ method: 'PATCH', fault: { kind: 'apply', ending } });
    const outcome = await cluster.request(patch(RUN, LABEL));
    expect([outcome.kind, labelsOf(server)]).toEqual(['unanswered', { seen: 'true' }]);
  },
);

test('no answer until the deadline: unanswered, and the connection is gone', async () => {
  const server = await serverWithRun();
  const time = new ManualTime();
  const cluster = await clusterBy(server.kubeconfig(), time);
  server.faults.add({ method: 'PATCH', fault: { kind: 'apply', ending: 'hang' } });
  const outcome = cluster.request(patch(RUN, LABEL, { timeoutMs: 5_000 }));
  await vi.waitFor(() => expect(labelsOf(server)).toEqual({ seen: 'true' }));
  time.pass(5_000);
  expect(await outcome).toEqual({ kind: 'unanswered', why: 'no answer within 5000 ms' });
  await vi.waitFor(() => expect(server.openConnections).toBe(0));
});

test('given up by the caller while it hangs: unanswered', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  server.faults.add({ fault: { kind: 'ignore', ending: 'hang' } });
  const controller = new AbortController();
  const outcome = cluster.request(patch(RUN, LABEL, { signal: controller.signal }));
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  controller.abort();
  expect(await outcome).toEqual({ kind: 'unanswered', why: 'given up by the caller' });
});

test('no time left to write it: unsent, in words', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig(), new ManualTime());
  const outcome = await cluster.request(patch(RUN, LABEL, { timeoutMs: 0.5 }));
  expect([outcome, server.requests]).toEqual([{ kind: 'unsent', why: 'no time was left to write it' }, []]);
});

test('given up before it began: unsent, and nothing arrives', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  const outcome = await cluster.request(patch(RUN, LABEL, { signal: AbortSignal.abort() }));
  expect([outcome.kind, server.requests.length]).toEqual(['unsent', 0]);
});

test('given up while it waits for its turn: unsent, and nothing arrives', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  server.faults.add({ method: 'GET', times: 64, fault: { kind: 'ignore', ending: 'hang' } });
  const busy = Array.from({ length: 64 }, () => cluster.request(get(RUNS)));
  await vi.waitFor(() => expect(server.requests).toHaveLength(64));
  const controller = new AbortController();
  const outcome = cluster.request(patch(RUN, LABEL, { signal: controller.signal }));
  controller.abort();
  expect(await outcome).toEqual({ kind: 'unsent', why: 'given up by the caller' });
  await cluster.close();
  expect((await Promise.all(busy)).map(({ kind }) => kind)).toEqual(busy.map(() => 'unanswered'));
  expect(server.requests.filter(({ method }) => method === 'PATCH')).toEqual([]);
});

test.each([
  ['plain', {}],
  ['TLS', { tls: { key: SERVER_KEY, cert: SERVER_CERTIFICATE } }],
])('hundreds at once take turns on the connections there are: %s', async (_, options) => {
  const server = await serverFor(options);
  server.store.create('pipelineruns', { metadata: { namespace: 'default', name: 'a' } });
  const cluster = await clusterBy(tlsConfig(server.url, { 'insecure-skip-tls-verify': true }));
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      cluster.request(patch(RUN, { metadata: { annotations: { [`n${index}`]: 'x' } } })),
    ),
  );
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['ok']));
  expect(
    Object.keys(server.store.get('pipelineruns', 'default', 'a').metadata.annotations ?? {}),
  ).toHaveLength(300);
  expect(server.openConnections).toBeLessThanOrEqual(64);
});

test('an answer that breaks off in its body: unanswered', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  server.faults.add({ method: 'PATCH', fault: { kind: 'cut', atByte: 10, ending: 'reset' } });
  const outcome = await cluster.request(patch(RUN, LABEL));
  expect([outcome.kind, labelsOf(server)]).toEqual(['unanswered', { seen: 'true' }]);
});

test('an answer that stalls in its body ends at the deadline', async () => {
  const server = await serverWithRun();
  const time = new ManualTime();
  const cluster = await clusterBy(server.kubeconfig(), time);
  server.faults.add({ fault: { kind: 'cut', atByte: 10, ending: 'hang' } });
  const outcome = cluster.request(get(RUN, { timeoutMs: 1_000 }));
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  const passing = setInterval(() => time.pass(1_000), 5);
  onTestFinished(() => clearInterval(passing));
  expect((await outcome).kind).toBe('unanswered');
});

test('a question is asked again when the server had closed the kept connection; a write is not', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  await cluster.request(get(RUN));
  server.faults.add({ fault: { kind: 'ignore', ending: 'reset' } });
  expect((await cluster.request(get(RUN))).kind).toBe('ok');
  server.faults.add({ fault: { kind: 'ignore', ending: 'reset' } });
  expect((await cluster.request(patch(RUN, LABEL))).kind).toBe('unanswered');
  expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'PATCH']);
});

/** A server that takes connections and says nothing, as one that is about to die does. */
async function silentServer(onData: (text: string) => void): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => onData(data.toString('latin1')));
    socket.on('error', (error) => onData(error.message));
    socket.on('end', () => onData('the end'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

function tlsConfig(server: string, cluster: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    'current-context': 'tls',
    contexts: [{ name: 'tls', context: { cluster: 'tls', user: 'me' } }],
    clusters: [{ name: 'tls', cluster: { server, ...cluster } }],
    users: [
      {
        name: 'me',
        user: {
          'client-certificate-data': Buffer.from(CLIENT_CERTIFICATE).toString('base64'),
          'client-key-data': Buffer.from(CLIENT_KEY).toString('base64'),
        },
      },
    ],
  });
}

test('a handshake that never ends: unsent, and not a byte of the request was written', async () => {
  const seen: string[] = [];
  const silent = await silentServer((text) => seen.push(text));
  const time = new ManualTime();
  const cluster = await clusterBy(tlsConfig(`https://127.0.0.1:${portOf(silent)}`, {}), time);
  const outcome = cluster.request(patch(RUN, LABEL, { timeoutMs: 2_000 }));
  await vi.waitFor(() => expect(seen).toHaveLength(1));
  time.pass(2_000);
  expect(await outcome).toEqual({ kind: 'unsent', why: 'no answer within 2000 ms' });
  expect(seen[0]?.charCodeAt(0)).toBe(0x16);
  // The connection was given up, and nothing but the beginning of the handshake ever went over it.
  await vi.waitFor(() => expect(seen.slice(1)).toEqual(['the end']));
});

test('a certificate nobody vouches for: unsent, and nothing arrives', async () => {
  const server = await serverFor({ tls: { key: SERVER_KEY, cert: SERVER_CERTIFICATE } });
  const cluster = await clusterBy(tlsConfig(server.url, {}));
  const outcome = await cluster.request(patch(RUN, LABEL));
  expect(outcome).toMatchObject({ kind: 'unsent', why: expect.stringContaining('certificate') });
  expect(server.requests).toEqual([]);
});

test('a server that ends the connection before the handshake: unsent', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const cluster = await clusterBy(tlsConfig(`https://127.0.0.1:${portOf(server)}`, {}));
  expect((await cluster.request(patch(RUN, LABEL))).kind).toBe('unsent');
});

test('a written request that is given up is reset, not left to arrive late', async () => {
  const seen: string[] = [];
  const silent = await silentServer((text) => seen.push(text));
  const time = new ManualTime();
  const config = tlsConfig(`https://127.0.0.1:${portOf(silent)}`, {}).replace('https:', 'http:');
  const cluster = await clusterBy(config, time);
  const outcome = cluster.request(patch(RUN, LABEL, { timeoutMs: 2_000 }));
  await vi.waitFor(() => expect(seen.join('')).toContain('PATCH'));
  time.pass(2_000);
  expect((await outcome).kind).toBe('unanswered');
  await vi.waitFor(() => expect(seen.at(-1)).toContain('ECONNRESET'));
});

test('over TLS as well', async () => {
  const seen: string[] = [];
  const server = createTlsServer({ key: SERVER_KEY, cert: SERVER_CERTIFICATE }, () => seen.push('asked'));
  server.on('secureConnection', (socket) => socket.on('error', ({ message }) => seen.push(message)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const time = new ManualTime();
  const authority = { 'certificate-authority-data': Buffer.from(AUTHORITY).toString('base64') };
  const cluster = await clusterBy(tlsConfig(`https://127.0.0.1:${portOf(server)}`, authority), time);
  const outcome = cluster.request(patch(RUN, LABEL, { timeoutMs: 2_000 }));
  await vi.waitFor(() => expect(seen).toEqual(['asked']));
  time.pass(2_000);
  expect((await outcome).kind).toBe('unanswered');
  await vi.waitFor(() => expect(seen.slice(1)).toEqual([expect.stringContaining('ECONNRESET')]));
});

test('a closed cluster answers nothing more', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  await cluster.request(get(RUN));
  await cluster.close();
  expect((await cluster.request(get(RUN))).kind).toBe('unsent');
  await vi.waitFor(() => expect(server.openConnections).toBe(0));
});

test('a stream ends with the server, breaks with the connection, and ends when given up', async () => {
  const server = await serverWithRun();
  const cluster = await clusterBy(server.kubeconfig());
  const controller = new AbortController();
  const watch = async () => {
    const asked = { path: RUNS, query: { watch: '1' }, signal: controller.signal, timeoutMs: 5_000 };
    const outcome = await cluster.stream(asked);
    if (outcome.kind !== 'streaming') throw new Error(outcome.kind);
    let text = '';
    for await (const chunk of outcome.chunks) text += chunk.toString();
    return text;
  };
  const first = watch();
  await vi.waitFor(() => expect(server.openWatches).toBe(1));
  server.endWatches();
  expect(await first).toContain('ADDED');

  const second = watch();
  second.catch(() => undefined);
  await vi.waitFor(() => expect(server.openWatches).toBe(1));
  server.cutConnections();
  await expect(second).rejects.toThrow();

  const third = watch();
  third.catch(() => undefined);
  await vi.waitFor(() => expect(server.openWatches).toBe(1));
  controller.abort();
  await expect(third).rejects.toThrow();
  await vi.waitFor(() => expect(server.openWatches).toBe(0));
});
