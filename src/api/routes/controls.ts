/** Operators' orders: pause, resume, cap, move to the front; what stands, and who ordered what. */
import { runId } from '../../core/model/run.ts';
import {
  AuditQuery,
  AuditSchema,
  CapSchema,
  ControlsSchema,
  FrontSchema,
  OrderedSchema,
  PauseSchema,
  ResumeSchema,
} from '../contract/controls.ts';
import { ExplanationSchema, RunIdParams } from '../contract.ts';
import { answerSignal, type PenstockOf, PROBLEMS, plain, type Routes } from './responses.ts';
import { unknownRun } from './runs.ts';

const tags = ['controls'];

export function controlRoutes(routes: Routes, penstockOf: PenstockOf): void {
  questionRoutes(routes, penstockOf);
  orderRoutes(routes, penstockOf);
  frontRoute(routes, penstockOf);
}

function questionRoutes(routes: Routes, penstockOf: PenstockOf): void {
  routes.get(
    '/v1/controls',
    {
      schema: {
        operationId: 'getControls',
        summary: 'What is paused and capped, and which runs were moved to the front',
        tags,
        response: { 200: ControlsSchema, ...PROBLEMS },
      },
    },
    async (request) => plain(await penstockOf(request).controls(answerSignal())),
  );
  routes.get(
    '/v1/audit',
    {
      schema: {
        operationId: 'listAudit',
        summary: 'Who ordered what, the last order first',
        tags,
        querystring: AuditQuery,
        response: { 200: AuditSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { limit, before } = request.query;
      return plain(await penstockOf(request).audit({ limit, before: before ?? null }));
    },
  );
}

function orderRoutes(routes: Routes, penstockOf: PenstockOf): void {
  const response = { 200: OrderedSchema, ...PROBLEMS };
  routes.post(
    '/v1/controls/pause',
    {
      schema: {
        operationId: 'pause',
        summary: 'Start nothing more of everything, a tenant or a pool; what runs goes on',
        tags,
        body: PauseSchema,
        response,
      },
    },
    async (request) => plain(await penstockOf(request).pause(request.body, answerSignal())),
  );
  routes.post(
    '/v1/controls/resume',
    { schema: { operationId: 'resume', summary: 'Take a pause back', tags, body: ResumeSchema, response } },
    async (request) => plain(await penstockOf(request).resume(request.body, answerSignal())),
  );
  routes.post(
    '/v1/controls/cap',
    {
      schema: {
        operationId: 'capTenant',
        summary: 'How much of a pool a tenant may use at once, over its cap in the configuration',
        tags,
        body: CapSchema,
        response,
      },
    },
    async (request) => plain(await penstockOf(request).capTenant(request.body, answerSignal())),
  );
}

function frontRoute(routes: Routes, penstockOf: PenstockOf): void {
  routes.post(
    '/v1/runs/:id/front',
    {
      schema: {
        operationId: 'moveRunToFront',
        summary: 'Let a held run go before all others, as soon as it fits; answers its explanation',
        tags,
        params: RunIdParams,
        body: FrontSchema.nullish(),
        response: { 200: ExplanationSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { id } = request.params;
      const order = request.body ?? FrontSchema.parse({});
      return plain(
        (await penstockOf(request).moveToFront(runId(id), order, answerSignal())) ?? unknownRun(id),
      );
    },
  );
}
