/** `POST /v1/assessments` of a document, with the pools and the queue that are here. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlace, type Place } from './place.ts';

const DOCUMENT = `pipeline_execution_schedule_policy:
  - name: Scan
    enabled: false
    content: { include: [{ project: harbour/policies, file: ci/scan.yml }] }
    schedules: [{ type: daily, start_time: "01:15", time_window: { value: 7200, distribution: random } }]
`;
const DURATION = { p50Ms: 300_000, p90Ms: 900_000 };

let place: Place;
beforeAll(async () => {
  place = await openPlace({ withLoop: false, slots: 4 });
});
afterAll(() => place.dispose());

async function ask(body: object) {
  const answer = await place.api.inject({ method: 'POST', url: '/v1/assessments', payload: body });
  return { status: answer.statusCode, body: answer.json() };
}

test('what was found is what is sent, whole', async () => {
  const { status, body } = await ask({
    document: DOCUMENT,
    projects: 120,
    pools: { runs: 2 },
    duration: DURATION,
    maxPeak: 5,
    finishBy: '06:00',
    maxTimeouts: 0.01,
    timeoutMs: 3_600_000,
    whatIf: [{ label: 'more', changes: [{ kind: 'pool', pool: 'runs', size: 8 }] }],
  });
  expect(status).toBe(200);
  expect(body).toEqual(JSON.parse(JSON.stringify(place.lastAnswer())));
  expect(body.pools).toMatchObject([{ name: 'runs', size: 2 }]);
  expect(body.verdict.checks.map(({ kind }: { kind: string }) => kind)).toEqual([
    'all-start',
    'before-next',
    'max-peak',
    'finish-by',
    'max-timeouts',
  ]);
  expect(body.whatIf[0].finishAtMs.difference.p50).toBeLessThan(0);
  expect(body.recommendations).toHaveLength(2);
});

test('a history in the request counts, and projects may be listed', async () => {
  const { body } = await ask({
    document: DOCUMENT,
    projects: ['web/shop', { name: 'web/search', tenant: 'web' }],
    pools: { runs: 1 },
    history: 'project,duration_s\nweb/shop,100\nweb/shop,110\nweb/search,-1\n',
    withQueue: false,
  });
  expect(body.scope.projects).toBe(2);
  expect(body.evidence).toMatchObject({ samples: 2, projectsSeen: 1 });
});

describe('refused, with a code and the field', () => {
  const good = { document: DOCUMENT, projects: 3 };
  test.each([
    [{ ...good, document: '' }, 400, 'request-invalid'],
    [{ ...good, document: 'a: [' }, 422, 'policy-invalid'],
    [{ ...good, document: DOCUMENT.replace('daily', 'hourly') }, 422, 'policy-invalid'],
    [{ ...good, document: 'approval_policy: []\n' }, 404, 'policy-unknown'],
    [{ ...good, policy: 'Other' }, 404, 'policy-unknown'],
    [{ ...good, projects: 0 }, 400, 'request-invalid'],
    [{ ...good, projects: [] }, 422, 'assessment-impossible'],
    [{ ...good, projects: ['../etc'] }, 400, 'request-invalid'],
    [{ ...good, projects: 100_000, branches: 50 }, 422, 'assessment-impossible'],
    [{ ...good, pools: { gpu: 1 } }, 422, 'pool-unknown'],
    [{ ...good, history: 'nothing' }, 422, 'table-invalid'],
    [{ ...good, duration: { p50Ms: 2, p90Ms: 1 } }, 400, 'request-invalid'],
    [{ ...good, finishBy: '25:00' }, 400, 'request-invalid'],
    [{ ...good, more: 1 }, 400, 'request-invalid'],
    [
      { ...good, whatIf: [{ label: 'x', changes: [{ kind: 'pool', pool: 'gpu', size: 1 }] }] },
      400,
      'request-invalid',
    ],
  ])('%j', async (body, status, code) => {
    const answer = await ask(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe('of a registered policy', () => {
  const document = {
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name: 'audit' },
    spec: {
      enabled: false,
      content: {
        pipelineSpec: { tasks: [{ name: 'a', taskSpec: { steps: [{ name: 's', script: 'true' }] } }] },
      },
      schedule: { type: 'daily', startTime: '02:30' },
      timeWindow: { length: '1h' },
    },
  };

  test('by its name, for the projects that are known here', async () => {
    const put = await place.api.inject({ method: 'PUT', url: '/v1/policies/audit', payload: document });
    expect(put.statusCode).toBe(201);
    const url = '/v1/policies/audit/assessment?maxPeak=4&finishBy=06:00&replications=50';
    const answer = await place.api.inject({ method: 'GET', url });
    // The configuration of this place names no project.
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'assessment-impossible']);
  });

  test.each([
    ['/v1/policies/none/assessment', 404, 'policy-unknown'],
    ['/v1/policies/audit/assessment?replications=1', 400, 'request-invalid'],
    ['/v1/policies/audit/assessment?finishBy=6', 400, 'request-invalid'],
  ])('%s', async (url, status, code) => {
    const answer = await place.api.inject({ method: 'GET', url });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });
});
