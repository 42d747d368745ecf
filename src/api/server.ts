/**
 * The HTTP server: one set of routes, put up once for each way in. The socket in the data
 * folder takes everything, because only its owner can open it. The TCP port only answers
 * questions, because creating a run is running a script and there are no tokens yet.
 */
import fastifySwagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Penstock } from '../app/views.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import type { Log } from '../ports/log.ts';
import { CONTRACT, LIMITS } from './contract.ts';
import { errorHandler, sendProblem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { assessmentRoutes } from './routes/assessments.ts';
import { controlRoutes } from './routes/controls.ts';
import { forecastRoutes } from './routes/forecast.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { poolRoutes } from './routes/pools.ts';
import { queueRoutes } from './routes/queue.ts';
import { runRoutes } from './routes/runs.ts';
import { shadowRoutes } from './routes/shadow.ts';

/** A client that sends its request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;
/** A connection on which nothing moves; longer than the longest answer may take to compute. */
const SILENCE_MS = 120_000;
const KEEP_ALIVE_MS = 5_000;

const LOCAL_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface ServerOptions {
  readonly penstock: Penstock;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly version: string;
  /** Whether the first pass is done; before that, what is answered may be incomplete. */
  readonly isReady: () => boolean;
  readonly access: 'full' | 'read-only';
}

export type Api = ReturnType<typeof bareServer>;

export function buildServer(options: ServerOptions): Api {
  const app = bareServer();
  if (options.access === 'read-only') app.addHook('onRequest', onlyLocalQuestions);
  app.setErrorHandler(errorHandler(options.log, options.metrics.countError));
  app.setNotFoundHandler((request, reply) => {
    options.metrics.countError('not-found');
    return sendProblem(reply, nothingThere(request));
  });
  registerDocument(app, options.version);
  app.register(async (scope) => {
    const routes = scope.withTypeProvider<ZodTypeProvider>();
    runRoutes(routes, options.penstock);
    queueRoutes(routes, options.penstock);
    poolRoutes(routes, options.penstock);
    controlRoutes(routes, options.penstock);
    forecastRoutes(routes, options.penstock);
    shadowRoutes(routes, options.penstock);
    assessmentRoutes(routes, options.penstock);
    healthRoutes(routes, options);
    metricsRoutes(routes, options.metrics);
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  return app;
}

function bareServer() {
  const app = fastify({
    logger: false,
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: SILENCE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A stop must not wait for a client that keeps its connection open and idle.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app;
}

function registerDocument(app: FastifyInstance, version: string): void {
  app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Penstock',
        description:
          'Flow control for CI/CD pipelines: hold runs, start what fits, forecast what will happen.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
    },
    transform: createJsonSchemaTransform({ schemaRegistry: CONTRACT }),
    transformObject: createJsonSchemaTransformObject({ schemaRegistry: CONTRACT }),
  });
}

/**
 * A web page in a browser of this machine may reach a loopback port under a name of its
 * own (DNS rebinding); the Host header gives it away.
 */
async function onlyLocalQuestions(request: FastifyRequest): Promise<void> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (!LOCAL_HOSTS.has(host)) {
    throw new CodedError(
      'host-refused',
      'Host: this listener answers to localhost, 127.0.0.1 and [::1] only.',
      { field: 'Host' },
    );
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new CodedError(
      'read-only',
      `${request.method}: over TCP Penstock only answers questions, since creating a run is running a script; ` +
        'use the penstock command on its machine, or the socket penstock.sock in its data folder.',
    );
  }
}

function nothingThere(request: FastifyRequest): CodedError {
  const path = request.url.split('?')[0]?.slice(0, 200) ?? '';
  return new CodedError(
    'not-found',
    `There is no ${request.method} ${path}; see /openapi.json for what there is.`,
  );
}
