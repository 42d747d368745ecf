/**
 * Opens the default store: one SQLite file. Everything that only SQLite has is in this
 * file; the queries beside it run on any database.
 *
 * WAL, because readers then never wait for the writer. `synchronous` is FULL: the engine
 * is told to forget a finished run once it is recorded here, so a record that a power cut
 * could take back would be lost for good. It costs one fsync for each commit, and there is
 * a commit for each pass of the loop, not for each run.
 */
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Store } from '../../ports/store.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './schema.ts';
import { SqlStore } from './sql-store.ts';
import { makeFolder, openError } from './sqlite-file.ts';

/** A command may write for a moment while another process does. */
const BUSY_MS = 5_000;

/** Makes the file and its folder where they are missing, and brings the schema up to date. */
export async function openSqliteStore(path: string): Promise<Store> {
  // Loaded here and not above: together they take longer than all of `penstock --help` may.
  const [{ default: Sqlite }, { Kysely, SqliteDialect }] = await Promise.all([
    import('better-sqlite3'),
    import('kysely'),
  ]);
  await makeFolder(dirname(path));
  let database: Database | null = null;
  try {
    database = new Sqlite(path, { timeout: BUSY_MS });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
    await migrate(db, { name: path, instead: 'another --data folder' });
    return new SqlStore(db);
  } catch (cause) {
    database?.close();
    throw openError(path, cause);
  }
}
