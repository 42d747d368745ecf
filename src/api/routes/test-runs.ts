/** Test runs of a policy: asking for one, following it, cancelling it. */
import type { TestRuns } from '../../app/test-runs/test-runs.ts';
import { PolicyNameParams } from '../contract/policies.ts';
import {
  AskTestRunSchema,
  IdempotencyHeaders,
  TestRunParams,
  TestRunSchema,
  TestRunsQuery,
  TestRunsSchema,
} from '../contract/test-runs.ts';
import { answerSignal, PROBLEMS, plain, type Routes } from './responses.ts';

const tags = ['test runs'];

export function testRunRoutes(routes: Routes, testRuns: TestRuns): void {
  askRoute(routes, testRuns);
  questionRoutes(routes, testRuns);
  cancelRoute(routes, testRuns);
}

function askRoute(routes: Routes, testRuns: TestRuns): void {
  routes.post(
    '/v1/policies/:name/test-runs',
    {
      schema: {
        operationId: 'askTestRun',
        summary: 'Execute the pipeline of a policy on one project, now',
        description:
          'For owners of the project; also of a policy that is disabled. Through admission like every run. ' +
          'At most one an hour and policy: 429 says in Retry-After, and as retryAtMs, when the next one may be.',
        tags,
        params: PolicyNameParams,
        headers: IdempotencyHeaders,
        body: AskTestRunSchema,
        response: { 202: TestRunSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { project, branch } = request.body;
      const key = request.headers['idempotency-key'] ?? null;
      const order = { policyName: name, project, branch, key };
      const testRun = await testRuns.ask(order, request.caller, answerSignal());
      reply.code(202);
      reply.header('location', `/v1/policies/${encodeURIComponent(name)}/test-runs/${testRun.id}`);
      return plain(testRun);
    },
  );
}

function questionRoutes(routes: Routes, testRuns: TestRuns): void {
  routes.get(
    '/v1/policies/:name/test-runs',
    {
      schema: {
        operationId: 'listTestRuns',
        summary: 'Test runs of a policy, the last asked for first',
        description: 'Also of one that was renamed or deleted. A page may be shorter than its limit.',
        tags,
        params: PolicyNameParams,
        querystring: TestRunsQuery,
        response: { 200: TestRunsSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { limit, before = null } = request.query;
      const { name } = request.params;
      return plain(await testRuns.testRuns(name, { limit, before }, request.caller, answerSignal()));
    },
  );
  routes.get(
    '/v1/policies/:name/test-runs/:id',
    {
      schema: {
        operationId: 'getTestRun',
        summary: 'One test run: its state, and what came of it',
        tags,
        params: TestRunParams,
        response: { 200: TestRunSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { name, id } = request.params;
      return plain(await testRuns.testRun(name, id, request.caller, answerSignal()));
    },
  );
}

function cancelRoute(routes: Routes, testRuns: TestRuns): void {
  routes.delete(
    '/v1/policies/:name/test-runs/:id',
    {
      schema: {
        operationId: 'cancelTestRun',
        summary: 'Cancel a test run; its end shows when its run has ended',
        tags,
        params: TestRunParams,
        response: { 202: TestRunSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { name, id } = request.params;
      const testRun = await testRuns.cancel(name, id, request.caller, answerSignal());
      reply.code(202);
      return plain(testRun);
    },
  );
}
