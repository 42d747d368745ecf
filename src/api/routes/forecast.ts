/** Forecasts: a new one of the queue as it is, and the earlier ones with what really happened. */
import {
  CalibrationSchema,
  ForecastQuery,
  ForecastSchema,
  ForecastsQuery,
  ForecastsSchema,
} from '../contract.ts';
import { type LongAnswer, longAnswer } from '../long-answer.ts';
import { answerSignal, type PenstockOf, PROBLEMS, plain, type Routes } from './responses.ts';

export function forecastRoutes(routes: Routes, penstockOf: PenstockOf): void {
  routes.get(
    '/v1/forecast',
    {
      schema: {
        operationId: 'getForecast',
        summary: 'What will happen to the queue as it is now',
        description: 'With and without holding. The forecast is kept and scored when its runs have finished.',
        tags: ['forecast'],
        querystring: ForecastQuery,
        response: { 200: ForecastSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { replications, seed } = request.query;
      const asked = { replications, seed: seed ?? null };
      const forecast = await penstockOf(request).forecast(asked, answerSignal());
      reply.type('application/json; charset=utf-8');
      const view: LongAnswer['view'] = { ...forecast };
      const body: unknown = longAnswer({
        schema: ForecastSchema,
        listSchema: ForecastSchema.shape.runs,
        view,
        list: 'runs',
      });
      return reply.send(body as never);
    },
  );
  routes.get(
    '/v1/forecasts/calibration',
    {
      schema: {
        operationId: 'getForecastCalibration',
        summary: 'How good forecasts were: how often what came was within P90, and from P10 to P90',
        description:
          'Of starts and finishes of runs that have finished, as first forecast, by how far ahead that looked. ' +
          'A row drifts when its P90 holds so seldom, or so often, that it is no chance.',
        tags: ['forecast'],
        response: { 200: CalibrationSchema, ...PROBLEMS },
      },
    },
    async (request) => plain(await penstockOf(request).forecastCalibration()),
  );
  routes.get(
    '/v1/forecasts',
    {
      schema: {
        operationId: 'listForecasts',
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
