/** Scheduled policies: what is registered, creating or replacing one, deleting one. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mustAdminister } from '../../app/access/rules.ts';
import type { Policies } from '../../app/policies/policies.ts';
import {
  AppliedPolicySchema,
  ConditionHeaders,
  DeletedPolicySchema,
  OrderQuery,
  PoliciesQuery,
  PoliciesSchema,
  PolicyDetailSchema,
  PolicyDocumentSchema,
  PolicyNameParams,
} from '../contract/policies.ts';
import { conditionOf, tagOf } from '../policy-conditions.ts';
import { sentPolicy } from '../sent-policy.ts';
import { PROBLEMS, plain, type Routes } from './responses.ts';

const tags = ['policies'];

export interface PolicyRouteParts {
  /** As whoever sent the request may use them. */
  readonly policiesOf: (request: Pick<FastifyRequest, 'caller'>) => Policies;
  /** Throws a CodedError when the engine would refuse this Pipeline. */
  readonly checkPipeline: (text: string, label: string) => unknown;
  readonly nowMs: () => number;
}

export function policyRoutes(routes: Routes, parts: PolicyRouteParts): void {
  questionRoutes(routes, parts);
  applyRoute(routes, parts);
  deleteRoute(routes, parts);
}

function questionRoutes(routes: Routes, { policiesOf }: PolicyRouteParts): void {
  routes.get(
    '/v1/policies',
    {
      schema: {
        operationId: 'listPolicies',
        summary: 'Registered policies, by name',
        tags,
        querystring: PoliciesQuery,
        response: { 200: PoliciesSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { limit, after = null } = request.query;
      return plain(await policiesOf(request).policies({ limit, after }));
    },
  );
  routes.get(
    '/v1/policies/:name',
    {
      schema: {
        operationId: 'getPolicy',
        summary: 'One policy, as it was written; its ETag goes into If-Match of a change',
        tags,
        params: PolicyNameParams,
        response: { 200: PolicyDetailSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const policy = await policiesOf(request).policy(request.params.name);
      tagged(reply, policy);
      return plain(policy);
    },
  );
}

function applyRoute(routes: Routes, parts: PolicyRouteParts): void {
  const { policiesOf, checkPipeline, nowMs } = parts;
  routes.put(
    '/v1/policies/:name',
    {
      schema: {
        operationId: 'applyPolicy',
        summary: 'Create or replace a policy',
        description:
          'With If-Match only the version that was read is replaced; with If-None-Match: * only a new one is created.',
        tags,
        params: PolicyNameParams,
        querystring: OrderQuery,
        headers: ConditionHeaders,
        body: PolicyDocumentSchema,
        response: { 200: AppliedPolicySchema, 201: AppliedPolicySchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      // Before anything of it is read: that takes time, and tells what is on this machine.
      mustAdminister(request.caller, 'change policies');
      const condition = conditionOf(request.headers);
      const sent = await sentPolicy(name, request.body, { checkPipeline, nowMs: nowMs() });
      const applied = await policiesOf(request).applyPolicy(sent.read, { by: request.query.by, condition });
      tagged(reply, applied.policy);
      reply.code(applied.change === 'created' ? 201 : 200);
      return plain({ ...applied, warnings: sent.warnings });
    },
  );
}

function deleteRoute(routes: Routes, { policiesOf }: PolicyRouteParts): void {
  routes.delete(
    '/v1/policies/:name',
    {
      schema: {
        operationId: 'deletePolicy',
        summary: 'Delete a policy: nothing of it is launched any more; what runs goes on',
        tags,
        params: PolicyNameParams,
        querystring: OrderQuery,
        headers: ConditionHeaders,
        response: { 200: DeletedPolicySchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { name } = request.params;
      const condition = conditionOf(request.headers);
      await policiesOf(request).removePolicy(name, { by: request.query.by, condition });
      return { name, deleted: true as const };
    },
  );
}

function tagged(reply: FastifyReply, policy: { readonly version: number }): void {
  reply.header('etag', tagOf(policy));
}
