/** The queue: every held run with its place, its reason and its expected times. */
import { QueueQuery, QueueSchema } from '../contract.ts';
import { answerSignal, type PenstockOf, PROBLEMS, plain, type Routes } from './responses.ts';

export function queueRoutes(routes: Routes, penstockOf: PenstockOf): void {
  routes.get(
    '/v1/queue',
    {
      schema: {
        operationId: 'getQueue',
        summary: 'Held runs in the order in which they are expected to start',
        description: '`held` counts them all; `entries` has the first `limit` of them.',
        tags: ['queue'],
        querystring: QueueQuery,
        response: { 200: QueueSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const queue = await penstockOf(request).queue(answerSignal());
      return plain({ ...queue, entries: queue.entries.slice(0, request.query.limit) });
    },
  );
}
