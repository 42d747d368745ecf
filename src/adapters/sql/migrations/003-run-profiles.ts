/**
 * How the work of finished runs was spread over their time. In a table of its own: most who
 * read runs and samples have no use for these long texts.
 */
import type { Tx } from '../schema.ts';

export async function runProfiles(tx: Tx): Promise<void> {
  // A run of whose tasks nothing is known has no row. `profile` is JSON.
  await tx.schema
    .createTable('run_profile')
    .addColumn('run_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('profile', 'text', (column) => column.notNull())
    .execute();
}
