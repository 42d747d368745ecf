/** Pools: their size, what is used and what waits for them. */
import type { Penstock } from '../../app/views.ts';
import { PoolsSchema } from '../contract.ts';
import { answerSignal, PROBLEMS, type Routes } from './responses.ts';

export function poolRoutes(routes: Routes, penstock: Penstock): void {
  routes.get(
    '/v1/pools',
    {
      schema: {
        summary: 'All pools with size, use and what waits',
        tags: ['pools'],
        response: { 200: PoolsSchema, ...PROBLEMS },
      },
    },
    async () => ({ pools: [...(await penstock.pools(answerSignal()))] }),
  );
}
