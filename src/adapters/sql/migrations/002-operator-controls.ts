/**
 * What operators ordered: pauses, caps of tenants, runs moved to the front; and the audit
 * log of all such orders.
 */
import type { Tx } from '../schema.ts';

export async function operatorControls(tx: Tx): Promise<void> {
  // `name` is empty where everything is paused: a key has no nulls.
  await tx.schema
    .createTable('pause')
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('given_by', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('since_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('pause_key', ['scope', 'name'])
    .execute();
  await tx.schema
    .createTable('tenant_cap')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('pool', 'text', (column) => column.notNull())
    .addColumn('units', 'integer', (column) => column.notNull())
    .addColumn('given_by', 'text', (column) => column.notNull())
    .addColumn('since_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('tenant_cap_key', ['tenant', 'pool'])
    .execute();
  // `place` counts up with each move: the highest is the first.
  await tx.schema
    .createTable('front')
    .addColumn('run_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('place', 'bigint', (column) => column.notNull())
    .addColumn('given_by', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await tx.schema
    .createTable('audit')
    .addColumn('seq', 'bigint', (column) => column.primaryKey().notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('given_by', 'text', (column) => column.notNull())
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('about', 'text', (column) => column.notNull())
    .addColumn('detail', 'text')
    .execute();
}
