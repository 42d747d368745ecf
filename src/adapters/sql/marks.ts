/**
 * What the admission loop must find again after it was killed: starts that were marked
 * and not settled, grants, and when each class was last started.
 */
import { type RunId, runId } from '../../core/model/run.ts';
import type { ClassStart, Grant } from '../../core/model/snapshot.ts';
import type { StartMark } from '../../ports/store.ts';
import { inChunks } from './chunks.ts';
import { byCodeUnits, requestsOf, requestsText } from './json-text.ts';
import type { Tx } from './schema.ts';

/**
 * Classes whose last start was before that of so many others are overdue by any patience
 * anyone sets, with or without this; so the newest are enough.
 */
const CLASS_STARTS_MAX = 20_000;
/**
 * PostgreSQL has no index entries over 2,704 bytes. A class that is longer, of runs that ask for
 * some seventy pools, is overdue somewhat early after a restart.
 */
const CLASS_BYTES_MAX = 2_500;

export async function saveMarks(tx: Tx, marks: readonly StartMark[]): Promise<void> {
  // One statement may not write the same row twice in PostgreSQL: the last mark of a run wins.
  const byRun = new Map(marks.map((mark) => [mark.runId, mark]));
  const rows = [...byRun.values()].map((mark) => ({
    run_id: mark.runId,
    marked_at_ms: mark.markedAtMs,
    deadline_ms: mark.deadlineMs,
  }));
  await inChunks(rows, (chunk) =>
    tx
      .insertInto('start_mark')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.column('run_id').doUpdateSet((row) => ({
          marked_at_ms: row.ref('excluded.marked_at_ms'),
          deadline_ms: row.ref('excluded.deadline_ms'),
        })),
      )
      .execute(),
  );
}

/** By run id. */
export async function readMarks(tx: Tx): Promise<readonly StartMark[]> {
  const rows = await tx.selectFrom('start_mark').selectAll().execute();
  return rows
    .map((row) => ({ runId: runId(row.run_id), markedAtMs: row.marked_at_ms, deadlineMs: row.deadline_ms }))
    .sort((a, b) => byCodeUnits(a.runId, b.runId));
}

export async function settleMarks(tx: Tx, runIds: readonly RunId[]): Promise<void> {
  await inChunks(runIds, (chunk) => tx.deleteFrom('start_mark').where('run_id', 'in', chunk).execute());
}

export async function replaceGrants(tx: Tx, grants: readonly Grant[]): Promise<void> {
  const rows = grants.map((grant, place) => ({
    run_id: grant.runId,
    place,
    granted_at_ms: grant.grantedAtMs,
    promised_at_ms: grant.promisedAtMs,
  }));
  await tx.deleteFrom('capacity_grant').execute();
  await inChunks(rows, (chunk) => tx.insertInto('capacity_grant').values(chunk).execute());
}

/** In the order in which they were saved. */
export async function readGrants(tx: Tx): Promise<readonly Grant[]> {
  const rows = await tx.selectFrom('capacity_grant').selectAll().orderBy('place').execute();
  return rows.map((row) => ({
    runId: runId(row.run_id),
    grantedAtMs: row.granted_at_ms,
    promisedAtMs: row.promised_at_ms,
  }));
}

export async function saveClassStarts(tx: Tx, starts: readonly ClassStart[]): Promise<void> {
  const latest = new Map<string, { tenant: string; priority: string; requests: string; at_ms: number }>();
  for (const start of starts) {
    const requests = requestsText(start.requests);
    const key = JSON.stringify([start.tenant, start.priority, requests]);
    if (Buffer.byteLength(key) > CLASS_BYTES_MAX) continue;
    const known = latest.get(key);
    if (known !== undefined && known.at_ms >= start.atMs) continue;
    latest.set(key, { tenant: start.tenant, priority: start.priority, requests, at_ms: start.atMs });
  }
  await inChunks([...latest.values()], (chunk) =>
    tx
      .insertInto('class_start')
      .values(chunk)
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'priority', 'requests'])
          .doUpdateSet((row) => ({ at_ms: row.ref('excluded.at_ms') }))
          .whereRef('class_start.at_ms', '<', 'excluded.at_ms'),
      )
      .execute(),
  );
}

/** Latest first. */
export async function readClassStarts(tx: Tx): Promise<readonly ClassStart[]> {
  const rows = await tx
    .selectFrom('class_start')
    .selectAll()
    .orderBy('at_ms', 'desc')
    .limit(CLASS_STARTS_MAX)
    .execute();
  return rows.sort(latestFirst).map((row) => ({
    tenant: row.tenant,
    priority: row.priority,
    requests: requestsOf(row.requests),
    atMs: row.at_ms,
  }));
}

interface ClassRow {
  readonly tenant: string;
  readonly priority: string;
  readonly requests: string;
  readonly at_ms: number;
}

function latestFirst(a: ClassRow, b: ClassRow): number {
  return (
    b.at_ms - a.at_ms ||
    byCodeUnits(a.tenant, b.tenant) ||
    byCodeUnits(a.priority, b.priority) ||
    byCodeUnits(a.requests, b.requests)
  );
}
