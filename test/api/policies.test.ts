/** Registered policies over the API: documents in and out, versions, conditions, and what is refused. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPlace, PIPELINE, type Place } from './place.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace({ withLoop: false });
});
afterEach(() => place.dispose());

const STEPS = { steps: [{ name: 'say', script: 'echo hello' }] };

function document(name: string, changes: object = {}): object {
  return {
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name },
    spec: {
      enabled: true,
      content: { pipelineSpec: { tasks: [{ name: 'say', taskSpec: STEPS }] } },
      schedule: { type: 'daily', startTime: '02:30' },
      timeWindow: { length: '1h' },
      ...changes,
    },
  };
}

async function put(name: string, body: object | string, headers: Record<string, string> = {}) {
  const url = `/v1/policies/${encodeURIComponent(name)}?by=ann`;
  const json = { 'content-type': 'application/json', ...headers };
  const answer = await place.api.inject({
    method: 'PUT',
    url,
    headers: json,
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.statusCode, etag: answer.headers.etag, body: answer.json() };
}

async function get(path: string) {
  const answer = await place.api.inject({ method: 'GET', url: path });
  return { status: answer.statusCode, etag: answer.headers.etag, body: answer.json() };
}

async function remove(name: string, headers: Record<string, string> = {}) {
  const url = `/v1/policies/${encodeURIComponent(name)}`;
  const answer = await place.api.inject({ method: 'DELETE', url, headers });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}

describe('a policy over the API', () => {
  test('is created, read as it was written, replaced, and deleted', async () => {
    const created = await put('audit', document('audit'));
    expect([created.status, created.body.change, created.body.policy.version]).toEqual([201, 'created', 1]);
    const read = await get('/v1/policies/audit');
    expect([read.status, read.etag]).toEqual([200, created.etag]);
    expect(read.body.document).toEqual(document('audit'));
    expect(read.body).toMatchObject({
      savedBy: 'ann',
      active: true,
      notLaunched: null,
      source: { kind: 'api' },
    });

    const same = await put('audit', document('audit', { branches: [] }));
    expect([same.status, same.body.change, same.etag]).toEqual([200, 'unchanged', read.etag]);
    const replaced = await put('audit', document('audit', { enabled: false }));
    expect([replaced.status, replaced.body.change, replaced.body.policy.active]).toEqual([
      200,
      'updated',
      false,
    ]);
    expect(replaced.body.policy.identity).toBe(read.body.identity);

    expect((await remove('audit')).status).toBe(200);
    expect((await get('/v1/policies/audit')).body.code).toBe('policy-unknown');
    expect((await remove('audit')).body.code).toBe('policy-unknown');
    const { body } = await get('/v1/audit');
    const log = body.entries.map(({ what, detail }: { what: string; detail: string }) => [what, detail]);
    expect(log).toEqual([
      ['delete-policy', null],
      ['apply-policy', 'updated'],
      ['apply-policy', 'created'],
    ]);
  });

  test('keeps its identity when it is deleted and created again, also under another name', async () => {
    const first = await put('audit', document('audit'));
    await remove('audit');
    const again = await put('audit', document('audit', { content: first.body.policy.document.spec.content }));
    await remove('audit');
    const renamed = await put('night-audit', document('night-audit'));
    expect(again.body.policy.identity).toBe(first.body.policy.identity);
    expect(renamed.body.policy.identity).toBe(first.body.policy.identity);
    expect(renamed.body.policy.version).toBeGreaterThan(again.body.policy.version);
  });

  test('is changed only in the version that was meant', async () => {
    const { etag } = await put('audit', document('audit'));
    const changed = await put('audit', document('audit', { enabled: false }), { 'if-match': String(etag) });
    expect(changed.status).toBe(200);
    const late = await put('audit', document('audit'), { 'if-match': String(etag) });
    expect([late.status, late.body.code, late.body.field]).toEqual([412, 'policy-changed', 'If-Match']);
    expect((await remove('audit', { 'if-match': String(etag) })).status).toBe(412);
    expect((await put('audit', document('audit'), { 'if-none-match': '*' })).status).toBe(412);
    expect((await put('other', document('other'), { 'if-match': '*' })).status).toBe(412);
    expect((await put('other', document('other'), { 'if-none-match': '*' })).status).toBe(201);
    expect((await remove('audit', { 'if-match': `"999", ${changed.etag}` })).status).toBe(200);
  });

  test('of GitLab is taken, and said not to be launched here', async () => {
    const item = {
      name: 'Nightly scan',
      enabled: true,
      content: { include: [{ project: 'harbour/policies', file: 'ci/scan.yml' }] },
      schedules: [
        { type: 'daily', start_time: '01:15', time_window: { value: 3600, distribution: 'random' } },
      ],
    };
    const put1 = await put('Nightly scan', { pipeline_execution_schedule_policy: [item] });
    expect(put1.status).toBe(201);
    expect(put1.body.policy.notLaunched).toContain('GitLab engine');
    expect((await get('/v1/policies/Nightly%20scan')).body.format).toBe('gitlab');
  });
});

describe('the list of policies', () => {
  test('comes in pages by name, with nothing twice and nothing left out', async () => {
    const names = ['delta', 'alpha', 'charlie', 'bravo', 'echo'];
    for (const name of names) await put(name, document(name));
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const { body } = await get(`/v1/policies?limit=2${next === '' ? '' : `&after=${next}`}`);
      seen.push(...body.policies.map(({ name }: { name: string }) => name));
      next = body.next;
    }
    expect(seen).toEqual(names.toSorted());
  });

  test.each(['?limit=0', '?limit=201', '?after=zz', '?after=', '?before=1'])('refuses %s', async (query) => {
    const { status, body } = await get(`/v1/policies${query}`);
    expect([status, body.code]).toEqual([400, 'request-invalid']);
  });
});

describe('what is wrong with a policy', () => {
  const spec = { tasks: [{ name: 'say', taskSpec: STEPS, workspaces: [{ name: 'x' }] }] };
  test.each([
    ['another name', document('other'), 'metadata.name'],
    ['a wrong field', document('audit', { enabled: 'yes' }), 'spec.enabled'],
    [
      'an unknown zone',
      document('audit', { schedule: { type: 'daily', startTime: '02:30', timeZone: 'Berlin' } }),
      'spec.schedule.timeZone',
    ],
    [
      'a path upwards',
      document('audit', { scope: { include: { projects: ['web/../x'] } } }),
      'spec.scope.include.projects[0]',
    ],
    [
      'a file it was sent without',
      document('audit', { content: { pipelineFile: 'a.yaml' } }),
      'spec.content.pipelineFile',
    ],
    [
      'a Pipeline the engine refuses',
      document('audit', { content: { pipelineSpec: spec } }),
      'spec.content.pipelineSpec',
    ],
  ])('is named: %s', async (_, body, field) => {
    const answer = await put('audit', body);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'policy-invalid', field]);
    expect((await get('/v1/policies')).body.policies).toEqual([]);
  });

  test.each([
    ['no policy at all', '{}', 422],
    ['a list', '[]', 400],
    ['no JSON', '{"a":', 400],
    ['half a megabyte of brackets', `{"a":${'['.repeat(250_000)}${']'.repeat(250_000)}}`, 422],
    ['more than a megabyte', `{"a":"${'x'.repeat(1_100_000)}"}`, 413],
  ])('is answered and nothing is stored: %s', async (_, body, status) => {
    const answer = await put('audit', body);
    expect(answer.status).toBe(status);
    expect(answer.body.code).toMatch(/^(policy|request)-(invalid|too-large)$/);
    expect((await get('/v1/policies')).body.policies).toEqual([]);
  });

  test.each(['"x"', '7', 'W/"7"', ''])('is an If-Match nobody understands: %j', async (tag) => {
    const answer = await put('audit', document('audit'), { 'if-match': tag });
    expect([answer.status, answer.body.field]).toEqual([400, 'If-Match']);
  });
});

test('a Pipeline as text is no policy', async () => {
  const answer = await put('audit', JSON.stringify({ text: PIPELINE }));
  expect(answer.body.code).toBe('policy-invalid');
});
