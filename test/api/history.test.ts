/** The history of policies over the real API, store and local engine. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PastRunBody, PolicyHistoryBody } from '../../src/api/contract/history.ts';
import type { Api } from '../../src/api/server.ts';
import { newToken, tokenHash } from '../../src/documents/access-token.ts';
import { openPlace, type Place } from './place.ts';

const TOKENS = { otto: newToken(), prom: newToken(), ada: newToken() };
type Person = keyof typeof TOKENS;

const yaml = `
access:
  requestsPerSecond: 10000
  tokens:
    - { name: otto, role: owner, projects: [shop], sha256: ${tokenHash(TOKENS.otto)} }
    - { name: prom, role: viewer, projects: all, sha256: ${tokenHash(TOKENS.prom)} }
    - { name: ada, role: admin, sha256: ${tokenHash(TOKENS.ada)} }
projects:
  shop: { tenant: common }
  bank: { tenant: common }
history: { keep: 30d }
`;

let place: Place;
let api: Api;
let name: string;
let url: string;
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
beforeEach(async () => {
  policies += 1;
  name = `audit-${policies}`;
  url = `/v1/policies/${name}`;
  await send('ada', 'PUT', url, document(name, name));
});

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

function send(who: Person, method: Method, path: string, body?: object) {
  const headers = { authorization: `Bearer ${TOKENS[who]}` };
  return api.inject({ method, url: path, headers, ...(body && { body }) });
}

function document(policy: string, content: string) {
  const step = { name: 'look', script: `#!/bin/sh\n# ${content}\n` };
  return {
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name: policy },
    spec: {
      enabled: false,
      content: { pipelineSpec: { tasks: [{ name: 'a', taskSpec: { steps: [step] } }] } },
      schedule: { type: 'daily', startTime: '02:30' },
      timeWindow: { length: '1h' },
    },
  };
}

const past = (id: string, given: object = {}) => ({
  id,
  project: 'shop',
  startedAtMs: Date.now() - 60_000,
  durationMs: 5_000,
  ...given,
});

async function history(who: Person = 'ada', at = url): Promise<PolicyHistoryBody> {
  const answer = await send(who, 'GET', `${at}/history`);
  expect(answer.statusCode).toBe(200);
  return answer.json<PolicyHistoryBody>();
}

async function samples(who: Person = 'ada', at = url): Promise<readonly PastRunBody[]> {
  return (await send(who, 'GET', `${at}/samples`)).json<{ runs: PastRunBody[] }>().runs;
}

test('a test run is in the history as soon as it has ended, with its hashes and its cause', async () => {
  expect((await history()).all.runs).toBe(0);
  const asked = await send('otto', 'POST', `${url}/test-runs`, { project: 'shop' });
  expect(asked.statusCode).toBe(202);
  const { id, contentHash, configHash } = asked.json();
  const state = async () => (await send('ada', 'GET', `${url}/test-runs/${id}`)).json().endedAtMs;
  await expect.poll(state, { timeout: 20_000 }).not.toBeNull();
  const [run] = await samples();
  expect(run).toMatchObject({ project: 'shop', cause: 'test-run', imported: false, outcome: 'succeeded' });
  expect(run).toMatchObject({ contentHash, configHash });
  const seen = await history();
  expect([seen.testRuns.runs, seen.launches.runs, seen.unknownCause.runs]).toEqual([1, 0, 0]);
  expect(seen.contents).toMatchObject([{ contentHash, isPresent: true, runs: 1 }]);
});

test('a history stays with its policy: edited, renamed, deleted and there again', async () => {
  await send('ada', 'POST', `${url}/samples`, { runs: [past('a'), past('b', { outcome: 'failed' })] });
  const { identity, contentHash } = await history();
  await send('ada', 'PUT', url, document(name, `${name}, edited`));
  const edited = await history();
  expect(edited.contents).toMatchObject([{ contentHash, isPresent: false, runs: 2 }]);
  expect(edited.contentHash).not.toBe(contentHash);

  await send('ada', 'DELETE', url);
  expect(await history()).toMatchObject({ identity, contentHash: null, all: { runs: 2 } });
  const refused = await send('ada', 'POST', `${url}/samples`, { runs: [past('c')] });
  expect([refused.statusCode, refused.json().code]).toEqual([404, 'policy-unknown']);

  // The same content under another name is the same policy.
  const renamed = `${url}-renamed`;
  await send('ada', 'PUT', renamed, document(`${name}-renamed`, `${name}, edited`));
  expect(await history('ada', renamed)).toMatchObject({ identity, all: { runs: 2 } });
});

test('a batch is taken whole or not at all', async () => {
  const wrong = [
    [past('x', { durationMs: 0 }), 'runs.1.durationMs'],
    [past('x', { durationMs: -1 }), 'runs.1.durationMs'],
    [past('x', { durationMs: 1e300 }), 'runs.1.durationMs'],
    [past('x', { durationMs: 1.5 }), 'runs.1.durationMs'],
    [past('x', { durationMs: null }), 'runs.1.durationMs'],
    [past('x', { startedAtMs: Date.now() + 86_400_000 }), 'runs.1.startedAtMs'],
    [past('x', { outcome: 'skipped' }), 'runs.1.outcome'],
    [past('x', { project: '' }), 'runs.1.project'],
    [past('x\u0000'), 'runs.1.id'],
    [past('x', { more: 1 }), 'runs.1'],
  ] as const;
  for (const [run, field] of wrong) {
    const answer = await send('ada', 'POST', `${url}/samples`, { runs: [past('good'), run] });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'request-invalid']);
    expect(answer.json().field, JSON.stringify(run)).toContain(field);
  }
  const many = Array.from({ length: 501 }, (_, at) => past(`m${at}`));
  expect((await send('ada', 'POST', `${url}/samples`, { runs: many })).statusCode).toBe(400);
  expect(await samples()).toEqual([]);
});

test('what is older than is kept is not taken, and counted', async () => {
  const old = past('old', { startedAtMs: Date.now() - 31 * 86_400_000 });
  const answer = await send('ada', 'POST', `${url}/samples`, { runs: [old, past('new'), past('new')] });
  expect(answer.json()).toEqual({ added: 1, known: 1, tooOld: 1 });
});

test('importing is for administrators, and is in the audit log once', async () => {
  for (const who of ['otto', 'prom'] as const) {
    const refused = await send(who, 'POST', `${url}/samples`, { runs: [past('x')] });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'forbidden']);
  }
  for (let times = 0; times < 2; times += 1)
    await send('ada', 'POST', `${url}/samples`, { runs: [past('x')] });
  const { entries } = (await send('ada', 'GET', '/v1/audit')).json<{
    entries: { what: string; about: string }[];
  }>();
  const imports = entries.filter(
    ({ what, about }) => what === 'import-history' && about === `policy ${name}`,
  );
  expect(imports).toMatchObject([{ by: 'ada', detail: '1 runs' }]);
});

test('who may not see a project learns nothing of its runs, not even how many', async () => {
  const runs = [past('a'), past('b', { project: 'bank', outcome: 'failed', contentHash: 'of-the-bank' })];
  await send('ada', 'POST', `${url}/samples`, { runs });
  expect((await history('prom')).all.runs).toBe(2);
  const his = await history('otto');
  expect(his).toMatchObject({ all: { runs: 1, outcomes: { failed: 0 } }, projects: [{ project: 'shop' }] });
  expect(JSON.stringify([his, await samples('otto')])).not.toMatch(/bank/);
});

test('an assessment rests on what was imported', async () => {
  const evidence = async () => (await send('ada', 'GET', `${url}/assessment`)).json().evidence;
  expect(await evidence()).toMatchObject({ samples: 0 });
  const runs = Array.from({ length: 12 }, (_, at) =>
    past(`r${at}`, { startedAtMs: Date.now() - 60_000 * at }),
  );
  await send('ada', 'POST', `${url}/samples`, { runs });
  expect(await evidence()).toMatchObject({ samples: 12, projectsSeen: 1 });
});
