/** History of policies: the runs that executed each, kept by rules of their own, and imported ones. */
import { sql } from 'kysely';
import type { Tx } from '../schema.ts';

export async function policyHistory(tx: Tx): Promise<void> {
  // `seq` counts up in the order of recording and breaks ties between equal starts.
  await tx.schema
    .createTable('past_run')
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull().unique())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('branch', 'text')
    .addColumn('content_hash', 'text', (column) => column.notNull())
    .addColumn('config_hash', 'text')
    .addColumn('cause', 'text')
    .addColumn('imported', 'integer', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('duration_ms', 'bigint', (column) => column.notNull())
    .addColumn('queued_ms', 'bigint')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('failure_reason', 'text')
    .addColumn('job_ms', 'bigint')
    .addColumn('resource_usage', 'text')
    .addColumn('profile', 'text')
    .addPrimaryKeyConstraint('past_run_once', ['identity', 'key'])
    .execute();
  await tx.schema
    .createIndex('past_run_newest')
    .on('past_run')
    .columns(['identity', 'started_at_ms', 'seq'])
    .execute();
  await keepWhatThereIs(tx);
}

/** Runs that had ended before there was such a table. */
async function keepWhatThereIs(tx: Tx): Promise<void> {
  await sql`
    insert into past_run
    select p.identity, f.id, row_number() over (order by f.seq, p.asked_id), p.project, p.branch,
      p.content_hash, p.config_hash, p.cause, 0, f.started_at_ms,
      case when f.finished_at_ms > f.started_at_ms then f.finished_at_ms - f.started_at_ms else 1 end,
      case when f.started_at_ms > f.held_since_ms then f.started_at_ms - f.held_since_ms else 0 end,
      f.outcome, f.reason, null, f.resource_usage, r.profile
    from finished_run f
    join policy_run p on p.run_id = f.id
    left join run_profile r on r.run_id = f.id
    where f.started_at_ms is not null
  `.execute(tx);
}
