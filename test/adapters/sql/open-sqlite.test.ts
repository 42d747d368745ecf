import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate } from '../../../src/adapters/sql/migrate.ts';
import { MIGRATIONS, type Migration } from '../../../src/adapters/sql/migrations/all.ts';
import { openSqliteStore } from '../../../src/adapters/sql/open-sqlite.ts';
import type { Tables } from '../../../src/adapters/sql/schema.ts';
import { aFinishedRun } from '../../conformance/store-builders.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-sqlite-'));
  path = join(folder, 'penstock.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A look at the file past our own code. */
function look<Result>(read: (database: Sqlite.Database) => Result): Result {
  const database = new Sqlite(path);
  try {
    return read(database);
  } finally {
    database.close();
  }
}

function tablesAndIndices(): readonly unknown[] {
  return look((database) => database.prepare('select name, sql from sqlite_master order by name').all());
}

async function migrateWith(migrations: readonly Migration[]): Promise<void> {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Sqlite(path) }) });
  try {
    await migrate(db, { name: path, instead: 'another' }, migrations);
  } finally {
    await db.destroy();
  }
}

test('the folder is made for its owner only, and the file is in WAL mode', async () => {
  const nested = join(folder, 'a', 'b');
  path = join(nested, 'penstock.db');
  await (await openSqliteStore(path)).close();
  expect((await stat(nested)).mode & 0o777).toBe(0o700);
  expect(look((database) => database.pragma('journal_mode', { simple: true }))).toBe('wal');
});

test('a schema newer than this program is refused and left alone', async () => {
  await (await openSqliteStore(path)).close();
  look((database) => database.exec('update schema_version set version = 99'));
  const before = tablesAndIndices();
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'data-too-new' });
  await expect(openSqliteStore(path)).rejects.toThrow(
    `${path} was written by a newer Penstock (schema 99, this one knows up to ${MIGRATIONS.length}); use that version or a later one, or another --data folder.`,
  );
  expect(tablesAndIndices()).toEqual(before);
});

test('opening again changes nothing, and a later migration keeps what is there', async () => {
  const store = await openSqliteStore(path);
  await store.recordFinished([aFinishedRun('kept')]);
  await store.close();
  const before = tablesAndIndices();
  await migrateWith(MIGRATIONS);
  expect(tablesAndIndices()).toEqual(before);

  const addTable: Migration = (tx) => tx.schema.createTable('later').addColumn('id', 'text').execute();
  await migrateWith([...MIGRATIONS, addTable]);
  await migrateWith([...MIGRATIONS, addTable]);
  const kept = look((database) => database.prepare('select id from finished_run').all());
  expect(kept).toEqual([{ id: 'kept' }]);
  expect(look((database) => database.prepare('select version from schema_version').all())).toEqual([
    { version: MIGRATIONS.length + 1 },
  ]);
});

test('a migration that fails takes back all that were applied with it', async () => {
  await (await openSqliteStore(path)).close();
  const before = tablesAndIndices();
  const good: Migration = (tx) => tx.schema.createTable('later').addColumn('id', 'text').execute();
  const bad: Migration = (tx) => tx.schema.dropTable('never made').execute();
  await expect(migrateWith([...MIGRATIONS, good, bad])).rejects.toThrow('no such table');
  expect(tablesAndIndices()).toEqual(before);
  await (await openSqliteStore(path)).close();
});

test('a file that is no database is refused, and stays as it is', async () => {
  await writeFile(path, 'this is not a database, and long enough to be looked at as one. '.repeat(20));
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'data-damaged' });
  expect((await stat(path)).size).toBe(64 * 20);
});

test('a place that cannot be written is refused', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(openSqliteStore(join(folder, 'file', 'penstock.db'))).rejects.toMatchObject({
    code: 'data-unwritable',
  });
  await expect(openSqliteStore(folder)).rejects.toMatchObject({ code: 'data-unwritable' });
});

test.runIf(process.platform === 'linux')('a place where nothing can be made is refused too', async () => {
  await expect(openSqliteStore('/proc/penstock/below/penstock.db')).rejects.toMatchObject({
    code: 'data-unwritable',
  });
});

test('pages, samples and forecasts are found by index, not by reading all of history', async () => {
  const store = await openSqliteStore(path);
  await store.recordFinished([aFinishedRun('a'), aFinishedRun('b')]);
  await store.close();
  const plan = (sql: string) =>
    look((database) =>
      database
        .prepare<[], { readonly detail: string }>(`explain query plan ${sql}`)
        .all()
        .map((row) => row.detail)
        .join('; '),
    );
  const plans = [
    plan(
      'select * from finished_run where finished_at_ms <= 5 and (finished_at_ms < 5 or seq < 3) order by finished_at_ms desc, seq desc limit 9',
    ),
    plan(
      "select * from sample where project = 'p' and content_hash = 'c' order by started_at_ms desc, seq desc limit 9",
    ),
    plan('select * from sample_series order by newest_started_at_ms desc, newest_seq desc limit 9'),
    plan('select * from forecast where settled_at_ms is null and unfinished = 0'),
    plan('select max(seq) from finished_run'),
  ];
  for (const text of plans) {
    expect(text).toMatch(/USING (COVERING )?INDEX/);
    expect(text).not.toContain('TEMP B-TREE');
  }
});
