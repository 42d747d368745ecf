import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instantQuery } from '../../../src/adapters/prometheus/instant-query.ts';
import { TestPrometheus } from './prometheus-server.ts';

const prometheus = new TestPrometheus();
beforeEach(() => prometheus.listen());
afterEach(() => prometheus.close());

test('a vector: labels, values and the clock of the server', async () => {
  prometheus.aheadMs = 7_000;
  prometheus.shows('up', [
    [{ job: 'a' }, '1'],
    [{ job: 'b' }, 'NaN'],
    [{ job: 'c' }, '-Inf'],
    [{ job: 'd' }, '1.5e+3'],
  ]);
  expect(await prometheus.ask('up')).toEqual({
    kind: 'series',
    series: [
      { labels: { job: 'a' }, value: 1 },
      { labels: { job: 'b' }, value: Number.NaN },
      { labels: { job: 'c' }, value: Number.NEGATIVE_INFINITY },
      { labels: { job: 'd' }, value: 1500 },
    ],
    evaluatedAtMs: prometheus.nowMs + 7_000,
    answeredAtMs: prometheus.nowMs,
    roundTripMs: 0,
  });
});

test('a scalar is a series without labels', async () => {
  const body = '{"status":"success","data":{"resultType":"scalar","result":[1700000000.5,"3"]}}';
  prometheus.replies.set('3', { kind: 'raw', status: 200, body });
  expect(await prometheus.ask('3')).toMatchObject({
    series: [{ labels: {}, value: 3 }],
    evaluatedAtMs: 1_700_000_000_500,
  });
});

test('the token goes along, and not when there is none', async () => {
  prometheus.shows('up', []);
  await prometheus.ask('up');
  prometheus.token = 'secret';
  await prometheus.ask('up');
  expect(prometheus.asked.slice(-2).map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    'Bearer secret',
  ]);
});

describe('what is no answer is a failure in one line', () => {
  test.each([
    [
      'an error of Prometheus',
      400,
      '{"status":"error","errorType":"execution","error":"query timed out\\nin eval"}',
      /^execution: query timed out in eval$/,
    ],
    ['a page', 200, '<html>', /^its answer is not one of Prometheus$/],
    ['a page with a status', 503, '<html>', /^it answered with status 503$/],
    ['a redirect', 302, '', /^it answered with status 302$/],
    [
      'a matrix',
      200,
      '{"status":"success","data":{"resultType":"matrix","result":[]}}',
      /not one of Prometheus/,
    ],
    [
      'a value that is no number',
      200,
      '{"status":"success","data":{"resultType":"scalar","result":[1,"many"]}}',
      /not one of Prometheus/,
    ],
    ['nothing', 200, '', /not one of Prometheus/],
    ['a huge answer', 200, ' '.repeat(5 * 1024 * 1024), /^its answer is larger than 4194304 bytes$/],
  ])('%s', async (_, status, body, why) => {
    prometheus.replies.set('q', { kind: 'raw', status, body });
    expect(await prometheus.ask('q')).toEqual({ kind: 'failed', why: expect.stringMatching(why) });
  });

  test('a server that is slow', async () => {
    prometheus.replies.set('q', { kind: 'silence' });
    expect(await prometheus.ask('q', 100)).toEqual({ kind: 'failed', why: 'no answer within 100 ms' });
  });

  test('a server that is not there', async () => {
    const port = await freePort();
    const server = { ...prometheus.server(), url: `http://127.0.0.1:${port}` };
    expect(await instantQuery(server, 'q', new AbortController().signal)).toEqual({
      kind: 'failed',
      why: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('a token that cannot be read', async () => {
    const server = { ...prometheus.server(), bearerToken: () => Promise.reject(new Error('ENOENT: token')) };
    expect(await instantQuery(server, 'q', new AbortController().signal)).toEqual({
      kind: 'failed',
      why: 'ENOENT: token',
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
