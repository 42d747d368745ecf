/** Forecasts: a new one of the queue as it is, and the earlier ones with what really happened. */
import { ForecastQuery, ForecastSchema, ForecastsQuery, ForecastsSchema } from '../contract.ts';
import { answerSignal, type PenstockOf, PROBLEMS, plain, type Routes } from './responses.ts';

export function forecastRoutes(routes: Routes, penstockOf: PenstockOf): void {
  routes.get(
    '/v1/forecast',
    {
      schema: {
        summary: 'What will happen to the queue as it is now',
        description: 'With and without holding. The forecast is kept and scored when its runs have finished.',
        tags: ['forecast'],
        querystring: ForecastQuery,
        response: { 200: ForecastSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { replications, seed } = request.query;
      return plain(await penstockOf(request).forecast({ replications, seed: seed ?? null }, answerSignal()));
    },
  );
  routes.get(
    '/v1/forecasts',
    {
      schema: {
        summary: 'Earlier forecasts, newest first, with their outcome once it is known',
        tags: ['forecast'],
        querystring: ForecastsQuery,
        response: { 200: ForecastsSchema, ...PROBLEMS },
      },
    },
    async (request) =>
      plain({ forecasts: await penstockOf(request).forecasts({ limit: request.query.limit }) }),
  );
}
