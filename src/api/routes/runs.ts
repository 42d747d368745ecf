/** Runs: creating them held, looking at them, explaining why they wait, cancelling them. */
import { CodedError } from '../../core/errors/catalogue.ts';
import { runId } from '../../core/model/run.ts';
import type { CreateOutcome } from '../../ports/engine.ts';
import {
  CancelledSchema,
  CancelSchema,
  CreatedSchema,
  CreateRunsSchema,
  ExplanationSchema,
  LogsSchema,
  RunDetailSchema,
  RunIdParams,
  RunsQuery,
  RunsSchema,
} from '../contract.ts';
import { newRunsOf } from '../new-runs.ts';
import { answerSignal, type PenstockOf, PROBLEMS, plain, type Routes } from './responses.ts';

export function runRoutes(routes: Routes, penstockOf: PenstockOf): void {
  listRoute(routes, penstockOf);
  createRoute(routes, penstockOf);
  oneRunRoutes(routes, penstockOf);
  cancelRoute(routes, penstockOf);
}

function listRoute(routes: Routes, penstockOf: PenstockOf): void {
  routes.get(
    '/v1/runs',
    {
      schema: {
        operationId: 'listRuns',
        summary: 'Runs: live ones first, then finished ones, newest first',
        tags: ['runs'],
        querystring: RunsQuery,
        response: { 200: RunsSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { limit, before } = request.query;
      return plain(await penstockOf(request).runs({ limit, before: before ?? null }, answerSignal()));
    },
  );
}

function createRoute(routes: Routes, penstockOf: PenstockOf): void {
  routes.post(
    '/v1/runs',
    {
      schema: {
        operationId: 'createRuns',
        summary: 'Create one or many runs, held; all of them or none',
        tags: ['runs'],
        body: CreateRunsSchema,
        response: { 201: CreatedSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const runs = newRunsOf(request.body);
      const outcomes = await penstockOf(request).createRuns(runs, answerSignal());
      const taken = runs.find((_, index) => outcomes[index]?.kind === 'conflict');
      if (taken !== undefined) {
        throw new CodedError('run-exists', `key: a different run "${taken.id}" exists; use another key.`, {
          field: 'key',
        });
      }
      reply.code(201);
      return {
        ids: runs.map((run, index): string => idOf(outcomes[index]) ?? run.id),
        created: outcomes.filter((outcome) => outcome.kind === 'created').length,
      };
    },
  );
}

function oneRunRoutes(routes: Routes, penstockOf: PenstockOf): void {
  routes.get(
    '/v1/runs/:id',
    {
      schema: {
        operationId: 'getRun',
        summary: 'One run, live or finished',
        tags: ['runs'],
        params: RunIdParams,
        response: { 200: RunDetailSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { id } = request.params;
      return plain((await penstockOf(request).run(runId(id), answerSignal())) ?? unknownRun(id));
    },
  );
  routes.get(
    '/v1/runs/:id/explanation',
    {
      schema: {
        operationId: 'explainRun',
        summary: 'Why it waits, its place, and when it will start and finish',
        tags: ['runs'],
        params: RunIdParams,
        response: { 200: ExplanationSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { id } = request.params;
      return plain((await penstockOf(request).explain(runId(id), answerSignal())) ?? unknownRun(id));
    },
  );
  routes.get(
    '/v1/runs/:id/logs',
    {
      schema: {
        operationId: 'getRunLogs',
        summary: 'What its steps have written; bounded',
        tags: ['runs'],
        params: RunIdParams,
        response: { 200: LogsSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { id } = request.params;
      const penstock = penstockOf(request);
      if ((await penstock.run(runId(id), answerSignal())) === null) unknownRun(id);
      return plain({ id, steps: await penstock.logs(runId(id), answerSignal()) });
    },
  );
}

function cancelRoute(routes: Routes, penstockOf: PenstockOf): void {
  routes.post(
    '/v1/runs/:id/cancel',
    {
      schema: {
        operationId: 'cancelRun',
        summary: 'End a run, or never start it; returns when the engine has taken the order',
        tags: ['runs'],
        params: RunIdParams,
        body: CancelSchema.nullish(),
        response: { 202: CancelledSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const reason = request.body?.reason ?? 'on request';
      const outcome = await penstockOf(request).cancelRun(runId(id), reason, answerSignal());
      if (outcome.kind === 'missing') unknownRun(id);
      if (outcome.kind === 'finished') {
        throw new CodedError('run-finished', `Run "${id}" has finished already; there is nothing to cancel.`);
      }
      reply.code(202);
      return { id };
    },
  );
}

function idOf(outcome: CreateOutcome | undefined): string | null {
  return outcome?.kind === 'created' || outcome?.kind === 'exists' ? outcome.id : null;
}

export function unknownRun(id: string): never {
  throw new CodedError('run-unknown', `There is no run "${id}"; "penstock run list" shows those there are.`);
}
