/**
 * Opens the store in PostgreSQL. Everything that only PostgreSQL has is in this folder; the
 * queries beside it run on any database.
 *
 * Always true: of several processes that open it at once one brings the schema up to date, and
 * the others wait for it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { CodedError } from '../../../core/errors/catalogue.ts';
import type { Log } from '../../../ports/log.ts';
import type { Store } from '../../../ports/store.ts';
import { makeVersionTable, migrate } from '../migrate.ts';
import type { Tables } from '../schema.ts';
import { SqlStore } from '../sql-store.ts';
import { Turns } from '../turns.ts';
import type { Waits } from './pool.ts';
import { nameOf, type PostgresSettings } from './settings.ts';

/** A database that is just being started is waited for. */
const OPEN_WITHIN_MS = 30_000;
/** Long tables take their time, and so does another process that is at it. */
const MIGRATION_MS = 10 * 60_000;
const MIGRATING: Waits = { lockMs: MIGRATION_MS, statementMs: MIGRATION_MS, answerMs: MIGRATION_MS };
const VERSION_LEAST = 140_000;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 3_000;

export interface OpenOptions {
  readonly waitMs?: number;
  /** Given where the process stays and wants to hear of what others change. */
  readonly log?: Log | null;
}

/** @throws CodedError store-unreachable, store-refused, data-too-new */
export async function openPostgresStore(
  settings: PostgresSettings,
  { waitMs = OPEN_WITHIN_MS, log = null }: OpenOptions = {},
): Promise<Store> {
  // Loaded here and not above: whoever has no PostgreSQL need not wait for them.
  const [{ Kysely, sql }, { StoreDialect }, { openPool }, { ListeningOthers }] = await Promise.all([
    import('kysely'),
    import('./dialect.ts'),
    import('./pool.ts'),
    import('./listening-others.ts'),
  ]);
  const connected = (waits?: Waits): Kysely<Tables> =>
    new Kysely<Tables>({ dialect: new StoreDialect(openPool(settings, waits)) });
  const migrating = connected(MIGRATING);
  try {
    await whenReachable(waitMs, () => upToDate(migrating, settings));
  } finally {
    await migrating.destroy();
  }
  const db = connected();
  const notify = (channel: string, payload: string): Promise<unknown> =>
    sql`select pg_notify(${channel}, ${payload})`.execute(db);
  const others = new ListeningOthers(settings, { notify, log });
  return new SqlStore(db, { others, turns: new Turns() });
}

async function upToDate(db: Kysely<Tables>, settings: PostgresSettings): Promise<void> {
  await checkServer(db, settings);
  // Under the lock: two that make a table at once meet in PostgreSQL's own catalogue.
  await db.transaction().execute(makeVersionTable);
  await migrate(db, { name: nameOf(settings), instead: 'another database' });
}

/** Sessions that end when they are idle came with 14; and names and reasons are in any script. */
async function checkServer(db: Kysely<Tables>, settings: PostgresSettings): Promise<void> {
  const { sql } = await import('kysely');
  const asked = sql<{ version: number; encoding: string }>`
    select current_setting('server_version_num')::integer as version, current_setting('server_encoding') as encoding`;
  const { version = 0, encoding = '' } = (await asked.execute(db)).rows[0] ?? {};
  const why =
    version < VERSION_LEAST
      ? `is PostgreSQL ${Math.floor(version / 10_000)}; it must be 14 or later`
      : `has the encoding ${encoding}; it must be UTF8`;
  if (version >= VERSION_LEAST && encoding === 'UTF8') return;
  throw new CodedError('store-refused', `store.url: ${nameOf(settings)} ${why}.`, { field: 'store.url' });
}

async function whenReachable(waitMs: number, work: () => Promise<void>): Promise<void> {
  const giveUpAtMs = performance.now() + waitMs;
  for (let delayMs = RETRY_MIN_MS; ; delayMs = Math.min(2 * delayMs, RETRY_MAX_MS)) {
    try {
      return await work();
    } catch (error) {
      const isOutage = error instanceof CodedError && error.code === 'store-unreachable';
      if (!isOutage || performance.now() + delayMs >= giveUpAtMs) throw error;
    }
    await pause(delayMs);
  }
}
