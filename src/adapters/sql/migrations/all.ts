/**
 * All migrations, oldest first. The version of a schema is the number of migrations it
 * has had.
 *
 * Always true: one that was ever released is never changed, removed or moved; a change of
 * the schema is a new one at the end.
 */
import type { Kysely } from 'kysely';
import { firstTables } from './001-first-tables.ts';

export type Migration = (db: Kysely<unknown>) => Promise<void>;

export const MIGRATIONS: readonly Migration[] = [firstTables];
