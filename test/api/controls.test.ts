/** Operators' orders over the API: what is sent is what the app answered, and what is wrong says where. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Controls, Ordered } from '../../src/api/contract/controls.ts';
import type { Created } from '../../src/api/contract.ts';
import { openPlace, PIPELINE, type Place } from './place.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace({ withLoop: false });
});
afterEach(() => place.dispose());

const post = (url: string, body?: object) =>
  place.api.inject({ method: 'POST', url, ...(body === undefined ? {} : { body }) });
const get = (url: string) => place.api.inject({ method: 'GET', url });
const everything = { scope: 'everything' };

async function held(count: number): Promise<readonly string[]> {
  const body = { content: PIPELINE, project: 'shop', count };
  return (await post('/v1/runs', body)).json<Created>().ids;
}

const sentWhole = (answer: { json(): unknown }) =>
  expect(answer.json()).toEqual(JSON.parse(JSON.stringify(place.lastAnswer())));

describe('pausing', () => {
  test('is answered with what stands, and told by GET /v1/controls and /v1/audit', async () => {
    await held(2);
    const target = { scope: 'tenant', name: 'shop' };
    const answer = await post('/v1/controls/pause', { target, reason: 'too many failures', by: 'ann' });
    expect(answer.statusCode).toBe(200);
    sentWhole(answer);
    expect(answer.json<Ordered>()).toMatchObject({
      changed: true,
      controls: {
        pauses: [{ target, source: 'order', by: 'ann', reason: 'too many failures', held: 2, inForce: true }],
      },
    });
    const controls = await get('/v1/controls');
    sentWhole(controls);
    expect(controls.json<Controls>().pauses).toHaveLength(1);
    const audit = await get('/v1/audit?limit=5');
    sentWhole(audit);
    expect(audit.json()).toMatchObject({
      entries: [{ by: 'ann', what: 'pause', about: 'tenant shop', detail: 'too many failures' }],
      next: null,
    });
    const resumed = await post('/v1/controls/resume', { target });
    expect(resumed.json<Ordered>()).toMatchObject({ changed: true, controls: { pauses: [] } });
    const page = (await get('/v1/audit?limit=1')).json<{ next: string; entries: object[] }>();
    expect(page.entries).toMatchObject([{ by: 'somebody', what: 'resume' }]);
    const rest = await get(`/v1/audit?before=${page.next}`);
    expect(rest.json()).toMatchObject({ entries: [{ what: 'pause' }], next: null });
  });

  test.each([
    ['no target', {}, 'target'],
    ['a target of no kind', { target: { scope: 'planet' } }, 'target.scope'],
    ['a tenant without a name', { target: { scope: 'tenant' } }, 'target.name'],
    ['everything with a name', { target: { scope: 'everything', name: 'x' } }, 'target.name'],
    ['a reason of two lines', { target: everything, reason: 'a\nb' }, 'reason'],
    ['nobody', { target: everything, by: '' }, 'by'],
    ['an unknown key', { target: everything, why: 'x' }, 'why'],
  ])('with %s is refused with its field', async (_, body, field) => {
    const answer = await post('/v1/controls/pause', body);
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'request-invalid', field }),
    ]);
    expect((await get('/v1/controls')).json<Controls>().pauses).toEqual([]);
  });

  test('a pool that is not configured is refused', async () => {
    const answer = await post('/v1/controls/pause', { target: { scope: 'pool', name: 'vax' } });
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'pool-unknown']);
  });
});

test('a cap is set, read back and taken back', async () => {
  const cap = (units: number | null) => post('/v1/controls/cap', { tenant: 'shop', pool: 'runs', units });
  const answer = await cap(1);
  sentWhole(answer);
  expect(answer.json<Ordered>().controls.caps).toMatchObject([
    { tenant: 'shop', pool: 'runs', units: 1, source: 'order' },
  ]);
  expect((await cap(null)).json<Ordered>().controls.caps).toEqual([]);
  expect((await cap(-1)).json()).toMatchObject({ code: 'request-invalid', field: 'units' });
});

describe('moving to the front', () => {
  test('answers the explanation of the run; with or without a body', async () => {
    const ids = await held(3);
    const answer = await post(`/v1/runs/${ids[2]}/front`, { by: 'ann' });
    expect(answer.statusCode).toBe(200);
    sentWhole(answer);
    expect(answer.json().position).toBe(1);
    expect(answer.json().lines.join('\n')).toContain('It was moved to the front by ann at ');
    await post(`/v1/runs/${ids[1]}/front`);
    const queue = (await get('/v1/queue')).json<{ entries: { run: { id: string } }[] }>();
    expect(queue.entries.map((entry) => entry.run.id)).toContain(ids[0]);
    const fronts = (await get('/v1/controls')).json<Controls>().fronts;
    expect(fronts.map((front) => [front.runId, front.by])).toEqual([
      [ids[1], 'somebody'],
      [ids[2], 'ann'],
    ]);
    await post(`/v1/runs/${ids[1]}/front`, { undo: true });
    expect((await get('/v1/controls')).json<Controls>().fronts).toHaveLength(1);
  });

  test('is refused for a run that nobody knows, or that has finished', async () => {
    const [id] = await held(1);
    await post(`/v1/runs/${id}/cancel`);
    const finished = await post(`/v1/runs/${id}/front`);
    expect([finished.statusCode, finished.json().code]).toEqual([409, 'run-finished']);
    const unknown = await post('/v1/runs/nobody/front');
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'run-unknown']);
  });
});

test.each(['/v1/controls/pause', '/v1/controls/resume', '/v1/controls/cap', '/v1/runs/a/front'])(
  'over TCP nobody can POST %s, and everybody may ask what stands',
  async (url) => {
    const readOnly = place.composition.api('tcp');
    const headers = { host: 'localhost' };
    const answer = await readOnly.inject({ method: 'POST', url, headers, body: { target: everything } });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'read-only']);
    expect((await readOnly.inject({ url: '/v1/controls', headers })).json()).toMatchObject({ pauses: [] });
    expect((await readOnly.inject({ url: '/v1/audit', headers })).json()).toMatchObject({ entries: [] });
    await readOnly.close();
  },
);
