/** Who may do what: the TCP listener answers questions of this machine, and starts nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../../src/api/server.ts';
import { openPlace, PIPELINE, type Place } from './place.ts';

let place: Place;
let readOnly: Api;

beforeAll(async () => {
  place = await openPlace({ withLoop: true });
  readOnly = place.composition.api('tcp');
});
afterAll(async () => {
  await readOnly.close();
  await place.dispose();
});

test.each(['localhost', 'localhost:7077', '127.0.0.1:7077', '[::1]:7077', 'LOCALHOST'])(
  'a question to %s is answered',
  async (host) => {
    const answer = await readOnly.inject({ method: 'GET', url: '/v1/pools', headers: { host } });
    expect(answer.statusCode).toBe(200);
  },
);

test.each(['penstock.example', 'localhost.example:7077', '127.0.0.1.example'])(
  'a question to "%s" is refused, since a web page may have asked it',
  async (host) => {
    const answer = await readOnly.inject({ method: 'GET', url: '/v1/pools', headers: { host } });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'host-refused']);
  },
);

test.each(['POST', 'PUT', 'DELETE', 'PATCH'] as const)(
  '%s is refused and says what to use',
  async (method) => {
    const body = { content: PIPELINE, project: 'shop' };
    const answer = await readOnly.inject({ method, url: '/v1/runs', headers: { host: 'localhost' }, body });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({
      code: 'read-only',
      detail: expect.stringContaining('penstock.sock'),
    });
    const queue = await readOnly.inject({ url: '/v1/queue', headers: { host: 'localhost' } });
    expect(queue.json().held).toBe(0);
  },
);

test('it is not ready before the first pass', async () => {
  const answer = await readOnly.inject({ url: '/readyz', headers: { host: 'localhost' } });
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'not-ready']);
});
