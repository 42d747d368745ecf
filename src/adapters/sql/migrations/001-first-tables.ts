/**
 * The first tables: marks, grants, class starts; finished runs and their samples;
 * forecasts and what became of them.
 */
import type { Tx } from '../schema.ts';

export async function firstTables(tx: Tx): Promise<void> {
  await admissionTables(tx);
  await historyTables(tx);
  await forecastTables(tx);
}

async function admissionTables(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('start_mark')
    .addColumn('run_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('marked_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('deadline_ms', 'bigint', (column) => column.notNull())
    .execute();
  // `place` keeps the order in which the grants were given over.
  await tx.schema
    .createTable('capacity_grant')
    .addColumn('run_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('granted_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('promised_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  // `requests` is JSON with sorted keys, so that equal requests are equal text.
  await tx.schema
    .createTable('class_start')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('priority', 'text', (column) => column.notNull())
    .addColumn('requests', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('class_start_key', ['tenant', 'priority', 'requests'])
    .execute();
  await tx.schema.createIndex('class_start_newest').on('class_start').column('at_ms').execute();
}

async function historyTables(tx: Tx): Promise<void> {
  // `seq` counts up in the order of recording: it breaks ties between equal instants.
  await tx.schema
    .createTable('finished_run')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull().unique())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('priority', 'text', (column) => column.notNull())
    .addColumn('requests', 'text', (column) => column.notNull())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('timeout_ms', 'bigint')
    .addColumn('ours', 'integer', (column) => column.notNull())
    .addColumn('held_since_ms', 'bigint', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint')
    .addColumn('finished_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('resource_usage', 'text')
    .execute();
  await tx.schema
    .createIndex('finished_run_newest')
    .on('finished_run')
    .columns(['finished_at_ms', 'seq'])
    .execute();
  await tx.schema
    .createTable('sample')
    .addColumn('run_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('duration_ms', 'bigint', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('timeout_ms', 'bigint')
    .addColumn('resource_usage', 'text')
    .execute();
  await tx.schema
    .createIndex('sample_newest')
    .on('sample')
    .columns(['project', 'content_hash', 'started_at_ms', 'seq'])
    .execute();
  // One row a series, with its newest sample: the way to "the newest of each series"
  // that costs by the number of series and not by the length of history.
  await tx.schema
    .createTable('sample_series')
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('newest_started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('newest_seq', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sample_series_key', ['project', 'content_hash'])
    .execute();
  await tx.schema
    .createIndex('sample_series_newest')
    .on('sample_series')
    .columns(['newest_started_at_ms', 'newest_seq'])
    .execute();
}

async function forecastTables(tx: Tx): Promise<void> {
  // `unfinished` counts the rows of `forecast_run`; `finished_at_ms` is the latest finish so far.
  await tx.schema
    .createTable('forecast')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull().unique())
    .addColumn('made_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('run_ids', 'text', (column) => column.notNull())
    .addColumn('finish_at_ms', 'text', (column) => column.notNull())
    .addColumn('replications', 'integer', (column) => column.notNull())
    .addColumn('seed', 'bigint', (column) => column.notNull())
    .addColumn('unfinished', 'integer', (column) => column.notNull())
    .addColumn('finished_at_ms', 'bigint')
    .addColumn('settled_at_ms', 'bigint')
    .execute();
  await tx.schema.createIndex('forecast_newest').on('forecast').columns(['made_at_ms', 'seq']).execute();
  await tx.schema
    .createIndex('forecast_due')
    .on('forecast')
    .columns(['settled_at_ms', 'unfinished'])
    .execute();
  // The runs a forecast still waits for; a row goes when its run has finished.
  await tx.schema
    .createTable('forecast_run')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('forecast_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('forecast_run_key', ['run_id', 'forecast_id'])
    .execute();
}
