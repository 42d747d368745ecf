/** Who leads of those that share a PostgreSQL: one at a time, and another soon after it is gone. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type LeadershipBounds,
  PostgresLeadership,
} from '../../../../src/adapters/sql/postgres/leadership.ts';
import { openPostgresStore } from '../../../../src/adapters/sql/postgres/open-postgres.ts';
import type { PostgresSettings } from '../../../../src/adapters/sql/postgres/settings.ts';
import type { Standing } from '../../../../src/ports/leadership.ts';
import type { Log } from '../../../../src/ports/log.ts';
import { type Child, startChild } from '../child-lines.ts';
import { PostgresServer, withPostgres } from './postgres-server.ts';

const BOUNDS: LeadershipBounds = { waitMs: 2_000, claimMs: 1_400, everyMs: 100 };
const SOON = { timeout: 30_000, interval: 20 };
const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

withPostgres('leadership in PostgreSQL', () => {
  let server: PostgresServer;
  let settings: PostgresSettings;
  let opened: PostgresLeadership[] = [];
  let children: Child[] = [];
  beforeAll(async () => {
    // As it is made for production: one case ends it the hard way.
    server = await PostgresServer.start({ isDurable: true });
  });
  afterAll(() => server.dispose());
  beforeEach(async () => {
    settings = await server.database();
    await (await openPostgresStore(settings)).close();
    opened = [];
    children = [];
  });
  afterEach(async () => {
    await Promise.all(children.map((child) => child.kill('SIGKILL')));
    await Promise.all(opened.map((one) => one.close()));
  });

  function stand(name: string): PostgresLeadership {
    const leadership = new PostgresLeadership(settings, { name, log: silent, bounds: BOUNDS });
    opened.push(leadership);
    return leadership;
  }

  async function leads(leadership: PostgresLeadership): Promise<Extract<Standing, { kind: 'leading' }>> {
    await expect.poll(() => leadership.standing().kind, SOON).toBe('leading');
    const standing = leadership.standing();
    if (standing.kind !== 'leading') throw new Error('lost again');
    return standing;
  }

  /** Of another process: it prints each standing that it has with the moment it asked. */
  function startStander(name: string): Child {
    const child = startChild(new URL('./stander.ts', import.meta.url), [
      JSON.stringify(settings),
      name,
      JSON.stringify(BOUNDS),
    ]);
    children.push(child);
    return child;
  }

  test('the first leads at once, and the other knows who it is', async () => {
    const beganAtMs = Date.now();
    const a = stand('a');
    const { term, untilMs, formerEndMs } = await leads(a);
    expect(term).toBe(1);
    expect(untilMs).toBeGreaterThan(beganAtMs);
    expect(untilMs).toBeLessThanOrEqual(Date.now() + BOUNDS.claimMs);
    expect(formerEndMs).toBeLessThanOrEqual(Date.now());
    const b = stand('b');
    await expect.poll(() => b.standing(), SOON).toEqual({ kind: 'following', leader: 'a' });
    expect(a.standing().kind).toBe('leading');
  });

  test('who goes in order is followed at once', async () => {
    const a = stand('a');
    await leads(a);
    const b = stand('b');
    await expect.poll(() => b.standing(), SOON).toEqual({ kind: 'following', leader: 'a' });
    const heard: string[] = [];
    b.onChange(() => heard.push(b.standing().kind));
    await a.close();
    expect(a.standing().kind).toBe('following');
    await leads(b);
    expect(heard.at(-1)).toBe('leading');
  });

  test('one that is killed is followed once it cannot claim to lead any more', async () => {
    const child = startStander('killed');
    await expect.poll(() => child.lines.some((line) => line.startsWith('leading')), SOON).toBe(true);
    const b = stand('b');
    await expect.poll(() => b.standing(), SOON).toEqual({ kind: 'following', leader: 'killed' });
    await child.kill('SIGKILL');
    await leads(b);
    const wonAtMs = Date.now();
    // Both are processes of this machine, so that their clocks are one.
    const claimedUntilMs = Math.max(...child.lines.map((line) => Number(line.split(' ')[1] ?? 0)));
    expect(wonAtMs).toBeGreaterThanOrEqual(claimedUntilMs);
  });

  test('one that is stopped for a while has lost it when it goes on', async () => {
    const child = startStander('stopped');
    await expect.poll(() => child.lines.some((line) => line.startsWith('leading')), SOON).toBe(true);
    const b = stand('b');
    process.kill(child.pid, 'SIGSTOP');
    const { formerEndMs } = await leads(b);
    const before = child.lines.length;
    process.kill(child.pid, 'SIGCONT');
    await child.linesReach(before + 20);
    const later = child.lines.slice(before).filter((line) => line.startsWith('leading'));
    // What it claims after that is a claim that had ended before the other began, or none at all.
    expect(later.filter((line) => Number(line.split(' ')[1]) > formerEndMs)).toEqual([]);
    expect(b.standing().kind).toBe('leading');
  });

  test('without its connection it leads no more, and never together with another', async () => {
    const standers = [stand('a'), stand('b'), stand('c')];
    const isLeading = (one: PostgresLeadership): boolean => one.standing().kind === 'leading';
    let together = 0;
    const watching = setInterval(() => {
      if (standers.filter(isLeading).length > 1) together += 1;
    }, 5);
    const terms: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      await expect.poll(() => standers.filter(isLeading).length, SOON).toBe(1);
      const leader = standers.find(isLeading);
      terms.push(`${standers.indexOf(leader as PostgresLeadership)}`);
      await server.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`,
        new URL(settings.url).pathname.slice(1),
      );
      await expect.poll(() => leader?.standing().kind, SOON).toBe('following');
    }
    await expect.poll(() => standers.filter(isLeading).length, SOON).toBe(1);
    clearInterval(watching);
    expect([terms.length, together]).toEqual([4, 0]);
  });

  test('while the database is away nobody leads, and after that one does', async () => {
    const [a, b] = [stand('a'), stand('b')];
    await expect.poll(() => [a, b].filter((one) => one.standing().kind === 'leading').length, SOON).toBe(1);
    await server.stop('SIGKILL');
    await expect
      .poll(() => [a, b].map((one) => one.standing()), SOON)
      .toEqual([a, b].map(() => ({ kind: 'following', leader: null })));
    await server.start();
    await expect.poll(() => [a, b].filter((one) => one.standing().kind === 'leading').length, SOON).toBe(1);
  });
});
