/** Assessments: what a policy would do if it were enabled; nothing is started or kept. */
import { askedAssessment, assessmentOf } from '../asked-assessment.ts';
import { AssessmentBody, AssessmentQuery, AssessmentSchema } from '../contract/assessment.ts';
import { PolicyNameParams } from '../contract/policies.ts';
import type { PolicyRouteParts } from './policies.ts';
import { answerSignal, type PenstockOf, PROBLEMS, plain, type Routes } from './responses.ts';

export function assessmentRoutes(
  routes: Routes,
  penstockOf: PenstockOf,
  policiesOf: PolicyRouteParts['policiesOf'],
): void {
  routes.post(
    '/v1/assessments',
    {
      schema: {
        operationId: 'assess',
        summary: 'What a policy would do if it were enabled, for whatever document, also one not saved',
        description:
          'Simulated with the pools and the queue that are here. The same request at the same moment gives the same answer.',
        tags: ['policies'],
        body: AssessmentBody,
        response: { 200: AssessmentSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const asked = await askedAssessment(request.body, Date.now());
      return plain(await penstockOf(request).assess(asked, answerSignal()));
    },
  );
  routes.get(
    '/v1/policies/:name/assessment',
    {
      schema: {
        operationId: 'assessPolicy',
        summary: 'What a registered policy will do, or would if it were enabled',
        description:
          'For the projects, pools, queue, history and other policies that are here. More can be asked of its document.',
        tags: ['policies'],
        params: PolicyNameParams,
        querystring: AssessmentQuery,
        response: { 200: AssessmentSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const about = await policiesOf(request).assessable(request.params.name);
      const asked = await assessmentOf(about, { ...request.query, whatIf: [] }, Date.now());
      return plain(await penstockOf(request).assess(asked, answerSignal()));
    },
  );
}
