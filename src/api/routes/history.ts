/** The history of policies: figures of it, its runs one by one, and importing runs. */
import type { PolicyHistory } from '../../app/history/policy-history.ts';
import type { PastRun } from '../../ports/history-store.ts';
import {
  HistoryQuery,
  ImportedRunsSchema,
  ImportRunsSchema,
  type PastRunBody,
  PastRunsQuery,
  PastRunsSchema,
  PolicyHistorySchema,
} from '../contract/history.ts';
import { PolicyNameParams } from '../contract/policies.ts';
import { answerSignal, PROBLEMS, plain, type Routes } from './responses.ts';

const tags = ['policies'];
const SECOND_MS = 1_000;

export function historyRoutes(routes: Routes, history: PolicyHistory): void {
  routes.get(
    '/v1/policies/:name/history',
    {
      schema: {
        operationId: 'getPolicyHistory',
        summary: 'How the runs of a policy went: all, by cause, by content, by project and over time',
        description: 'Of projects that the caller may see. Also of a policy that was renamed or deleted.',
        tags,
        params: PolicyNameParams,
        querystring: HistoryQuery,
        response: { 200: PolicyHistorySchema, ...PROBLEMS },
      },
    },
    async ({ params, query, caller }) =>
      plain(await history.summary(params.name, query.by, caller, answerSignal())),
  );
  routes.get(
    '/v1/policies/:name/samples',
    {
      schema: {
        operationId: 'listSamples',
        summary: 'Runs of a policy that were started and ended, the newest first',
        description: 'Of projects that the caller may see: a page may be shorter than its limit.',
        tags,
        params: PolicyNameParams,
        querystring: PastRunsQuery,
        response: { 200: PastRunsSchema, ...PROBLEMS },
      },
    },
    async ({ params, query, caller }) => {
      const { limit, before = null } = query;
      const page = await history.runs(params.name, { limit, before }, caller, answerSignal());
      return plain({ runs: page.runs.map(bodyOf), next: page.next });
    },
  );
  routes.post(
    '/v1/policies/:name/samples',
    {
      schema: {
        operationId: 'importSamples',
        summary: 'Runs that were measured elsewhere: all of them are taken or none, each once',
        description: 'For administrators. One that is there already, by its id, stays as it is.',
        tags,
        params: PolicyNameParams,
        body: ImportRunsSchema,
        response: { 200: ImportedRunsSchema, ...PROBLEMS },
      },
    },
    async ({ params, body, caller }) => {
      const runs = body.runs.map(({ id, jobSeconds, ...run }) => ({
        ...run,
        key: id,
        jobMs: jobSeconds === null ? null : Math.round(jobSeconds * SECOND_MS),
      }));
      return plain(await history.importRuns(params.name, runs, caller));
    },
  );
}

function bodyOf({ key, isImported, jobMs, ...run }: PastRun): PastRunBody {
  const jobSeconds = jobMs === null ? null : jobMs / SECOND_MS;
  return plain({ ...run, id: key, imported: isImported, jobSeconds }) as PastRunBody;
}
