/** The API over the real composition: what is sent is what the app answered, whole. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Created, Problem } from '../../src/api/contract.ts';
import { openPlace, PIPELINE, type Place } from './place.ts';

let place: Place;
let ids: readonly string[];

beforeAll(async () => {
  place = await openPlace({ withLoop: false });
  ids = (await create({ count: 3, requests: { runs: 1 } })).json<Created>().ids;
});
afterAll(() => place.dispose());

const create = (more: object) =>
  place.api.inject({
    method: 'POST',
    url: '/v1/runs',
    body: { content: PIPELINE, name: 'build', project: 'shop', ...more },
  });
const get = (url: string) => place.api.inject({ method: 'GET', url });
const heldNow = async () => (await get('/v1/queue')).json<{ held: number }>().held;

function expectProblem(
  answer: { readonly statusCode: number; readonly headers: object; json(): unknown },
  want: Partial<Problem>,
): void {
  const problem = answer.json() as Problem;
  expect(problem).toMatchObject(want);
  expect(problem.status).toBe(answer.statusCode);
  expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json; charset=utf-8' });
  expect(problem.detail).not.toMatch(/\n| at .*\.ts/);
}

describe('answers', () => {
  test.each([['/v1/runs'], ['/v1/queue'], ['/v1/forecast?replications=5&seed=1']])(
    '%s sends all that the app answered',
    async (url) => {
      const answer = await get(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual(JSON.parse(JSON.stringify(place.lastAnswer())));
    },
  );

  test.each([
    ['', (body: unknown) => body],
    ['/explanation', (body: unknown) => body],
    ['/logs', (body: unknown) => (body as { readonly steps: unknown }).steps],
  ])('/v1/runs/{id}%s sends all that the app answered', async (path, partOf) => {
    const answer = await get(`/v1/runs/${ids[0]}${path}`);
    expect(answer.statusCode).toBe(200);
    expect(partOf(answer.json())).toEqual(JSON.parse(JSON.stringify(place.lastAnswer())));
  });

  test('/v1/pools and /v1/forecasts send all that the app answered', async () => {
    expect((await get('/v1/pools')).json()).toEqual({ pools: place.lastAnswer() });
    await get('/v1/forecast?replications=5');
    const forecasts = (await get('/v1/forecasts')).json<{ forecasts: unknown[] }>();
    expect(forecasts.forecasts.length).toBeGreaterThan(0);
    expect(forecasts).toEqual({ forecasts: place.lastAnswer() });
  });

  test('a held run says why it waits and that it was held by Penstock', async () => {
    const explanation = (await get(`/v1/runs/${ids[2]}/explanation`)).json();
    expect(explanation).toMatchObject({ run: { state: 'held', ours: true, tenant: 'shop' }, position: 3 });
    expect(explanation.lines.length).toBeGreaterThan(2);
  });

  test('the same seed gives the same forecast but for the moment it was made', async () => {
    const [one, two] = [await get('/v1/forecast?seed=7'), await get('/v1/forecast?seed=7')].map((answer) => {
      const forecast = answer.json();
      return forecast.finishAtMs.p50 - forecast.madeAtMs;
    });
    expect(one).toBe(two);
  });
});

describe('creating', () => {
  test('the same request with the same key creates nothing twice', async () => {
    const before = await heldNow();
    const first = await create({ key: 'nightly-7', count: 2 });
    const again = await create({ key: 'nightly-7', count: 2 });
    expect(first.json()).toEqual({ ids: expect.any(Array), created: 2 });
    expect(again.json()).toEqual({ ids: first.json<Created>().ids, created: 0 });
    expect(await heldNow()).toBe(before + 2);
  });

  test('another request with that key is refused', async () => {
    await create({ key: 'nightly-8' });
    expectProblem(await create({ key: 'nightly-8', timeoutMs: 5_000 }), {
      code: 'run-exists',
      field: 'key',
    });
  });

  const cycle = PIPELINE.replace('- name: hello\n', '- name: hello\n      runAfter: [hello]\n');
  const noScript = PIPELINE.slice(0, PIPELINE.indexOf('            script'));
  test.each([
    ['an unknown key', { colour: 'red' }, { code: 'request-invalid', field: 'colour' }],
    ['a wrong type', { count: 'many' }, { code: 'request-invalid', field: 'count' }],
    ['too many', { count: 10_001 }, { code: 'request-invalid', field: 'count' }],
    ['negative units', { requests: { runs: -1 } }, { code: 'request-invalid', field: 'requests.runs' }],
    ['an unknown pool', { requests: { vax: 1 } }, { code: 'pool-unknown', field: 'requests.vax' }],
    ['an unknown priority', { priority: 'urgent' }, { code: 'priority-unknown', field: 'priority' }],
    ['a cycle', { content: cycle }, { code: 'pipeline-invalid' }],
    ['a missing script', { content: noScript }, { code: 'pipeline-invalid' }],
    ['no YAML', { content: 'a: [' }, { code: 'yaml-invalid' }],
    [
      'an unsupported field',
      { content: `${PIPELINE}  workspaces: [{name: x}]\n` },
      { code: 'pipeline-unsupported' },
    ],
  ])('%s is refused with its field, and nothing is created', async (_what, wrong, want) => {
    const before = await heldNow();
    expectProblem(await create({ count: 2, ...wrong }), want as Partial<Problem>);
    expect(await heldNow()).toBe(before);
  });

  test('a body over 1 MiB is refused', async () => {
    expectProblem(await create({ content: 'x'.repeat(1024 * 1024) }), {
      code: 'request-too-large',
      status: 413,
    });
  });
});

describe('cancelling', () => {
  test('a cancelled run is cancelled with its reason and cannot be cancelled again', async () => {
    const id = (await create({})).json<Created>().ids[0];
    const cancel = (body?: object) =>
      place.api.inject({ method: 'POST', url: `/v1/runs/${id}/cancel`, ...(body && { body }) });
    const answer = await cancel({ reason: 'wrong branch' });
    expect([answer.statusCode, answer.json()]).toEqual([202, { id }]);
    const run = (await get(`/v1/runs/${id}`)).json();
    expect(run).toMatchObject({ state: 'cancelled', outcome: 'cancelled', startedAtMs: null });
    expect(run.outcomeReason).toContain('wrong branch');
    expectProblem(await cancel(), { code: 'run-finished' });
  });
});

describe('what is not there', () => {
  test.each(['', '/explanation', '/logs'])('an unknown run%s', async (path) => {
    expectProblem(await get(`/v1/runs/nobody${path}`), { code: 'run-unknown', status: 404 });
  });

  test('cancelling an unknown run', async () => {
    const answer = await place.api.inject({ method: 'POST', url: '/v1/runs/nobody/cancel' });
    expectProblem(answer, { code: 'run-unknown', status: 404 });
  });

  test('an unknown address', async () => {
    expectProblem(await get('/v2/runs'), { code: 'not-found', status: 404 });
  });

  test.each([
    ['/v1/runs?limit=0', 'limit'],
    ['/v1/runs?limt=5', 'limt'],
    ['/v1/forecast?replications=1000000', 'replications'],
  ])('%s is refused with its field', async (url, field) => {
    expectProblem(await get(url), { code: 'request-invalid', status: 400, field });
  });
});

describe('around it', () => {
  test('the process is alive and says its version', async () => {
    expect((await get('/healthz')).json()).toEqual({ status: 'ok', version: '1.2.3' });
    expect((await get('/readyz')).json()).toEqual({ status: 'ready' });
  });

  test('the OpenAPI document lists every address, and all its references lead somewhere', async () => {
    const document = (await get('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/healthz',
      '/metrics',
      '/readyz',
      '/v1/assessments',
      '/v1/audit',
      '/v1/controls',
      '/v1/controls/cap',
      '/v1/controls/pause',
      '/v1/controls/resume',
      '/v1/events',
      '/v1/forecast',
      '/v1/forecasts',
      '/v1/forecasts/calibration',
      '/v1/policies',
      '/v1/policies/{name}',
      '/v1/policies/{name}/assessment',
      '/v1/policies/{name}/history',
      '/v1/policies/{name}/occurrences',
      '/v1/policies/{name}/occurrences/{key}/launches',
      '/v1/policies/{name}/samples',
      '/v1/policies/{name}/test-runs',
      '/v1/policies/{name}/test-runs/{id}',
      '/v1/pools',
      '/v1/queue',
      '/v1/runs',
      '/v1/runs/{id}',
      '/v1/runs/{id}/cancel',
      '/v1/runs/{id}/explanation',
      '/v1/runs/{id}/front',
      '/v1/runs/{id}/logs',
      '/v1/shadow/report',
    ]);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name as string);
  });

  test('a generator can make a client of it: operations have names, bodies no fields with defaults, nothing is unused', async () => {
    interface Operation {
      readonly operationId: string;
      readonly requestBody?: object;
      readonly responses: Record<string, { readonly headers?: object }>;
    }
    const document = (await get('/openapi.json')).json();
    const paths: Record<string, Record<string, Operation>> = document.paths;
    const schemas: Record<string, object> = document.components.schemas;
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
    const wanted = (part: unknown) => JSON.stringify(part).matchAll(/schemas\/(\w+)"/g);
    const used = new Set([...wanted(paths), ...wanted(schemas)].map(([, name]) => name));
    expect(Object.keys(schemas).filter((name) => !used.has(name))).toEqual([]);
    const withDefaults = operations.flatMap(({ operationId, requestBody }) => {
      const named = [...wanted(requestBody ?? {})].map(([, name = '']) => schemas[name]);
      return JSON.stringify([requestBody, named]).includes('"default":') ? [operationId] : [];
    });
    expect(withDefaults).toEqual([]);
    expect(schemas.CreateRuns).toMatchObject({
      required: ['content', 'project'],
      properties: { count: { description: 'Default: 1' } },
    });
    const apply = paths['/v1/policies/{name}']?.put;
    expect(apply?.responses['200']?.headers).toHaveProperty('ETag');
    expect(apply?.responses['4XX']?.headers).toHaveProperty('Retry-After');
  });
});
