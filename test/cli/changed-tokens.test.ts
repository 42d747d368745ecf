/** Tokens that are added or taken away while `serve` runs. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newToken, tokenHash } from '../../src/documents/access-token.ts';
import { openWorkplace, type Server, type Workplace } from './binary.ts';

const ada = newToken();
const otto = newToken();
const LINE = {
  ada: { name: 'ada', role: 'admin', sha256: tokenHash(ada) },
  otto: { name: 'otto', role: 'viewer', projects: ['shop'], sha256: tokenHash(otto) },
};

let place: Workplace;
let server: Server;

beforeEach(async () => {
  place = await openWorkplace();
});
afterEach(() => place.dispose());

const write = (tokens: readonly object[], more: object = {}) =>
  place.write('penstock.yaml', JSON.stringify({ pools: { runs: { size: 2 } }, access: { tokens }, ...more }));

const soon = <T>(state: () => T) => expect.poll(state, { timeout: 30_000 });

async function statusOf(token: string | null): Promise<number> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(`${server.url}/v1/pools`, { headers })).status;
}

/** The log until now, by asking for what has to be in it. */
function logged(): { has(text: RegExp): Promise<void> } {
  let log = '';
  server.process.stderr?.on('data', (chunk: Buffer | string) => {
    log += String(chunk);
  });
  return { has: async (text) => soon(() => log).toMatch(text) };
}

test('an added one counts, one that is gone does not any more', async () => {
  await write([LINE.ada]);
  server = await place.serve();
  expect([await statusOf(ada), await statusOf(otto)]).toEqual([200, 401]);
  await write([LINE.ada, LINE.otto]);
  await soon(() => statusOf(otto)).toBe(200);
  await write([LINE.ada]);
  await soon(() => statusOf(otto)).toBe(401);
  expect(await statusOf(ada)).toBe(200);
});

test('a change that is wrong, or no file at all, leaves them as they were and is told', async () => {
  await write([LINE.ada]);
  server = await place.serve();
  const log = logged();
  await write([{ ...LINE.otto, role: 'boss' }]);
  await log.has(/refused.*role|role.*refused/s);
  expect([await statusOf(ada), await statusOf(otto)]).toEqual([200, 401]);
  await rm(join(place.folder, 'penstock.yaml'));
  await log.has(/There is no file|no such file|file-not-found/i);
  expect(await statusOf(ada)).toBe(200);
  await write([LINE.otto], { paused: true });
  await soon(() => statusOf(otto)).toBe(200);
  await log.has(/waits for a restart/);
  expect(await statusOf(ada)).toBe(401);
});

test('the first one closes the listener to others, and that the last one goes opens nothing', async () => {
  await write([]);
  server = await place.serve();
  expect(await statusOf(null)).toBe(200);
  await write([LINE.ada]);
  await soon(() => statusOf(null)).toBe(401);
  expect(await statusOf(ada)).toBe(200);
  await write([]);
  await soon(() => statusOf(ada)).toBe(401);
  expect(await statusOf(null)).toBe(401);
});
