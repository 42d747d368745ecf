/** Who leads among several processes on one database. */
import type { Tx } from '../schema.ts';

export async function leader(tx: Tx): Promise<void> {
  // One row. `renewed_at_ms` is by the database's own clock; `gone` is 1 once the leader gave up leading.
  await tx.schema
    .createTable('leader')
    .addColumn('only_row', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('renewed_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('gone', 'integer', (column) => column.notNull())
    .execute();
}
