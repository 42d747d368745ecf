/** The shadow report: what happened, beside what Penstock would have done. */
import { ShadowReportQuery, ShadowReportSchema } from '../contract/shadow.ts';
import { answerSignal, type PenstockOf, PROBLEMS, plain, type Routes } from './responses.ts';

export function shadowRoutes(routes: Routes, penstockOf: PenstockOf): void {
  routes.get(
    '/v1/shadow/report',
    {
      schema: {
        operationId: 'getShadowReport',
        summary: 'What Penstock would have made of the runs that have finished, beside what really happened',
        description: 'Reads history only, and writes nothing. `schedule` has the first `limit` runs.',
        tags: ['shadow'],
        querystring: ShadowReportQuery,
        response: { 200: ShadowReportSchema, ...PROBLEMS },
      },
    },
    async (request) => {
      const { sinceMs = null, untilMs = null, size, limit } = request.query;
      const report = await penstockOf(request).shadowReport(
        { sinceMs, untilMs, sizes: sizesOf(size) },
        answerSignal(),
      );
      return plain({ ...report, schedule: report.schedule.slice(0, limit) });
    },
  );
}

/** A pool named twice has the size named last. */
function sizesOf(texts: readonly string[]): Readonly<Record<string, number>> {
  const pairs = texts.map((text): [string, number] => {
    const at = text.lastIndexOf('=');
    return [text.slice(0, at), Number(text.slice(at + 1))];
  });
  return Object.fromEntries(pairs);
}
