/** What each run's first forecast said, and what came of it. */
import type { Tx } from '../schema.ts';

export async function runForecasts(tx: Tx): Promise<void> {
  // `started_at_ms` and `finished_at_ms` are the truth; `settled` is 1 once it is known.
  await tx.schema
    .createTable('run_forecast')
    .addColumn('run_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('made_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('start_at_ms', 'text', (column) => column.notNull())
    .addColumn('finish_at_ms', 'text', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint')
    .addColumn('finished_at_ms', 'bigint')
    .addColumn('settled', 'integer', (column) => column.notNull())
    .execute();
  await tx.schema
    .createIndex('run_forecast_newest')
    .on('run_forecast')
    .columns(['settled', 'made_at_ms'])
    .execute();
}
