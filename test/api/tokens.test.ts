/** Tokens over TCP: who is let in, who may do what, and what nobody learns who may not see it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Created } from '../../src/api/contract.ts';
import type { Api } from '../../src/api/server.ts';
import { newToken, tokenHash } from '../../src/documents/access-token.ts';
import { openPlace, PIPELINE, type Place } from './place.ts';

const TOKENS = { vera: newToken(), otto: newToken(), ada: newToken(), prom: newToken() };
type Person = keyof typeof TOKENS;

const yaml = `
access:
  requestsPerSecond: 1000
  tokens:
    - { name: vera, role: viewer, projects: [shop], sha256: ${tokenHash(TOKENS.vera)} }
    - { name: otto, role: owner, projects: [shop], sha256: ${tokenHash(TOKENS.otto)} }
    - { name: ada, role: admin, sha256: ${tokenHash(TOKENS.ada)} }
    - { name: prom, role: viewer, projects: all, sha256: ${tokenHash(TOKENS.prom)} }
projects:
  secret-bank: { tenant: secret-tenant }
  shop: { tenant: common }
  secret-neighbour: { tenant: common }
tenants:
  secret-tenant: { caps: { runs: 1 } }
`;

let place: Place;
let api: Api;
let shopRun: string;
let bankRun: string;
let bankTestRun: string;
let occurrence: string;

beforeAll(async () => {
  place = await openPlace({ withLoop: false, slots: 1, yaml });
  api = place.composition.api('tcp');
  const bank = await create('ada', { project: 'secret-bank', name: 'secret-run', count: 3 });
  await create('ada', { project: 'secret-neighbour', name: 'secret-friend', count: 2 });
  const shop = await create('otto', { project: 'shop', name: 'shop-run', count: 3 });
  bankRun = bank.json<Created>().ids[0] ?? '';
  shopRun = shop.json<Created>().ids[0] ?? '';
  // The bank is first in the queue, and something of it is in every list there is.
  await send('ada', 'POST', `/v1/runs/${bankRun}/front`, {});
  await send('ada', 'POST', '/v1/controls/pause', { target: { scope: 'tenant', name: 'secret-tenant' } });
  await send('ada', 'POST', '/v1/controls/cap', { tenant: 'secret-tenant', pool: 'runs', units: 1 });
  await send('ada', 'PUT', '/v1/policies/audit', {
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name: 'audit' },
    spec: {
      enabled: true,
      content: {
        pipelineSpec: { tasks: [{ name: 'a', taskSpec: { steps: [{ name: 's', script: 'true' }] } }] },
      },
      schedule: { type: 'daily', startTime: '02:30' },
      timeWindow: { length: '1h' },
      scope: { include: { projects: ['secret-bank', 'shop'] } },
    },
  });
  const ordered = await send('ada', 'POST', '/v1/policies/audit/occurrences', { key: 'now-and-once' });
  occurrence = ordered.json().occurrence.key;
  const past = { startedAtMs: Date.now() - 1_000, durationMs: 10 };
  const runs = ['secret-bank', 'shop'].map((project) => ({ id: `of-${project}`, project, ...past }));
  await send('ada', 'POST', '/v1/policies/audit/samples', { runs });
  const asked = await send('ada', 'POST', '/v1/policies/audit/test-runs', { project: 'secret-bank' });
  bankTestRun = asked.json().id;
  const done = (await create('ada', { project: 'secret-bank', name: 'secret-done' })).json<Created>().ids[0];
  await send('ada', 'POST', `/v1/runs/${done}/cancel`, {});
});
afterAll(async () => {
  await api.close();
  await place.dispose();
});

type Request = readonly [method: 'GET' | 'POST' | 'PUT', url: string, body?: object, headers?: object];

function send(who: Person | null, ...[method, url, body, more = {}]: Request) {
  const headers = {
    host: 'penstock.example',
    ...(who && { authorization: `Bearer ${TOKENS[who]}` }),
    ...more,
  };
  return api.inject({ method, url, headers, ...(body && { body }) });
}

function create(who: Person | null, more: object) {
  return send(who, 'POST', '/v1/runs', { content: PIPELINE, ...more });
}

describe('without a token', () => {
  test.each(['/healthz', '/openapi.json'])('%s is answered', async (url) => {
    expect((await send(null, 'GET', url)).statusCode).toBe(200);
  });

  test.each(['/v1/runs', '/v1/queue', '/v1/pools', '/metrics', '/v1/audit', '/v1/no-such-address', '/'])(
    '%s is not, and says what is needed',
    async (url) => {
      const answer = await send(null, 'GET', url);
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'unauthenticated']);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="penstock"');
    },
  );

  test.each([
    ['a made-up token', 'Bearer penstock_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['another kind of token', 'Bearer x'],
    ['a long one', `Bearer ${'x'.repeat(15_000)}`],
  ])('%s is refused as nobody’s', async (_, authorization) => {
    const answer = await send(
      null,
      'POST',
      '/v1/runs',
      { content: PIPELINE, project: 'shop' },
      { authorization },
    );
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="penstock", error="invalid_token"');
    expect(answer.body).not.toContain(authorization.slice(7));
  });

  test.each(['Basic b3R0bzpvdHRv', 'Bearer', 'Bearer ', 'Bearer a b', ''])(
    '%j is no token',
    async (authorization) => {
      expect((await send(null, 'GET', '/v1/pools', undefined, { authorization })).statusCode).toBe(401);
    },
  );
});

describe('who may do what', () => {
  test.each([
    ['vera', 'shop', 403],
    ['otto', 'shop', 201],
    ['otto', 'secret-bank', 403],
    ['otto', 'nowhere', 403],
    ['prom', 'shop', 403],
    ['ada', 'secret-bank', 201],
  ] as const)('a run created by %s in %s: %i', async (who, project, status) => {
    const before = (await send('ada', 'GET', '/v1/queue')).json<{ held: number }>().held;
    const answer = await create(who, { project });
    expect(answer.statusCode).toBe(status);
    const after = (await send('ada', 'GET', '/v1/queue')).json<{ held: number }>().held;
    expect(after - before).toBe(status === 201 ? 1 : 0);
  });

  test('a refusal says the same of a project that is there and of one that is not', async () => {
    const said = async (project: string) =>
      (await create('otto', { project })).body.replaceAll(project, 'PROJECT');
    expect(await said('secret-bank')).toBe(await said('nowhere'));
  });

  test('an owner cannot take the share of another tenant', async () => {
    const answer = await create('otto', { project: 'shop', tenant: 'secret-tenant' });
    expect([answer.statusCode, answer.json().field]).toEqual([403, 'tenant']);
  });

  test.each([
    ['vera', 403],
    ['otto', 202],
  ] as const)('%s cancels a run of the shop: %i', async (who, status) => {
    const id = (await create('otto', { project: 'shop' })).json<Created>().ids[0];
    expect((await send(who, 'POST', `/v1/runs/${id}/cancel`)).statusCode).toBe(status);
    const state = (await send('ada', 'GET', `/v1/runs/${id}`)).json<{ state: string }>().state;
    expect(state).toBe(status === 202 ? 'cancelled' : 'held');
  });

  test('a run he may not see can be cancelled by nobody who asks for it, and stays as it is', async () => {
    expect((await send('otto', 'POST', `/v1/runs/${bankRun}/cancel`)).statusCode).toBe(404);
    expect((await send('ada', 'GET', `/v1/runs/${bankRun}`)).json().state).toBe('held');
  });

  test.each([
    ['/v1/controls/pause', { target: { scope: 'everything' } }],
    ['/v1/controls/resume', { target: { scope: 'tenant', name: 'secret-tenant' } }],
    ['/v1/controls/cap', { tenant: 'shop', pool: 'runs', units: 1 }],
  ])('only an administrator may order %s', async (url, body) => {
    for (const who of ['vera', 'otto', 'prom'] as const) {
      const answer = await send(who, 'POST', url, body);
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'forbidden']);
    }
  });

  test('an order is in the caller’s name, whatever name it says', async () => {
    await send('ada', 'POST', '/v1/controls/cap', { tenant: 'x', pool: 'runs', units: 3, by: 'vera' });
    const { entries } = (await send('ada', 'GET', '/v1/audit?limit=1')).json<{ entries: { by: string }[] }>();
    expect(entries.map(({ by }) => by)).toEqual(['ada']);
  });

  test.each(['/metrics', '/v1/shadow/report', '/v1/forecasts', '/v1/audit'])(
    '%s is for who sees all projects',
    async (url) => {
      expect((await send('vera', 'GET', url)).statusCode).toBe(403);
      expect((await send('prom', 'GET', url)).statusCode).toBe(200);
    },
  );
});

describe('what he may not see', () => {
  const policy = '/v1/policies/audit';
  const lists = [
    policy,
    `${policy}/test-runs`,
    `${policy}/history`,
    `${policy}/samples`,
    '/v1/runs',
    '/v1/queue',
    '/v1/forecast',
    '/v1/controls',
    '/v1/pools',
  ];

  test.each(lists)('%s names none of it, though it is there', async (url) => {
    expect((await send('ada', 'GET', url)).body.includes('secret')).toBe(url !== '/v1/pools');
    for (const who of ['vera', 'otto'] as const) {
      const answer = await send(who, 'GET', url);
      expect(answer.statusCode).toBe(200);
      expect(answer.body).not.toMatch(/secret/);
    }
  });

  test('every GET there is was looked at: it names nothing, or is refused', async () => {
    const { paths } = api.swagger() as { paths: Record<string, Record<string, unknown>> };
    // What a stream tells whom is looked at in events.test.ts: it has no end.
    const questions = Object.keys(paths).filter((path) => path !== '/v1/events' && paths[path]?.get);
    expect(questions.length).toBeGreaterThan(10);
    for (const path of questions) {
      for (const id of [shopRun, bankRun]) {
        const url = path.replace('{name}', 'audit').replace('{key}', occurrence);
        const isTestRun = path.includes('test-runs/{id}');
        const answer = await send('otto', 'GET', url.replace('{id}', isTestRun ? bankTestRun : id));
        const said = answer.body.replaceAll(bankRun, 'WHAT HE ASKED FOR');
        expect(said, path).not.toMatch(/secret/);
        if (path.includes('{id}') && (isTestRun || id === bankRun)) expect(answer.statusCode, path).toBe(404);
        else expect(answer.statusCode, path).not.toBe(404);
      }
    }
  });

  test('launches of his projects are told, others only counted', async () => {
    const url = `/v1/policies/audit/occurrences/${occurrence}/launches`;
    const projects = async (who: Person) =>
      (await send(who, 'GET', url))
        .json<{ launches: { project: string }[] }>()
        .launches.map(({ project }) => project)
        .toSorted();
    expect(await projects('ada')).toEqual(['secret-bank', 'shop']);
    expect(await projects('otto')).toEqual(['shop']);
  });

  test('changing and running policies is for administrators', async () => {
    for (const who of ['vera', 'otto', 'prom'] as const) {
      const ordered = await send(who, 'POST', '/v1/policies/audit/occurrences', { key: 'once-more-now' });
      const put = await send(who, 'PUT', '/v1/policies/audit', {});
      const removed = await api.inject({
        method: 'DELETE',
        url: '/v1/policies/audit',
        headers: { authorization: `Bearer ${TOKENS[who]}` },
      });
      expect([ordered.statusCode, put.statusCode, removed.statusCode]).toEqual([403, 403, 403]);
    }
    const { entries } = (await send('ada', 'GET', '/v1/audit')).json<{
      entries: { what: string; by: string }[];
    }>();
    const acts = entries
      .filter(({ what }) => what.includes('policy'))
      .map(({ what, by }) => `${what} by ${by}`);
    expect(acts).toEqual(['run-policy by ada', 'apply-policy by ada']);
  });

  test('pages of one run are no way around it', async () => {
    let next: string | null = '';
    const seen: string[] = [];
    for (let pages = 0; next !== null && pages < 50; pages += 1) {
      const before: string = next === '' ? '' : `&before=${encodeURIComponent(next)}`;
      const answer = await send('otto', 'GET', `/v1/runs?limit=1${before}`);
      expect(answer.body).not.toMatch(/secret/);
      const page = answer.json<{ runs: { id: string; project: string }[]; next: string | null }>();
      seen.push(...page.runs.map(({ project }) => project));
      next = page.next;
    }
    expect(next).toBeNull();
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect(new Set(seen)).toEqual(new Set(['shop']));
  });

  test('places in the queue count the runs of others', async () => {
    const all = (await send('ada', 'GET', '/v1/queue')).json<Queue>();
    const his = (await send('otto', 'GET', '/v1/queue')).json<Queue>();
    const places = (queue: Queue) =>
      queue.entries
        .filter(({ run }) => run.project === 'shop')
        .map(({ run, position }) => [run.id, position]);
    expect(his.held).toBe(all.held);
    expect(places(his)).toEqual(places(all));
  });

  test('the head of his own class has no name when it is not his to see', async () => {
    const { entries } = (await send('ada', 'GET', '/v1/queue')).json<Queue>();
    const { run, reason } = entries.find(({ run }) => run.project === 'shop') ?? {};
    expect(reason).toMatchObject({ kind: 'behind', head: expect.stringContaining('secret-friend') });
    const answer = await send('otto', 'GET', `/v1/runs/${run?.id}/explanation`);
    expect(answer.json().reason).toEqual({ ...reason, head: null });
  });
});

interface Queue {
  readonly held: number;
  readonly entries: readonly {
    readonly run: { readonly id: string; readonly project: string };
    readonly position: number;
    readonly reason: object;
  }[];
}
