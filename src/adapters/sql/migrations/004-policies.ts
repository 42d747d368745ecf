/**
 * Scheduled policies: the registry with who is who, the runs made for policies, and the
 * occurrences with their launches.
 */
import type { Tx } from '../schema.ts';

export async function policies(tx: Tx): Promise<void> {
  await registryTables(tx);
  await runTable(tx);
  await launchTables(tx);
}

async function registryTables(tx: Tx): Promise<void> {
  // One row for each identity, also after it was deleted. `policy` and `document` are JSON.
  await tx.schema
    .createTable('policy')
    .addColumn('identity', 'text', (column) => column.primaryKey().notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('source_file', 'text')
    .addColumn('source_place', 'integer')
    .addColumn('policy', 'text', (column) => column.notNull())
    .addColumn('document', 'text', (column) => column.notNull())
    .addColumn('run_content', 'text')
    .addColumn('run_content_hash', 'text', (column) => column.notNull())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('config_hash', 'text', (column) => column.notNull())
    .addColumn('content_known', 'integer', (column) => column.notNull())
    .addColumn('active', 'integer', (column) => column.notNull())
    .addColumn('saved_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('saved_by', 'text', (column) => column.notNull())
    .addColumn('active_since_ms', 'bigint', (column) => column.notNull())
    .addColumn('deleted_at_ms', 'bigint')
    .execute();
  await tx.schema.createIndex('policy_by_name').on('policy').columns(['name', 'deleted_at_ms']).execute();
  // Who bore a name last, also when it bears another one now.
  await tx.schema
    .createTable('policy_name')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    .execute();
}

async function runTable(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('policy_run')
    .addColumn('asked_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('run_id', 'text')
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('policy_name', 'text', (column) => column.notNull())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('config_hash', 'text', (column) => column.notNull())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('branch', 'text')
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('occurrence_key', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await tx.schema.createIndex('policy_run_observed').on('policy_run').column('run_id').execute();
  await tx.schema
    .createIndex('policy_run_newest')
    .on('policy_run')
    .columns(['identity', 'created_at_ms'])
    .execute();
}

async function launchTables(tx: Tx): Promise<void> {
  // `plan` tells the version of policy and projects that it was planned from.
  await tx.schema
    .createTable('occurrence')
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('occurrence_key', 'text', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('starts_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('window_ms', 'bigint', (column) => column.notNull())
    .addColumn('spread', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull().unique())
    .addColumn('verdict', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('asked_by', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('occurrence_key_once', ['identity', 'occurrence_key'])
    .execute();
  await tx.schema
    .createIndex('occurrence_newest')
    .on('occurrence')
    .columns(['identity', 'starts_at_ms'])
    .execute();
  await tx.schema.createIndex('occurrence_begin').on('occurrence').column('starts_at_ms').execute();
  // `branch` is empty for the default branch: a key has no nulls. `seq` counts up as they are planned.
  await tx.schema
    .createTable('launch')
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('occurrence_key', 'text', (column) => column.notNull())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('branch', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull().unique())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('asked_id', 'text')
    .addColumn('run_id', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('retry_at_ms', 'bigint')
    .addColumn('launched_at_ms', 'bigint')
    .addColumn('outcome', 'text')
    .addColumn('ended_at_ms', 'bigint')
    .addPrimaryKeyConstraint('launch_once', ['identity', 'occurrence_key', 'project', 'branch'])
    .execute();
  await tx.schema.createIndex('launch_due').on('launch').columns(['state', 'at_ms']).execute();
  await tx.schema
    .createIndex('launch_order')
    .on('launch')
    .columns(['identity', 'occurrence_key', 'seq'])
    .execute();
  await tx.schema.createIndex('launch_run').on('launch').column('run_id').execute();
  // Up to when all occurrences were looked at; one row.
  await tx.schema
    .createTable('launch_progress')
    .addColumn('only_row', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('looked_until_ms', 'bigint', (column) => column.notNull())
    .execute();
}
