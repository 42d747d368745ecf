/** Occurrences of policies and their launches: what was, is and will be; and one on order. */
import {
  LaunchesQuery,
  LaunchesSchema,
  OccurrenceParams,
  OccurrencesSchema,
  OrderedOccurrenceSchema,
  PoliciesQuery,
  PolicyNameParams,
  RunPolicySchema,
} from '../contract/policies.ts';
import type { PolicyRouteParts } from './policies.ts';
import { PROBLEMS, plain, type Routes } from './responses.ts';

const tags = ['policies'];

export function occurrenceRoutes(routes: Routes, policiesOf: PolicyRouteParts['policiesOf']): void {
  routes.get(
    '/v1/policies/:name/occurrences',
    {
      schema: {
        operationId: 'listOccurrences',
        summary: 'Occurrences of a policy, the latest first, with counts of their launches',
        description: 'Those of the next hour are planned already. A deleted policy still has its own.',
        tags,
        params: PolicyNameParams,
        querystring: PoliciesQuery,
        response: { 200: OccurrencesSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { limit, after = null } = request.query;
      return plain(await policiesOf(request).occurrences(request.params.name, { limit, after }));
    },
  );
  routes.get(
    '/v1/policies/:name/occurrences/:key/launches',
    {
      schema: {
        operationId: 'listLaunches',
        summary:
          'Launches of one occurrence, in the order in which they were planned, each with what became of it',
        tags,
        params: OccurrenceParams,
        querystring: LaunchesQuery,
        response: { 200: LaunchesSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { name, key } = request.params;
      const { limit, after = null } = request.query;
      return plain(await policiesOf(request).launches(name, key, { limit, after }));
    },
  );
  routes.post(
    '/v1/policies/:name/occurrences',
    {
      schema: {
        operationId: 'runPolicy',
        summary: 'An extra occurrence of a policy, now',
        tags,
        params: PolicyNameParams,
        body: RunPolicySchema,
        response: { 200: OrderedOccurrenceSchema, 201: OrderedOccurrenceSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { key, windowMs = null, by } = request.body;
      const ordered = await policiesOf(request).runPolicy(request.params.name, { key, windowMs, by });
      reply.code(ordered.created ? 201 : 200);
      return plain(ordered);
    },
  );
}
