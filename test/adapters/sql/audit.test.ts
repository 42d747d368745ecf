/** The audit log stays bounded: the oldest entries go. */
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { expect, test } from 'vitest';
import { addToAudit, readAudit } from '../../../src/adapters/sql/audit.ts';
import { migrate } from '../../../src/adapters/sql/migrate.ts';
import type { Tables } from '../../../src/adapters/sql/schema.ts';

test('it keeps the newest entries', async () => {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Sqlite(':memory:') }) });
  await migrate(db, { name: 'memory', instead: 'another' });
  for (const atMs of [1, 2, 3, 4, 5]) {
    await addToAudit(db, { atMs, by: 'ann', what: 'front', about: 'run a', detail: null }, 3);
  }
  const { entries, next } = await readAudit(db, { limit: 10, before: null });
  expect([entries.map((entry) => entry.atMs), next]).toEqual([[5, 4, 3], null]);
  await db.destroy();
});
