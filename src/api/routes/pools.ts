/** Pools: their size, what is used and what waits for them. */
import { PoolsSchema } from '../contract.ts';
import { answerSignal, type PenstockOf, PROBLEMS, type Routes } from './responses.ts';

export function poolRoutes(routes: Routes, penstockOf: PenstockOf): void {
  routes.get(
    '/v1/pools',
    {
      schema: {
        operationId: 'listPools',
        summary: 'All pools with size, use and what waits',
        tags: ['pools'],
        response: { 200: PoolsSchema, ...PROBLEMS },
      },
    },
    async (request) => ({ pools: [...(await penstockOf(request).pools(answerSignal()))] }),
  );
}
