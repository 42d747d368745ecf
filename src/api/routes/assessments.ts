/** Assessments: what a policy would do if it were enabled; nothing is started or kept. */
import type { Penstock } from '../../app/views.ts';
import { askedAssessment } from '../asked-assessment.ts';
import { AssessmentBody, AssessmentSchema } from '../contract/assessment.ts';
import { answerSignal, PROBLEMS, plain, type Routes } from './responses.ts';

export function assessmentRoutes(routes: Routes, penstock: Penstock): void {
  routes.post(
    '/v1/assessments',
    {
      schema: {
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
      return plain(await penstock.assess(asked, answerSignal()));
    },
  );
}
