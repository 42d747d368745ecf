/**
 * Brings a database to the newest schema.
 *
 * Always true: all that is missing is applied in one transaction or not at all; doing it
 * again changes nothing; a schema newer than this program knows is left alone.
 */
import type { Kysely } from 'kysely';
import { CodedError } from '../../core/errors/catalogue.ts';
import { MIGRATIONS, type Migration } from './migrations/all.ts';
import type { Tables } from './schema.ts';

/** As a user is told of it: its name, and what he may use instead. */
export interface NamedDatabase {
  readonly name: string;
  readonly instead: string;
}

export async function migrate(
  db: Kysely<Tables>,
  where: NamedDatabase,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await makeVersionTable(db);
  await db.transaction().execute(async (tx) => {
    // A write comes first: it makes a second process that migrates wait here, so that what
    // it reads next is what the first one left.
    await tx.updateTable('schema_version').set({ only_row: 1 }).execute();
    const { version } = await tx.selectFrom('schema_version').select('version').executeTakeFirstOrThrow();
    if (version > migrations.length) throw tooNew(where, version, migrations.length);
    if (version === migrations.length) return;
    for (const apply of migrations.slice(version)) await apply(tx);
    await tx.updateTable('schema_version').set({ version: migrations.length }).execute();
  });
}

/** Changes nothing where it is there. */
export async function makeVersionTable(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('schema_version')
    .ifNotExists()
    .addColumn('only_row', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .execute();
  await db
    .insertInto('schema_version')
    .values({ only_row: 1, version: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function tooNew({ name, instead }: NamedDatabase, version: number, known: number): CodedError {
  return new CodedError(
    'data-too-new',
    `${name} was written by a newer Penstock (schema ${version}, this one knows up to ${known}); ` +
      `use that version or a later one, or ${instead}.`,
  );
}
