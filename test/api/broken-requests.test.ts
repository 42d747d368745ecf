/** What is hardly a request, over a real connection: refused with a code, and the server goes on. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Problem } from '../../src/api/contract.ts';
import { openPlace, type Place } from './place.ts';

let place: Place;
let url: URL;

beforeAll(async () => {
  place = await openPlace({ withLoop: false });
  url = new URL(await place.api.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => place.dispose());

/** What is answered to bytes as they are, until the server ends the connection. */
function answerTo(...pieces: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    // The server may end it while we still write.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    for (const piece of pieces) socket.write(piece);
  });
}

const post = (headers: string, body: string): string =>
  `POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const json = 'Content-Type: application/json\r\n';

test.each([
  [
    'a header of 1 MB',
    [`GET /v1/pools HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(1_000_000)}`],
    431,
    'headers-too-large',
  ],
  [
    'two thousand headers',
    [`GET /v1/pools HTTP/1.1\r\n${'X-Many: 0123456789\r\n'.repeat(2_000)}\r\n`],
    431,
    'headers-too-large',
  ],
  [
    'an address of 1 MB',
    [`GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    431,
    'headers-too-large',
  ],
  ['no HTTP', ['hello\r\n\r\n'], 400, 'request-invalid'],
  ['JSON that is not', [post(json, '{"content": ')], 400, 'request-invalid'],
  ['JSON that is no object', [post(json, '[1]')], 400, 'request-invalid'],
  ['an empty body', [post(json, '')], 400, 'request-invalid'],
  ['a key that poisons prototypes', [post(json, '{"__proto__": {"a": 1}}')], 400, 'request-invalid'],
  [
    'a form',
    [post('Content-Type: application/x-www-form-urlencoded\r\n', 'a=b')],
    415,
    'media-type-unsupported',
  ],
  ['no type', [post('', 'a=b')], 415, 'media-type-unsupported'],
  ['a body of 2 MB', [post(json, `"${'x'.repeat(2_000_000)}"`)], 413, 'request-too-large'],
] as const)('%s', async (_what, pieces, status, code) => {
  const answer = await answerTo(...pieces);
  expect(answer.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
  const problem: Problem = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
  expect(problem).toMatchObject({ code, status });
  expect(problem.detail).not.toMatch(/\n/);
  expect((await fetch(new URL('/healthz', url))).status).toBe(200);
});
