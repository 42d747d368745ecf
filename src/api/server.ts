/**
 * The HTTP server: one set of routes, put up once for each way in; who comes in by which,
 * and as whom, is told in `access/way-in.ts`.
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
import { penstockFor, type Recording } from '../app/access/penstock-for.ts';
import { policiesFor } from '../app/access/policies-for.ts';
import type { PolicyHistory } from '../app/history/policy-history.ts';
import type { Policies } from '../app/policies/policies.ts';
import type { TestRuns } from '../app/test-runs/test-runs.ts';
import type { Penstock } from '../app/views.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import type { Log } from '../ports/log.ts';
import { guard, type WayIn } from './access/way-in.ts';
import { CONTRACT, LIMITS } from './contract.ts';
import { type ApiDocument, finished } from './document.ts';
import { errorHandler, refuseBrokenRequest, sendProblem } from './errors.ts';
import type { Metrics } from './metrics.ts';
import { assessmentRoutes } from './routes/assessments.ts';
import { controlRoutes } from './routes/controls.ts';
import { type EventRouteParts, eventRoutes } from './routes/events.ts';
import { forecastRoutes } from './routes/forecast.ts';
import { healthRoutes } from './routes/health.ts';
import { historyRoutes } from './routes/history.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { occurrenceRoutes } from './routes/occurrences.ts';
import { type PolicyRouteParts, policyRoutes } from './routes/policies.ts';
import { poolRoutes } from './routes/pools.ts';
import { queueRoutes } from './routes/queue.ts';
import type { PenstockOf } from './routes/responses.ts';
import { runRoutes } from './routes/runs.ts';
import { shadowRoutes } from './routes/shadow.ts';
import { testRunRoutes } from './routes/test-runs.ts';

/** A client that sends its request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;
/** A connection on which nothing moves; longer than the longest answer may take to compute. */
const SILENCE_MS = 120_000;
const KEEP_ALIVE_MS = 5_000;

export interface ServerOptions extends Omit<PolicyRouteParts, 'policiesOf'>, EventRouteParts {
  readonly policies: Policies;
  readonly history: PolicyHistory;
  readonly testRuns: TestRuns;
  readonly record: Recording;
  readonly penstock: Penstock;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly version: string;
  /** Whether the first pass is done; before that, what is answered may be incomplete. */
  readonly isReady: () => boolean;
  /** Throws where the store does not answer. */
  readonly ping: () => Promise<void>;
  readonly wayIn: WayIn;
}

export type Api = ReturnType<typeof bareServer>;

export function buildServer(options: ServerOptions): Api {
  const app = bareServer();
  guard(app, options.wayIn);
  const penstockOf = callersPenstock(options);
  app.setErrorHandler(errorHandler(options.log, options.metrics.countError));
  app.setNotFoundHandler((request, reply) => {
    options.metrics.countError('not-found');
    return sendProblem(reply, nothingThere(request));
  });
  registerDocument(app, options.version);
  app.register(async (scope) => {
    const routes = scope.withTypeProvider<ZodTypeProvider>();
    runRoutes(routes, penstockOf);
    queueRoutes(routes, penstockOf);
    poolRoutes(routes, penstockOf);
    controlRoutes(routes, penstockOf);
    forecastRoutes(routes, penstockOf);
    shadowRoutes(routes, penstockOf);
    testRunRoutes(routes, options.testRuns);
    policyRoutes(routes, { ...options, policiesOf: callersPolicies(options) });
    occurrenceRoutes(routes, callersPolicies(options));
    assessmentRoutes(routes, penstockOf, callersPolicies(options));
    historyRoutes(routes, options.history);
    eventRoutes(routes, options);
    healthRoutes(routes, options);
    metricsRoutes(routes, options.metrics);
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  return app;
}

/** At the socket an order is in the name it says; over TCP it is in the caller's. */
function callersPenstock({ penstock, wayIn, record }: ServerOptions): PenstockOf {
  return wayIn.kind === 'socket' ? () => penstock : ({ caller }) => penstockFor(penstock, caller, record);
}

function callersPolicies({ policies, wayIn }: ServerOptions): PolicyRouteParts['policiesOf'] {
  return wayIn.kind === 'socket' ? () => policies : ({ caller }) => policiesFor(policies, caller);
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
    // A name of GitLab's has up to 255 characters of up to four bytes, each written as three.
    routerOptions: { maxParamLength: 3_100 },
    clientErrorHandler: refuseBrokenRequest,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app;
}

function registerDocument(app: FastifyInstance, version: string): void {
  const withSchemas = createJsonSchemaTransformObject({ schemaRegistry: CONTRACT });
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
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      // At the socket, and over TCP while nobody has a token, none is needed.
      security: [{ token: [] }, {}],
    },
    transform: createJsonSchemaTransform({ schemaRegistry: CONTRACT }),
    transformObject: (given) => finished(withSchemas(given) as ApiDocument) as ReturnType<typeof withSchemas>,
  });
}

function nothingThere(request: FastifyRequest): CodedError {
  const path = request.url.split('?')[0]?.slice(0, 200) ?? '';
  return new CodedError(
    'not-found',
    `There is no ${request.method} ${path}; see /openapi.json for what there is.`,
  );
}
