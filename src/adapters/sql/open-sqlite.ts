/**
 * Opens the default store: one SQLite file. Everything that only SQLite has is in this
 * file; the queries beside it run on any database.
 *
 * WAL, because readers then never wait for the writer. `synchronous` is FULL: the engine
 * is told to forget a finished run once it is recorded here, so a record that a power cut
 * could take back would be lost for good. It costs one fsync for each commit, and there is
 * a commit for each pass of the loop, not for each run.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { CodedError } from '../../core/errors/catalogue.ts';
import type { Store } from '../../ports/store.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './schema.ts';
import { SqlStore } from './sql-store.ts';

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
    await migrate(db, path);
    return new SqlStore(db);
  } catch (cause) {
    database?.close();
    throw openError(path, cause);
  }
}

/** Readable by its owner only: it holds what runs printed, and the socket that takes orders. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function openError(path: string, cause: unknown): unknown {
  const code = codeOf(cause);
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return new CodedError(
      'data-damaged',
      `${path} is not a database, or is damaged; put a copy of it back, or use another --data folder.`,
      { cause },
    );
  }
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|IOERR|FULL)/.test(code)) return unwritable(path, cause);
  return cause;
}

function unwritable(path: string, cause: unknown): CodedError {
  return new CodedError(
    'data-unwritable',
    `${path} cannot be written (${codeOf(cause)}); make it writable for this user, or use another --data folder.`,
    { field: 'data', cause },
  );
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'no code';
}
