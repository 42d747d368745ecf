/** Bad input of policies over the API: each is named by code and field, nothing is stored, and the server goes on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldOf, LIBRARY_WORDS, withValue } from '../documents/policy/wrong.ts';
import { FILE, LIST, POLICY, WRONG as WRONG_GITLAB } from '../documents/policy/wrong-gitlab.ts';
import { FULL, WRONG as WRONG_PENSTOCK } from '../documents/policy/wrong-penstock.ts';
import { openPlace, type Place } from './place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace({ withLoop: false, yaml: 'projects: { shop: { tenant: web } }\n' });
});
afterAll(() => place.dispose());

interface Case {
  readonly name: string;
  readonly document: unknown;
  readonly field: string;
}

const CASES: readonly Case[] = [
  ...WRONG_GITLAB.map(([path, value, field]) => ({
    name: POLICY.name,
    document: withValue(FILE, [LIST, 0, ...path], value),
    field: `${LIST}[0].${field ?? fieldOf(path)}`,
  })),
  ...WRONG_PENSTOCK.filter(([[first]]) => first !== 'apiVersion' && first !== 'kind').map(
    ([path, value, field]) => ({
      name: 'audit',
      document: withValue(FULL, path, value),
      field: field ?? fieldOf(path),
    }),
  ),
];

async function send(method: 'PUT' | 'POST', url: string, body: unknown) {
  const headers = { 'content-type': 'application/json' };
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await place.api.inject({ method, url, headers, payload });
  return { status: answer.statusCode, body: answer.json<{ code: string; field?: string; detail: string }>() };
}

async function nothingStored(): Promise<void> {
  const policies = await place.api.inject('/v1/policies');
  expect(policies.json()).toEqual({ policies: [], next: null, brokenFiles: [] });
  expect((await place.api.inject('/v1/runs')).json().runs).toEqual([]);
  expect((await place.api.inject('/v1/audit')).json().entries).toEqual([]);
  expect((await place.api.inject('/healthz')).statusCode).toBe(200);
}

test('every field of both formats wrong in turn, as a policy and to be assessed', async () => {
  expect(CASES.length).toBeGreaterThan(150);
  for (const { name, document, field } of CASES) {
    const saved = await send('PUT', `/v1/policies/${encodeURIComponent(name)}`, document);
    const assessed = await send('POST', '/v1/assessments', {
      document: JSON.stringify(document),
      projects: 3,
    });
    const refused = [422, 'policy-invalid'];
    expect([field, saved.status, saved.body.code, saved.body.field]).toEqual([field, ...refused, field]);
    // The document is a text here, so the path is in what is said of it.
    expect([field, assessed.status, assessed.body.code]).toEqual([field, ...refused]);
    expect(assessed.body.detail).toContain(field);
    for (const { body } of [saved, assessed]) {
      expect(body.detail).not.toMatch(LIBRARY_WORDS);
      expect(body.detail).not.toMatch(/\n/);
    }
  }
  await nothingStored();
});

describe('projects that lead elsewhere', () => {
  test.each(['../shop', '..', '.', 'shop/../bank', '/etc/passwd', 'shop/', 'a//b', 'a\nb', '', '...'])(
    '%j',
    async (project) => {
      const run = await send('POST', '/v1/runs', { content: 'x', project });
      const testRun = await send('POST', '/v1/policies/audit/test-runs', { project });
      for (const { status, body } of [run, testRun]) {
        expect([status, body.code, body.field]).toEqual([400, 'request-invalid', 'project']);
      }
      const asked = { document: JSON.stringify(FULL), projects: [project] };
      const targets = await send('POST', '/v1/assessments', asked);
      expect([targets.status, targets.body.field]).toEqual([400, 'projects']);
      await nothingStored();
    },
  );

  test.each(['shop', 'group/shop', '.github', 'a..b', 'Группа/проект', '#42'])(
    'but not %j',
    async (project) => {
      const { body } = await send('POST', '/v1/runs', { content: 'x', project });
      expect(body.field).not.toBe('project');
    },
  );
});

test.each([
  '/v1/policies/..%2f..%2fetc',
  '/v1/policies/%2e%2e%2fetc/history',
  '/v1/policies/..%2fx/assessment',
])('a name of a policy that leads elsewhere is only a name: %s', async (url) => {
  const answer = await place.api.inject(url);
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'policy-unknown']);
});

test.each([
  ['10 MB', () => `{"spec":"${'x'.repeat(10_000_000)}"}`, 413, 'request-too-large'],
  ['a thousand levels', () => `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`, 422, 'policy-invalid'],
  ['JSON that ends too soon', () => '{"spec":', 400, 'request-invalid'],
  ['YAML', () => 'kind: PipelineExecutionPolicy', 400, 'request-invalid'],
])('a document of %s', async (_, text, status, code) => {
  const answer = await send('PUT', '/v1/policies/audit', text());
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  await nothingStored();
});
