/** Test runs over the real API, store and local engine: who may, how often, and what comes of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import type { TestRunBody } from '../../src/api/contract/test-runs.ts';
import type { Problem, RunDetailSchema } from '../../src/api/contract.ts';
import type { Api } from '../../src/api/server.ts';
import { newToken, tokenHash } from '../../src/documents/access-token.ts';
import { openPlace, type Place } from './place.ts';

const TOKENS = { vera: newToken(), otto: newToken(), bob: newToken(), ada: newToken() };
type Person = keyof typeof TOKENS;
type RunDetail = z.output<typeof RunDetailSchema>;
const HOUR_MS = 3_600_000;

const yaml = `
access:
  requestsPerSecond: 10000
  tokens:
    - { name: vera, role: viewer, projects: [shop], sha256: ${tokenHash(TOKENS.vera)} }
    - { name: otto, role: owner, projects: [shop], sha256: ${tokenHash(TOKENS.otto)} }
    - { name: bob, role: owner, projects: [bank], sha256: ${tokenHash(TOKENS.bob)} }
    - { name: ada, role: admin, sha256: ${tokenHash(TOKENS.ada)} }
`;

let place: Place;
let api: Api;
let name: string;
let policies = 0;

beforeAll(async () => {
  place = await openPlace({ withLoop: true, slots: 4, yaml });
  api = place.composition.api('tcp');
  place.composition.loop?.start();
});
afterAll(async () => {
  await api.close();
  await place.dispose();
});
beforeEach(() => {
  policies += 1;
  name = `audit-${policies}`;
});

type Sent = readonly [
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: object,
  headers?: object,
];

function send(who: Person | null, ...[method, url, body, more]: Sent) {
  const headers = { ...(who && { authorization: `Bearer ${TOKENS[who]}` }), ...more };
  return api.inject({ method, url, headers, ...(body && { body }) });
}

/** Contents differ by policy, so that none takes over another's identity. */
function document(policy: string, script: string, spec: object = {}) {
  const step = { name: 'look', script: `#!/bin/sh\n# ${policy}\n${script}\n` };
  return {
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name: policy },
    spec: {
      enabled: true,
      content: { pipelineSpec: { tasks: [{ name: 'audit', taskSpec: { steps: [step] } }] } },
      schedule: { type: 'daily', startTime: '02:00' },
      timeWindow: { length: '1h' },
      ...spec,
    },
  };
}

async function apply(script: string, spec: object = {}, policy = name): Promise<void> {
  const answer = await send('ada', 'PUT', `/v1/policies/${policy}`, document(policy, script, spec));
  expect(answer.body).toContain('"change"');
}

const ask = (who: Person | null, more: object = {}, headers: object = {}) =>
  send(who, 'POST', `/v1/policies/${name}/test-runs`, { project: 'shop', ...more }, headers);

async function accepted(more: object = {}): Promise<TestRunBody> {
  const answer = await ask('otto', more);
  expect(answer.statusCode).toBe(202);
  return answer.json();
}

async function one(id: string): Promise<TestRunBody> {
  return (await send('otto', 'GET', `/v1/policies/${name}/test-runs/${id}`)).json();
}

async function until(id: string, isSo: (testRun: TestRunBody) => boolean): Promise<TestRunBody> {
  for (;;) {
    const testRun = await one(id);
    if (isSo(testRun)) return testRun;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const countRuns = async () =>
  (await send('ada', 'GET', '/v1/runs?limit=1000')).json<{ runs: unknown[] }>().runs.length;
const aNobody = { id: '', askedAtMs: 0 };
const ended = (id: string) => until(id, ({ endedAtMs }) => endedAtMs !== null);

describe('a test run', () => {
  test('executes the real pipeline, and what came of it is kept with the hashes of the policy', async () => {
    await apply('n=0; while [ $n -lt 300000 ]; do n=$((n+1)); done; echo done', { enabled: false });
    const policy = (await send('ada', 'GET', `/v1/policies/${name}`)).json();
    const { id, askedAtMs } = await accepted({ branch: 'release/1' });
    const testRun = await ended(id);
    expect(testRun).toMatchObject({
      policy: name,
      identity: policy.identity,
      contentHash: policy.contentHash,
      configHash: policy.configHash,
      project: 'shop',
      branch: 'release/1',
      askedBy: 'otto',
      state: 'succeeded',
      verdict: 'success',
      reason: null,
    });
    const { startedAtMs, endedAtMs, queuedMs, durationMs, resources, runId } = testRun;
    expect(startedAtMs).toBeGreaterThanOrEqual(askedAtMs);
    expect([queuedMs, durationMs]).toEqual([
      Number(startedAtMs) - askedAtMs,
      Number(endedAtMs) - Number(startedAtMs),
    ]);
    expect(resources.cpuSeconds).toBeGreaterThan(0);
    expect(resources.peakMemoryBytes).toBeGreaterThan(0);
    expect(resources.jobSeconds).toBeGreaterThan(0);
    expect(resources.artifactBytes).toBeNull();
    const run = (await send('otto', 'GET', `/v1/runs/${runId}`)).json<RunDetail>();
    expect(run).toMatchObject({ project: 'shop', state: 'succeeded', startedAtMs });
    const [steps] = (await send('otto', 'GET', `/v1/runs/${runId}/logs`)).json<{
      steps: { text: string }[];
    }>().steps;
    expect(steps?.text).toContain('done');
  });

  test('that fails says why, and is a failure', async () => {
    await apply('echo broken >&2; exit 3');
    const testRun = await ended((await accepted()).id);
    expect(testRun).toMatchObject({ state: 'failed', verdict: 'failure' });
    expect(testRun.reason).toMatch(/3/);
  });

  test('that takes too long by its policy is timed out', async () => {
    await apply('exec sleep 600', { timeouts: { pipeline: '1s' } });
    expect(await ended((await accepted()).id)).toMatchObject({ state: 'timed-out', verdict: 'failure' });
  });

  test('waits its turn like every run', async () => {
    await send('ada', 'POST', '/v1/controls/pause', { target: { scope: 'tenant', name: 'shop' } });
    await apply('true');
    const { id } = await accepted();
    const { runId, state, queuedMs } = await one(id);
    expect([state, queuedMs]).toEqual(['waiting', null]);
    const { because } = (await send('otto', 'GET', `/v1/runs/${runId}/explanation`)).json<{
      because: string;
    }>();
    expect(because).toContain('paused');
    await send('ada', 'POST', '/v1/controls/resume', { target: { scope: 'tenant', name: 'shop' } });
    expect(await ended(id)).toMatchObject({ state: 'succeeded' });
  });
});

describe('cancelling', () => {
  test('ends a running one; it is neither success nor failure', async () => {
    await apply('exec sleep 600');
    const { id } = await accepted();
    const { runId } = await until(id, ({ state }) => state === 'running');
    const answer = await send('otto', 'DELETE', `/v1/policies/${name}/test-runs/${id}`);
    expect(answer.statusCode).toBe(202);
    expect(await ended(id)).toMatchObject({ state: 'cancelled', verdict: null, reason: 'cancelled by otto' });
    // The loop's last pass may be older than the look that saw the end.
    const state = async () => (await send('otto', 'GET', `/v1/runs/${runId}`)).json<RunDetail>().state;
    await vi.waitUntil(async () => (await state()) === 'cancelled', { timeout: 20_000 });
    const again = await send('otto', 'DELETE', `/v1/policies/${name}/test-runs/${id}`);
    expect([again.statusCode, again.json<Problem>().code]).toEqual([409, 'test-run-finished']);
  });

  test('is for owners of its project', async () => {
    await apply('exec sleep 600');
    const { id } = await accepted();
    const remove = (who: Person | null) => send(who, 'DELETE', `/v1/policies/${name}/test-runs/${id}`);
    expect([
      (await remove('vera')).statusCode,
      (await remove('bob')).statusCode,
      (await remove(null)).statusCode,
    ]).toEqual([403, 404, 401]);
    expect((await one(id)).ending).toBe(false);
    await remove('ada');
    expect(await ended(id)).toMatchObject({ state: 'cancelled', reason: 'cancelled by ada' });
  });
});

describe('who may', () => {
  test.each([
    [null, 'shop', 401, 'unauthenticated'],
    ['vera', 'shop', 403, 'not-owner'],
    ['bob', 'shop', 403, 'not-owner'],
    ['otto', 'bank', 403, 'not-owner'],
    ['otto', 'nowhere', 403, 'not-owner'],
  ] as const)('%s on %s: %i, and it does not count', async (who, project, status, code) => {
    await apply('true');
    const answer = await ask(who, { project });
    expect([answer.statusCode, answer.json<Problem>().code]).toEqual([status, code]);
    expect((await ask('otto')).statusCode).toBe(202);
  });

  test('who may not see its project sees nothing of it', async () => {
    await apply('true');
    const { id } = await accepted();
    const url = `/v1/policies/${name}/test-runs`;
    expect((await send('bob', 'GET', url)).json()).toEqual({ testRuns: [], next: null });
    expect((await send('bob', 'GET', `${url}/${id}`)).statusCode).toBe(404);
    const [seen] = (await send('vera', 'GET', url)).json<{ testRuns: TestRunBody[] }>().testRuns;
    expect(seen?.id).toBe(id);
  });
});

describe('one an hour', () => {
  test('of a hundred at the same instant exactly one is accepted, and one run is made', async () => {
    await apply('true');
    const runsBefore = await countRuns();
    const before = Date.now();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('otto')));
    const after = Date.now();
    const taken = answers.filter(({ statusCode }) => statusCode === 202);
    const others = answers.filter(({ statusCode }) => statusCode === 429);
    expect([taken.length, others.length]).toEqual([1, 99]);
    const [{ id, askedAtMs } = aNobody] = taken.map((answer) => answer.json<TestRunBody>());
    for (const refused of others) {
      const { code, retryAtMs, detail } = refused.json<Problem>();
      expect([code, retryAtMs]).toEqual(['test-run-too-soon', askedAtMs + HOUR_MS]);
      expect(detail).toContain(new Date(askedAtMs + HOUR_MS).toISOString());
      const seconds = Number(refused.headers['retry-after']);
      expect(seconds).toBeGreaterThanOrEqual(Math.ceil((askedAtMs + HOUR_MS - after) / 1000));
      expect(seconds).toBeLessThanOrEqual(Math.ceil((askedAtMs + HOUR_MS - before) / 1000));
    }
    await ended(id);
    expect(await countRuns()).toBe(runsBefore + 1);
  });

  test('editing, deleting, creating again and renaming are no way around it', async () => {
    await apply('true');
    await ended((await accepted()).id);
    await apply('true', { enabled: false });
    expect((await ask('otto')).statusCode).toBe(429);
    await send('ada', 'DELETE', `/v1/policies/${name}`);
    expect((await ask('otto')).json<Problem>().code).toBe('policy-unknown');
    await apply('echo quite another content');
    expect((await ask('otto')).statusCode).toBe(429);
    // The same content under another name: it takes over the identity of the one deleted.
    const renamed = document(name, 'echo quite another content');
    await send('ada', 'DELETE', `/v1/policies/${name}`);
    const other = `${name}-renamed`;
    await send('ada', 'PUT', `/v1/policies/${other}`, { ...renamed, metadata: { name: other } });
    const answer = await send('otto', 'POST', `/v1/policies/${other}/test-runs`, { project: 'shop' });
    expect(answer.statusCode).toBe(429);
    const { testRuns } = (await send('otto', 'GET', `/v1/policies/${other}/test-runs`)).json();
    expect(testRuns).toMatchObject([{ policy: name, state: 'succeeded' }]);
  });

  test.each([
    ['a policy that asks for a pool there is not', { requests: { vax: 1 } }, {}, 'pool-unknown'],
    [
      'a project that the policy is not for',
      { scope: { include: { projects: ['bank'] } } },
      {},
      'project-out-of-scope',
    ],
    ['a field there is not', {}, { colour: 'red' }, 'request-invalid'],
    ['a branch of two lines', {}, { branch: 'a\nb' }, 'request-invalid'],
  ])('%s is refused, and that does not count', async (_what, spec, more, code) => {
    await apply('true', spec);
    const answer = await ask('otto', more);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.json<Problem>().code).toBe(code);
    expect((await send('ada', 'GET', `/v1/policies/${name}/test-runs`)).json().testRuns).toEqual([]);
    await apply('true');
    expect((await ask('otto')).statusCode).toBe(202);
  });

  test('a policy of GitLab’s is refused with what is missing', async () => {
    const gitlab = {
      pipeline_execution_schedule_policy: [
        {
          name,
          enabled: true,
          content: { include: [{ project: 'a/policies', file: 'ci.yml' }] },
          schedules: [
            { type: 'daily', start_time: '02:00', time_window: { value: 3600, distribution: 'random' } },
          ],
        },
      ],
    };
    expect((await send('ada', 'PUT', `/v1/policies/${name}`, gitlab)).statusCode).toBe(201);
    const { code, detail } = (await ask('otto')).json<Problem>();
    expect(code).toBe('policy-not-executable');
    expect(detail).toMatch(/GitLab engine/);
  });

  test('a policy or test run that is not there', async () => {
    expect((await ask('otto')).json<Problem>()).toMatchObject({ code: 'policy-unknown', status: 404 });
    await apply('true');
    const unknown = await send('otto', 'GET', `/v1/policies/${name}/test-runs/t-0`);
    expect(unknown.json<Problem>()).toMatchObject({ code: 'test-run-unknown', status: 404 });
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'monday-morning' };

  test('makes a repeated request the same test run, also a hundred at once, and after its end', async () => {
    await apply('true');
    const mine = { 'idempotency-key': `key-of-${name}` };
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('otto', {}, mine)));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
    const ids = new Set(answers.map((answer) => answer.json<TestRunBody>().id));
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    await ended(id);
    const late = await ask('otto', {}, mine);
    expect([late.statusCode, late.json<TestRunBody>().id]).toEqual([202, id]);
    expect((await ask('otto')).statusCode).toBe(429);
  });

  test('belongs to one request and one caller', async () => {
    await apply('true');
    expect((await ask('otto', {}, key)).statusCode).toBe(202);
    const other = await ask('otto', { branch: 'main' }, key);
    expect([other.statusCode, other.json<Problem>().code]).toEqual([422, 'key-taken']);
    expect((await ask('ada', {}, key)).statusCode).toBe(429);
    expect((await ask('vera', {}, key)).statusCode).toBe(403);
  });

  test.each(['short', 'with space', 'x'.repeat(201)])('%j is refused', async (wrong) => {
    await apply('true');
    const answer = await ask('otto', {}, { 'idempotency-key': wrong });
    expect([answer.statusCode, answer.json<Problem>().code]).toEqual([400, 'request-invalid']);
  });
});

test('who asked for what is in the audit log', async () => {
  await apply('exec sleep 600');
  const { id } = await accepted();
  await send('ada', 'DELETE', `/v1/policies/${name}/test-runs/${id}`);
  const { entries } = (await send('ada', 'GET', '/v1/audit?limit=2')).json<{ entries: object[] }>();
  const about = `policy ${name}`;
  expect(entries).toMatchObject([
    { by: 'ada', what: 'cancel-test-run', about, detail: `${id} on project shop` },
    { by: 'otto', what: 'test-run', about, detail: `${id} on project shop` },
  ]);
  await ended(id);
});
