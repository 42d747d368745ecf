/** The figures of `metrics.ts` where Prometheus looks for them. */
import { z } from 'zod';
import { mustSeeAll } from '../../app/access/rules.ts';
import type { Metrics } from '../metrics.ts';
import { PROBLEMS, type Routes } from './responses.ts';

export function metricsRoutes(routes: Routes, metrics: Metrics): void {
  routes.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Figures in the Prometheus text format',
        tags: ['health'],
        response: {
          200: { description: 'The figures', content: { 'text/plain': { schema: z.string() } } },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      mustSeeAll(request.caller, 'the metrics');
      return reply.type(metrics.contentType).send(await metrics.text());
    },
  );
}
