/**
 * The listener, over real TLS: what it answers to reviews sound and unsound, and that a new
 * certificate is used without anybody noticing.
 */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type KeyPair,
  makeAuthority,
  makeServing,
} from '../../../../src/adapters/tekton/webhook/certificates/issue.ts';
import { webhookMetrics } from '../../../../src/adapters/tekton/webhook/metrics.ts';
import {
  buildWebhookServer,
  useCertificate,
  type WebhookServer,
} from '../../../../src/adapters/tekton/webhook/server.ts';
import { SILENT } from '../kubernetes/place.ts';

const HOST = 'penstock-webhook.flow.svc';
const HOLD = '/v1/hold';
const STRIP = '/v1/strip-held-label';

let authority: KeyPair;
let serving: KeyPair;
beforeAll(async () => {
  authority = await makeAuthority(Date.now());
  serving = await makeServing(authority, [HOST], Date.now());
});

interface Listener {
  readonly app: WebhookServer;
  readonly port: number;
  readonly send: (path: string, body: string, options?: SendOptions) => Promise<Answer>;
}

interface SendOptions {
  readonly agent?: Agent;
  readonly method?: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function listener(whyNotReady: () => string | null = () => null): Promise<Listener> {
  const app = buildWebhookServer(serving, { log: SILENT, metrics: webhookMetrics(), whyNotReady });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const port = Number(new URL(url).port);
  const send: Listener['send'] = async (path, body, { agent, method = 'POST' } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const tls = { ca: authority.certificate, servername: HOST, ...(agent === undefined ? {} : { agent }) };
    const sent = request({ host: '127.0.0.1', port, path, method, headers, ...tls }, resolve);
    sent.on('error', reject);
    sent.end(body);
    const response = await promise;
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return {
      status: response.statusCode ?? 0,
      body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
    };
  };
  return { app, port, send };
}

interface Review {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly request?: unknown;
}

function reviewOf(object: unknown, more: Readonly<Record<string, unknown>> = {}): Review {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'b3c1',
      kind: { group: 'tekton.dev', version: 'v1', kind: 'PipelineRun' },
      operation: 'CREATE',
      object,
      ...more,
    },
  };
}

const RUN = {
  apiVersion: 'tekton.dev/v1',
  kind: 'PipelineRun',
  metadata: { labels: {} },
  spec: { pipelineRef: {} },
};

function patchIn({ body }: Answer): unknown {
  const { response } = body as { readonly response: { readonly patch?: string } };
  return response.patch === undefined ? null : JSON.parse(Buffer.from(response.patch, 'base64').toString());
}

describe('a review', () => {
  test('of a run that would start is answered with the pending status and the label, and its own uid', async () => {
    const { send } = await listener();
    const answer = await send(HOLD, JSON.stringify(reviewOf(RUN)));
    expect(answer).toMatchObject({
      status: 200,
      body: {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: 'b3c1', allowed: true, patchType: 'JSONPatch' },
      },
    });
    expect(patchIn(answer)).toEqual([
      { op: 'add', path: '/metadata/labels/penstock.dev~1held', value: 'true' },
      { op: 'add', path: '/spec/status', value: 'PipelineRunPending' },
    ]);
  });

  test.each([
    ['v1beta1', { kind: { group: 'tekton.dev', version: 'v1beta1', kind: 'PipelineRun' } }],
    ['a dry run', { dryRun: true }],
  ])('of %s is answered the same', async (_, more) => {
    const { send } = await listener();
    expect(patchIn(await send(HOLD, JSON.stringify(reviewOf(RUN, more))))).toHaveLength(2);
  });

  test('of a run with fields of any name is answered', async () => {
    const { send } = await listener();
    const text = JSON.stringify(reviewOf(RUN)).replace(
      '"pipelineRef":{}',
      '"__proto__":{"status":"x"},"constructor":{"prototype":1}',
    );
    expect(patchIn(await send(HOLD, text))).toHaveLength(2);
  });

  test('of a label that a user wrote has it removed where that is asked, and only there', async () => {
    const { send } = await listener();
    const run = {
      ...RUN,
      metadata: { labels: { 'penstock.dev/held': 'true' } },
      spec: { status: 'PipelineRunPending' },
    };
    const review = JSON.stringify(reviewOf(run));
    expect(patchIn(await send(HOLD, review))).toBeNull();
    expect(patchIn(await send(STRIP, review))).toEqual([
      { op: 'remove', path: '/metadata/labels/penstock.dev~1held' },
    ]);
    expect(patchIn(await send(STRIP, JSON.stringify(reviewOf(RUN))))).toBeNull();
  });

  const UNSOUND: readonly (readonly [string, Review])[] = [
    ['another kind', reviewOf(RUN, { kind: { group: 'tekton.dev', version: 'v1', kind: 'TaskRun' } })],
    ['another group', reviewOf(RUN, { kind: { group: 'example.dev', version: 'v1', kind: 'PipelineRun' } })],
    ['an update', reviewOf(RUN, { operation: 'UPDATE' })],
    ['a deletion', reviewOf(null, { operation: 'DELETE' })],
    ['a text', reviewOf('run')],
    ['a list', reviewOf([RUN])],
    ['no object', reviewOf(undefined)],
    ['no metadata', reviewOf({ spec: {} })],
    ['a number for a kind', reviewOf(RUN, { kind: 5 })],
    ['no kind', reviewOf(RUN, { kind: undefined })],
  ];
  test.each(UNSOUND)('of %s is let through as it is, with a warning', async (_, review) => {
    const { send } = await listener();
    const answer = await send(HOLD, JSON.stringify(review));
    expect(answer).toMatchObject({ status: 200, body: { response: { uid: 'b3c1', allowed: true } } });
    expect(patchIn(answer)).toBeNull();
    expect(answer.body).toMatchObject({ response: { warnings: [expect.stringContaining('left it alone')] } });
  });

  test.each([
    ['a number for spec', { ...RUN, spec: 5 }],
    ['no spec', { metadata: {} }],
    ['a list for status', { ...RUN, spec: { status: [] } }],
  ])('of a run with %s is let through without a word: refusing it is for Tekton', async (_, run) => {
    const { send } = await listener();
    const answer = await send(HOLD, JSON.stringify(reviewOf(run)));
    expect(answer).toEqual({
      status: 200,
      body: {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: { uid: 'b3c1', allowed: true },
      },
    });
  });
});

describe('what is no review', () => {
  test.each([
    ['nothing', '', 400],
    ['garbage', 'AdmissionReview', 400],
    ['half of one', JSON.stringify(reviewOf(RUN)).slice(0, -9), 400],
    ['null', 'null', 400],
    ['a list', '[]', 400],
    ['another version', JSON.stringify({ ...reviewOf(RUN), apiVersion: 'admission.k8s.io/v1beta1' }), 400],
    ['another kind', JSON.stringify({ ...reviewOf(RUN), kind: 'TokenReview' }), 400],
    ['one without a request', JSON.stringify({ ...reviewOf(RUN), request: undefined }), 400],
    ['one without a uid', JSON.stringify(reviewOf(RUN, { uid: undefined })), 400],
    ['one of 5 MB', JSON.stringify(reviewOf({ ...RUN, x: 'x'.repeat(5_000_000) })), 413],
    ['a deep one', `{"request":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400],
  ])('%s is refused in an orderly way, and the next review is answered', async (_, body, status) => {
    const { send } = await listener();
    expect(await send(HOLD, body)).toMatchObject({ status, body: { status } });
    expect((await send(HOLD, JSON.stringify(reviewOf(RUN)))).status).toBe(200);
  });

  test('nor is there anything at another address', async () => {
    const { send } = await listener();
    expect(await send('/v1/start', JSON.stringify(reviewOf(RUN)))).toMatchObject({ status: 404 });
    expect(await send(HOLD, '', { method: 'GET' })).toMatchObject({ status: 404 });
  });
});

test('an object as large as the API server takes one is held', async () => {
  const { send } = await listener();
  const answer = await send(HOLD, JSON.stringify(reviewOf({ ...RUN, x: 'x'.repeat(3 * 1024 * 1024) })));
  expect(patchIn(answer)).toHaveLength(2);
});

test('twenty reviews at once are all answered, each with its own uid', async () => {
  const { send } = await listener();
  const uids = Array.from({ length: 20 }, (_, index) => `uid-${index}`);
  const answers = await Promise.all(uids.map((uid) => send(HOLD, JSON.stringify(reviewOf(RUN, { uid })))));
  const answered = answers.map(
    ({ body }) => (body as { readonly response: { readonly uid: string } }).response.uid,
  );
  expect(answered).toEqual(uids);
});

describe('readiness and figures', () => {
  test('it is ready when nothing is in the way, and says what is', async () => {
    let why: string | null = 'The first round is under way.';
    const { send } = await listener(() => why);
    expect(await send('/readyz', '', { method: 'GET' })).toEqual({
      status: 503,
      body: { status: 503, detail: 'The first round is under way.' },
    });
    expect((await send('/healthz', '', { method: 'GET' })).status).toBe(200);
    why = null;
    expect((await send('/readyz', '', { method: 'GET' })).status).toBe(200);
  });

  test('reviews are counted by rule and answer, what is none apart', async () => {
    const { send } = await listener();
    await send(HOLD, JSON.stringify(reviewOf(RUN)));
    await send(HOLD, JSON.stringify(reviewOf('x')));
    await send(HOLD, 'garbage');
    const { body } = await send('/metrics', '', { method: 'GET' });
    expect(body).toContain('penstock_webhook_reviews_total{rule="hold",answer="changed"} 1');
    expect(body).toContain('penstock_webhook_reviews_total{rule="hold",answer="not-ours"} 1');
    expect(body).toContain('penstock_webhook_refused_total 1');
  });
});

describe('a new certificate', () => {
  test('is shown from the next handshake on, while connections that are open go on', async () => {
    const { app, port, send } = await listener();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    await send(HOLD, JSON.stringify(reviewOf(RUN)), { agent });
    const before = await shownAt(port);
    useCertificate(app, await makeServing(authority, [HOST], Date.now()));
    expect((await send(HOLD, JSON.stringify(reviewOf(RUN)), { agent })).status).toBe(200);
    expect(Object.keys(agent.freeSockets)).toHaveLength(1);
    expect(await shownAt(port)).not.toBe(before);
    expect((await send(HOLD, JSON.stringify(reviewOf(RUN)))).status).toBe(200);
  });
});

/** The fingerprint of the certificate in a handshake that trusts the authority. */
async function shownAt(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: '127.0.0.1', port, ca: authority.certificate, servername: HOST }, () => {
    resolve(socket.getPeerCertificate().fingerprint256);
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
}
