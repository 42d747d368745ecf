/**
 * History: each finished run once, with the sample it gave and the forecasts it settles.
 *
 * Always true: a run, its sample and its mark in the forecasts come in one transaction, so
 * that whatever instant the process is killed at, history has all of them or none.
 */
import { assert } from '../../core/assert.ts';
import { type Outcome, type RunId, runId } from '../../core/model/run.ts';
import type { FinishedRun, ListedRun, RunPage } from '../../ports/store.ts';
import { cursorOf, cursorText } from './cursor.ts';
import { countFinishedInForecasts } from './forecasts.ts';
import { keepFinished } from './history/keeping.ts';
import { requestsOf, requestsText, usageOf, usageText } from './json-text.ts';
import { addProfiles, readProfiles } from './profiles.ts';
import type { RecordedRun } from './recorded-run.ts';
import { settleRunForecasts } from './run-forecasts.ts';
import { addSamples } from './samples.ts';
import type { FinishedRunTable, Tx } from './schema.ts';

const PAGE_MAX = 1000;

/** One piece of `recordFinished`, within the caller's transaction: at most one statement's rows. */
export async function addFinished(tx: Tx, runs: readonly FinishedRun[]): Promise<readonly RunId[]> {
  const first = await nextSeq(tx);
  const recorded = firstOfEach(runs).map((run, place) => ({ seq: first + place, run }));
  const rows = await tx
    .insertInto('finished_run')
    .values(recorded.map(rowOf))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  const newIds = new Set(rows.map((row) => row.id));
  const added = recorded.filter(({ run }) => newIds.has(run.id));
  await addSamples(tx, added);
  await addProfiles(
    tx,
    added.map(({ run }) => run),
  );
  await countFinishedInForecasts(
    tx,
    added.map(({ run }) => run),
  );
  await keepFinished(
    tx,
    added.map(({ run }) => run),
  );
  await settleRunForecasts(
    tx,
    added.map(({ run }) => run),
  );
  return added.map(({ run }) => run.id);
}

/** Of runs with the same id the first counts, within one call as between two. */
function firstOfEach(runs: readonly FinishedRun[]): readonly FinishedRun[] {
  const byId = new Map<RunId, FinishedRun>();
  for (const run of runs) if (!byId.has(run.id)) byId.set(run.id, run);
  return [...byId.values()];
}

async function nextSeq(tx: Tx): Promise<number> {
  const row = await tx
    .selectFrom('finished_run')
    .select((select) => select.fn.max('seq').as('last'))
    .executeTakeFirst();
  return (row?.last ?? 0) + 1;
}

export async function readFinished(tx: Tx, id: RunId): Promise<FinishedRun | null> {
  const row = await tx.selectFrom('finished_run').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  const profile = (await readProfiles(tx, [id])).get(id) ?? null;
  return { ...listedOf(row), profile };
}

/** Ids are compared byte by byte, so that those with one beginning are neighbours in the index of the key. */
export async function readFinishedLike(tx: Tx, beginning: string): Promise<FinishedRun | null> {
  assert(beginning !== '', 'every id begins with nothing');
  const row = await tx
    .selectFrom('finished_run')
    .select('id')
    .where('id', '>=', beginning)
    .where('id', '<', `${beginning}\u{10ffff}`)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : readFinished(tx, runId(row.id));
}

/** Newest finish first; of equal ones the one recorded last. */
export async function readFinishedPage(
  tx: Tx,
  query: { readonly limit: number; readonly before: string | null },
): Promise<RunPage> {
  assert(query.limit >= 1 && query.limit <= PAGE_MAX, 'a page has 1 to 1000 runs');
  const before = query.before === null ? null : cursorOf(query.before);
  let select = tx
    .selectFrom('finished_run')
    .selectAll()
    .orderBy('finished_at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(query.limit + 1);
  if (before !== null) {
    // Written as a range first: a plain "or" would make the database walk over all newer rows.
    select = select
      .where('finished_at_ms', '<=', before.finishedAtMs)
      .where((where) =>
        where.or([where('finished_at_ms', '<', before.finishedAtMs), where('seq', '<', before.seq)]),
      );
  }
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const more = last !== undefined && rows.length > page.length;
  return {
    runs: page.map(listedOf),
    next: more ? cursorText({ finishedAtMs: last.finished_at_ms, seq: last.seq }) : null,
  };
}

function rowOf({ seq, run }: RecordedRun): FinishedRunTable {
  return {
    id: run.id,
    seq,
    project: run.project,
    tenant: run.tenant,
    priority: run.priority,
    requests: requestsText(run.requests),
    content_hash: run.contentHash,
    timeout_ms: run.timeoutMs,
    ours: run.ours ? 1 : 0,
    held_since_ms: run.heldSinceMs,
    started_at_ms: run.startedAtMs,
    finished_at_ms: run.finishedAtMs,
    outcome: run.outcome,
    reason: run.reason,
    resource_usage: usageText(run.usage),
  };
}

function listedOf(row: FinishedRunTable): ListedRun {
  return {
    id: runId(row.id),
    project: row.project,
    tenant: row.tenant,
    priority: row.priority,
    requests: requestsOf(row.requests),
    contentHash: row.content_hash,
    timeoutMs: row.timeout_ms,
    ours: row.ours === 1,
    heldSinceMs: row.held_since_ms,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
    outcome: row.outcome as Outcome,
    reason: row.reason,
    usage: usageOf(row.resource_usage),
  };
}
