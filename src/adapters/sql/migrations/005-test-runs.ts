/**
 * Test runs of policies: what was accepted and what became of it, when the next one of the
 * same policy may be, and requests that may be repeated.
 */
import type { Tx } from '../schema.ts';

export async function testRuns(tx: Tx): Promise<void> {
  // `seq` counts up in the order of acceptance. `resources` and `ending` are JSON.
  await tx.schema
    .createTable('test_run')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull().unique())
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('policy_name', 'text', (column) => column.notNull())
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('config_hash', 'text', (column) => column.notNull())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('branch', 'text')
    .addColumn('asked_by', 'text', (column) => column.notNull())
    .addColumn('asked_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('asked_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text')
    .addColumn('started_at_ms', 'bigint')
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('reason', 'text')
    .addColumn('resources', 'text', (column) => column.notNull())
    .addColumn('ending', 'text')
    .execute();
  await tx.schema.createIndex('test_run_newest').on('test_run').columns(['identity', 'seq']).execute();
  await tx.schema.createIndex('test_run_open').on('test_run').columns(['ended_at_ms', 'seq']).execute();
  // One row for each identity that ever had one: the last accepted, and the one before it,
  // which counts again when the last is revoked.
  await tx.schema
    .createTable('test_run_turn')
    .addColumn('identity', 'text', (column) => column.primaryKey().notNull())
    .addColumn('accepted_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('before_ms', 'bigint')
    .addColumn('test_run_id', 'text', (column) => column.notNull())
    .execute();
  await tx.schema
    .createTable('idempotency_key')
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('request_hash', 'text', (column) => column.notNull())
    .addColumn('test_run_id', 'text', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_key_once', ['caller', 'key'])
    .execute();
  await tx.schema
    .createIndex('idempotency_key_expiry')
    .on('idempotency_key')
    .column('expires_at_ms')
    .execute();
}
