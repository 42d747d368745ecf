/**
 * Several processes on one database at once: each is a process of its own here, so that nothing
 * but the database keeps them from one another.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openPostgresStore } from '../../../../src/adapters/sql/postgres/open-postgres.ts';
import type { PostgresSettings } from '../../../../src/adapters/sql/postgres/settings.ts';
import { below, randomStream } from '../../../../src/core/random/random.ts';
import { allPages } from '../../../conformance/store-builders.ts';
import { type Child, startChild } from '../child-lines.ts';
import { PostgresServer, withPostgres } from './postgres-server.ts';

const KILLS = 10;
const LINES_MAX = 60;

withPostgres('several processes on one PostgreSQL', () => {
  let server: PostgresServer;
  let settings: PostgresSettings;
  let children: Child[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.dispose());
  beforeEach(async () => {
    settings = await server.database();
    children = [];
    return async () => {
      await Promise.all(children.map((child) => child.kill('SIGKILL')));
    };
  });

  function start(what: string, ...args: readonly string[]): Child {
    const child = startChild(new URL('./store-user.ts', import.meta.url), [
      JSON.stringify(settings),
      what,
      ...args,
    ]);
    children.push(child);
    return child;
  }

  test('four that open a new database at once find one schema', async () => {
    const openers = [1, 2, 3, 4].map(() => start('open'));
    await Promise.all(openers.map((opener) => opener.ended));
    expect(openers.map(({ lines }) => lines)).toEqual(openers.map(() => ['open']));
    const [row] = await server.query(
      'select count(*)::int as rows from schema_version',
      databaseOf(settings),
    );
    expect(row).toEqual({ rows: 1 });
  });

  test('of 100 test runs asked for at one instant by two processes one is accepted', async () => {
    const askers = ['a', 'b'].map((name) => start('ask', name, '50'));
    await Promise.all(askers.map((asker) => asker.linesReach(1)));
    for (const asker of askers) asker.send('go');
    await Promise.all(askers.map((asker) => asker.ended));
    const answers = askers.flatMap(({ lines }) => lines.slice(1));
    expect(answers).toHaveLength(100);
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'too-soon')).toHaveLength(99);
    const store = await openPostgresStore(settings);
    const { testRuns } = await store.testRuns.testRuns({
      identity: 'penstock:audit',
      limit: 10,
      before: null,
    });
    const { entries } = await store.audit({ limit: 10, before: null });
    expect([testRuns.length, entries.length]).toEqual([1, 1]);
    await store.close();
  });

  test('two that change policies at once never change a state that they have not seen', async () => {
    const changers = ['a', 'b'].map((name) => start('change', name, '40'));
    await Promise.all(changers.map((changer) => changer.linesReach(1)));
    for (const changer of changers) changer.send('go');
    await Promise.all(changers.map((changer) => changer.ended));
    const versions = changers.flatMap(({ lines }) => lines.slice(1));
    // Each said which version it made; no two made the same.
    expect(versions).toHaveLength(80);
    expect(new Set(versions).size).toBe(80);
    const store = await openPostgresStore(settings);
    expect((await store.policies.state()).version).toBe(80);
    await store.close();
  });

  test('two that claim the same launches at once get each of them once', async () => {
    const store = await openPostgresStore(settings);
    const claimers = ['a', 'b'].map((name) => start('claim', name, '100'));
    await Promise.all(claimers.map((claimer) => claimer.linesReach(1)));
    for (const claimer of claimers) claimer.send('go');
    await Promise.all(claimers.map((claimer) => claimer.ended));
    const claimed = claimers.flatMap(({ lines }) => lines.slice(1));
    expect(claimed).toHaveLength(100);
    expect(new Set(claimed).size).toBe(100);
    await store.close();
  });

  test('killed ten times while another goes on, the store has every run it acknowledged, once', async () => {
    const seed = 20_261_125;
    const moments = randomStream(seed, 'kill moments');
    const steady = start('record', '1000000', 'steady');
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const writer = start('record', String(kill * 10_000), `killed-${kill}`);
      await writer.linesReach(1 + below(moments, LINES_MAX));
      await writer.kill('SIGKILL');
      expect(writer.lines.length, `seed ${seed}`).toBeGreaterThan(0);
      acknowledged.push(...writer.lines);
    }
    await steady.kill('SIGKILL');
    acknowledged.push(...steady.lines);

    const store = await openPostgresStore(settings);
    const kept = await allPages(store, 1_000);
    const samples = await store.samples({ perSeries: 100_000, limit: 100_000 });
    const settled = await store.settleForecasts(1);
    await store.close();
    const known = new Set<string>(kept);
    expect(known.size).toBe(kept.length);
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    expect(samples.map(({ runId }) => runId).toSorted()).toEqual(kept.toSorted());
    // Each forecast was about the three runs of one transaction.
    expect(settled).toHaveLength(kept.length / 3);
    const [numbers] = await server.query(
      'select count(*)::int as rows, max(seq)::int as last from finished_run',
      databaseOf(settings),
    );
    // Numbers were given one after the other, whoever recorded.
    expect(numbers).toEqual({ rows: kept.length, last: kept.length });
  });

  test('what one changes the other is told', async () => {
    const heard: string[] = [];
    const lines = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const listener = await openPostgresStore(settings, { log: lines });
    listener.policies.changes.subscribe(() => heard.push('policies'));
    listener.testRuns.changes.subscribe((id) => heard.push(id));
    const teller = start('tell');
    const tellAgain = () => {
      teller.send('again');
      return heard;
    };
    await expect.poll(tellAgain, { timeout: 20_000 }).toContain('policies');
    await expect.poll(() => heard.some((one) => one.startsWith('t-')), { timeout: 20_000 }).toBe(true);
    await listener.close();
  });
});

function databaseOf({ url }: PostgresSettings): string {
  return new URL(url).pathname.slice(1);
}
