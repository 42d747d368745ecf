/**
 * The HTTPS listener that the API server calls. Stateless: what a replica answers depends on
 * the request alone, so any number of them may run.
 *
 * Always true: bodies, times and connections are bounded; a new serving certificate is used
 * from the next handshake on, and connections that are open stay open.
 */
import fastify from 'fastify';
import type { Log } from '../../../ports/log.ts';
import { RULES } from '../holding/rules.ts';
import type { KeyPair } from './certificates/issue.ts';
import type { WebhookMetrics } from './metrics.ts';
import { pathOf } from './paths.ts';
import { type Reviewed, review } from './review.ts';

/** The API server takes objects of 3 MiB at most; a review has one of them and little besides. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** The API server waits 30 s for an answer at the very most. */
const REQUEST_TIMEOUT_MS = 30_000;
/** It keeps connections for the next review; those that nobody uses any more end some time. */
const KEEP_ALIVE_MS = 120_000;
const CONNECTIONS_MAX = 1_000;

export interface WebhookServerOptions {
  readonly log: Log;
  readonly metrics: WebhookMetrics;
  /** Null: ready. Else why the API server's calls would not arrive, or would not be trusted. */
  readonly whyNotReady: () => string | null;
}

export type WebhookServer = ReturnType<typeof bareServer>;

export function buildWebhookServer(serving: KeyPair, options: WebhookServerOptions): WebhookServer {
  const app = bareServer(serving);
  app.server.maxConnections = CONNECTIONS_MAX;
  // Reviews are JSON whatever the caller says that they are. Parsed as it stands: the usual
  // parser refuses some names of fields, and no run is refused for one.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('*', { parseAs: 'string' }, (_, text, done) => done(null, parsed(text)));
  app.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, _, reply) => {
    options.metrics.countRefused();
    const status = error.statusCode ?? 500;
    return reply.code(status).send(refusal(status, error.message));
  });
  app.setNotFoundHandler((_, reply) =>
    reply.code(404).send(refusal(404, 'There is nothing at this address.')),
  );
  reviewRoutes(app, options);
  statusRoutes(app, options);
  return app;
}

/** Used from the next handshake on. */
export function useCertificate(app: WebhookServer, serving: KeyPair): void {
  app.server.setSecureContext(tlsOf(serving));
}

function bareServer(serving: KeyPair) {
  return fastify({
    https: tlsOf(serving),
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
  });
}

function tlsOf({ certificate, key }: KeyPair) {
  return { cert: certificate, key, minVersion: 'TLSv1.2' as const };
}

function reviewRoutes(app: WebhookServer, { log, metrics }: WebhookServerOptions): void {
  for (const rule of RULES) {
    app.post(pathOf(rule), (request, reply) => {
      const startedMs = performance.now();
      const reviewed: Reviewed = review(rule, request.body);
      if (reviewed.kind === 'no-review') {
        metrics.countRefused();
        return reply
          .code(400)
          .send(refusal(400, 'The body must be an AdmissionReview of admission.k8s.io/v1.'));
      }
      metrics.countReview(rule.name, reviewed.answer, performance.now() - startedMs);
      if (reviewed.answer === 'not-ours')
        log.warn({ rule: rule.name }, 'Asked about something else than a new PipelineRun');
      return reply.send(reviewed.response);
    });
  }
}

function statusRoutes(app: WebhookServer, { metrics, whyNotReady }: WebhookServerOptions): void {
  app.get('/healthz', (_, reply) => reply.send({ status: 'ok' }));
  app.get('/readyz', (_, reply) => {
    const why = whyNotReady();
    return why === null ? reply.send({ status: 'ok' }) : reply.code(503).send(refusal(503, why));
  });
  app.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}

function refusal(status: number, detail: string) {
  return { status, detail };
}

/** Undefined for what is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
