/** Past runs as rows: adding them, reading them by page, and letting the oldest go. */
import { setImmediate as afterOthers } from 'node:timers/promises';
import { assert } from '../../../core/assert.ts';
import type { RunProfile } from '../../../core/model/profile.ts';
import type { Outcome } from '../../../core/model/run.ts';
import type { ForgetQuery, HistoryStore, PastRun, PastRunPage } from '../../../ports/history-store.ts';
import { inChunks } from '../chunks.ts';
import { cursorOf, cursorText } from '../cursor.ts';
import { usageOf, usageText } from '../json-text.ts';
import type { Tx } from '../schema.ts';
import type { PastRunTable } from './tables.ts';

const PAGE_MAX = 1000;

export type Kept = PastRun & { readonly identity: string };

/** Within the caller's transaction. Returns how many were new. */
export async function addPastRuns(tx: Tx, runs: readonly Kept[]): Promise<number> {
  if (runs.length === 0) return 0;
  const last = await tx
    .selectFrom('past_run')
    .select((select) => select.fn.max('seq').as('seq'))
    .executeTakeFirst();
  const first = (last?.seq ?? 0) + 1;
  let added = 0;
  await inChunks(
    runs.map((run, place) => rowOf(run, first + place)),
    async (rows) => {
      const fresh = await tx
        .insertInto('past_run')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['identity', 'key']).doNothing())
        .returning('seq')
        .execute();
      added += fresh.length;
    },
  );
  return added;
}

export async function readPastRuns(tx: Tx, query: Parameters<HistoryStore['page']>[0]): Promise<PastRunPage> {
  assert(query.limit >= 1 && query.limit <= PAGE_MAX, 'a page has 1 to 1000 runs');
  const before = query.before === null ? null : cursorOf(query.before);
  let select = tx
    .selectFrom('past_run')
    .selectAll()
    .where('identity', '=', query.identity)
    .orderBy('started_at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(query.limit + 1);
  if (before !== null) {
    // A range first, or the database would walk over all newer rows.
    select = select
      .where('started_at_ms', '<=', before.finishedAtMs)
      .where((where) =>
        where.or([where('started_at_ms', '<', before.finishedAtMs), where('seq', '<', before.seq)]),
      );
  }
  // Many pages are read one after the other; SQLite works in our own thread.
  if (before !== null) await afterOthers();
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const more = last !== undefined && rows.length > page.length;
  return {
    runs: page.map((row) => pastRunOf(row, query.withProfiles)),
    next: more ? cursorText({ finishedAtMs: last.started_at_ms, seq: last.seq }) : null,
  };
}

export async function readNextIdentity(tx: Tx, after: string | null): Promise<string | null> {
  let select = tx.selectFrom('past_run').select((get) => get.fn.min('identity').as('identity'));
  if (after !== null) select = select.where('identity', '>', after);
  return (await select.executeTakeFirst())?.identity ?? null;
}

/** Within the caller's transaction. */
export async function forgetPastRuns(tx: Tx, query: ForgetQuery): Promise<number> {
  const firstTooMany = await tx
    .selectFrom('past_run')
    .select(['started_at_ms', 'seq'])
    .where('identity', '=', query.identity)
    .orderBy('started_at_ms', 'desc')
    .orderBy('seq', 'desc')
    .offset(query.most)
    .limit(1)
    .executeTakeFirst();
  const oldest = await tx
    .selectFrom('past_run')
    .select(['seq', 'started_at_ms'])
    .where('identity', '=', query.identity)
    .orderBy('started_at_ms', 'asc')
    .orderBy('seq', 'asc')
    .limit(query.limit)
    .execute();
  const goes = oldest.filter(
    (row) =>
      row.started_at_ms < query.startedBeforeMs ||
      (firstTooMany !== undefined && !isNewer(row, firstTooMany)),
  );
  await inChunks(
    goes.map(({ seq }) => seq),
    (seqs) => tx.deleteFrom('past_run').where('seq', 'in', seqs).execute(),
  );
  return goes.length;
}

type Place = Pick<PastRunTable, 'started_at_ms' | 'seq'>;

function isNewer(a: Place, b: Place): boolean {
  return a.started_at_ms > b.started_at_ms || (a.started_at_ms === b.started_at_ms && a.seq > b.seq);
}

function rowOf(run: Kept, seq: number): PastRunTable {
  return {
    identity: run.identity,
    key: run.key,
    seq,
    project: run.project,
    branch: run.branch,
    content_hash: run.contentHash,
    config_hash: run.configHash,
    cause: run.cause,
    imported: run.isImported ? 1 : 0,
    started_at_ms: run.startedAtMs,
    duration_ms: run.durationMs,
    queued_ms: run.queuedMs,
    outcome: run.outcome,
    failure_reason: run.failureReason,
    job_ms: run.jobMs,
    resource_usage: usageText(run.usage),
    profile: run.profile === null ? null : JSON.stringify(run.profile),
  };
}

function pastRunOf(row: PastRunTable, withProfile: boolean): PastRun {
  return {
    key: row.key,
    project: row.project,
    branch: row.branch,
    contentHash: row.content_hash,
    configHash: row.config_hash,
    cause: row.cause as PastRun['cause'],
    isImported: row.imported === 1,
    startedAtMs: row.started_at_ms,
    durationMs: row.duration_ms,
    queuedMs: row.queued_ms,
    outcome: row.outcome as Outcome,
    failureReason: row.failure_reason,
    jobMs: row.job_ms,
    usage: usageOf(row.resource_usage),
    profile: row.profile === null || !withProfile ? null : (JSON.parse(row.profile) as RunProfile),
  };
}
