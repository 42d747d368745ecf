/**
 * PostgreSQL that is away for a while, refuses, or does not get on: what users are told, and that
 * the store works again by itself. Nobody is ever told a password.
 */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStore } from '../../../../src/adapters/sql/postgres/open-postgres.ts';
import type { PostgresSettings } from '../../../../src/adapters/sql/postgres/settings.ts';
import { CodedError } from '../../../../src/core/errors/catalogue.ts';
import type { Store } from '../../../../src/ports/store.ts';
import { aFinishedRun, allPages } from '../../../conformance/store-builders.ts';
import { PostgresServer, withPostgres } from './postgres-server.ts';

async function refusal(work: Promise<unknown>): Promise<CodedError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CodedError)) throw new Error(`not refused as it should be: ${String(error)}`);
  return error;
}

async function once(work: () => Promise<unknown>): Promise<void> {
  for (const giveUpAtMs = Date.now() + 20_000; ; ) {
    try {
      await work();
      return;
    } catch (error) {
      if (Date.now() > giveUpAtMs) throw error;
    }
  }
}

withPostgres('PostgreSQL', () => {
  let server: PostgresServer;
  let settings: PostgresSettings;
  let store: Store;
  beforeAll(async () => {
    server = await PostgresServer.start({ isDurable: true });
    settings = await server.database();
    store = await openPostgresStore(settings);
  });
  afterAll(async () => {
    await store.close();
    await server.dispose();
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`stopped by ${signal} while it is written to, it is said to be away, and the store goes on when it is back`, async () => {
      const writing = Array.from({ length: 20 }, (_, n) =>
        store.recordFinished([aFinishedRun(`${signal}-${n}`)]).catch((error: unknown) => error),
      );
      await Promise.race(writing);
      await server.stop(signal);
      const results = await Promise.all(writing);
      const acknowledged = results.flatMap((result, n) => (Array.isArray(result) ? [`${signal}-${n}`] : []));
      expect(acknowledged.length).toBeGreaterThan(0);
      const failures = results.filter((result) => !Array.isArray(result));
      expect(failures.map((one) => (one instanceof CodedError ? one.code : one))).toEqual(
        failures.map(() => 'store-unreachable'),
      );
      for (const ask of [() => store.ping(), () => store.marks(), () => store.mark([])]) {
        const { code, message, status } = await refusal(ask());
        expect([code, status]).toEqual(['store-unreachable', 503]);
        expect(message).toContain(server.url('store_1'));
        expect(message).not.toContain('told');
      }

      await server.start();
      await once(() => store.ping());
      await store.recordFinished([aFinishedRun(`${signal}-after`)]);
      const kept = await allPages(store, 1000);
      expect(acknowledged.filter((id) => !kept.some((one) => one === id))).toEqual([]);
      expect(kept).toContain(`${signal}-after`);
    });
  }

  test('connections that the server ends between two questions are made anew', async () => {
    await Promise.all([store.marks(), store.marks(), store.marks()]);
    await server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'store_1' and pid <> pg_backend_pid()`,
    );
    await once(() => store.marks());
    await store.recordFinished([aFinishedRun('after the end of all connections')]);
  });

  test('one that hangs in the middle of a write lets the others go on', async () => {
    const other = await server.connect('store_1');
    await other.query(
      `begin; select pg_advisory_xact_lock(${0x50_65_6e_73}, hashtext(coalesce(current_schema(), '')))`,
    );
    const waiting = store.recordFinished([aFinishedRun('behind')]);
    const { code } = await refusal(waiting);
    expect(code).toBe('store-unreachable');
    // Reading waits for nobody, and the connections that waited in vain are good again.
    await store.marks();
    await other.query('rollback');
    await Promise.all([1, 2, 3, 4, 5].map((n) => store.recordFinished([aFinishedRun(`behind-${n}`)])));
    await other.end();
  });

  test('who may not come in is told so, without the password', async () => {
    const wrong = { ...settings, password: 'wrong-word' };
    const first = await refusal(openPostgresStore(wrong));
    expect([first.code, first.field]).toEqual(['store-refused', 'store.url']);
    expect(first.message).toMatch(/password authentication failed for user "penstock"/);
    expect(first.message).not.toContain('wrong-word');
    const second = await refusal(openPostgresStore({ ...settings, url: server.url('nowhere') }));
    expect(second.message).toMatch(/database "nowhere" does not exist/);
  });

  test('a database that cannot hold any text is refused', async () => {
    await server.query(
      `create database latin template template0 encoding 'LATIN1' locale 'C' locale_provider libc`,
    );
    const { code, message } = await refusal(openPostgresStore({ ...settings, url: server.url('latin') }));
    expect([code, message]).toEqual([
      'store-refused',
      `store.url: ${server.url('latin')} has the encoding LATIN1; it must be UTF8.`,
    ]);
  });

  test('a password may come from a file, and be another one later', async () => {
    const file = join(tmpdir(), `penstock-password-${process.pid}`);
    await writeFile(file, `${server.password}\n`, { mode: 0o600 });
    const own = await openPostgresStore({ ...settings, password: null, passwordFile: file });
    await own.ping();
    await own.close();
  });

  test('nobody at the address: it is tried for a while, and then said', async () => {
    const url = 'postgres://penstock@127.0.0.1:1/store';
    const { code, message } = await refusal(openPostgresStore({ ...settings, url }, { waitMs: 500 }));
    expect([code, message]).toEqual([
      'store-unreachable',
      'The database postgres://penstock@127.0.0.1:1/store does not answer: connect ECONNREFUSED 127.0.0.1:1.',
    ]);
  });

  test('what a run printed may have a NUL in it', async () => {
    await store.recordFinished([aFinishedRun('nul', { reason: 'exit\u0000 code', outcome: 'failed' })]);
    const [run] = (await store.finishedRuns({ limit: 1000, before: null })).runs.filter(
      ({ id }) => id === 'nul',
    );
    expect(run?.reason).toBe('exit\u{fffd} code');
  });
});
