/** Test runs as rows: written when accepted, changed until they have ended, read in pages. */
import { assert } from '../../../core/assert.ts';
import { CodedError } from '../../../core/errors/catalogue.ts';
import { runId } from '../../../core/model/run.ts';
import type { TestRunResources, TestRunState } from '../../../core/model/test-run.ts';
import type { Ending, TestRun, TestRunAudit, TestRunPage } from '../../../ports/test-run-store.ts';
import { addToAudit } from '../audit.ts';
import type { Tx } from '../schema.ts';
import type { TestRunTable } from './tables.ts';

const PAGE_MAX = 1000;

export async function addTestRun(tx: Tx, testRun: TestRun): Promise<void> {
  const last = await tx
    .selectFrom('test_run')
    .select((select) => select.fn.max('seq').as('seq'))
    .executeTakeFirst();
  const seq = (last?.seq ?? 0) + 1;
  await tx
    .insertInto('test_run')
    .values({ ...rowOf(testRun), seq })
    .execute();
}

export async function readTestRun(tx: Tx, id: string): Promise<TestRun | null> {
  const row = await tx.selectFrom('test_run').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : testRunOf(row);
}

export async function readTestRuns(
  tx: Tx,
  query: { readonly identity: string; readonly limit: number; readonly before: string | null },
): Promise<TestRunPage> {
  assert(query.limit >= 1 && query.limit <= PAGE_MAX, 'a page has 1 to 1000 test runs');
  const rows = await tx
    .selectFrom('test_run')
    .selectAll()
    .where('identity', '=', query.identity)
    .where('seq', '<', query.before === null ? Number.MAX_SAFE_INTEGER : seqOf(query.before))
    .orderBy('seq', 'desc')
    .limit(query.limit + 1)
    .execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const more = last !== undefined && rows.length > page.length;
  return { testRuns: page.map(testRunOf), next: more ? String(last.seq) : null };
}

export async function readOpen(tx: Tx): Promise<readonly TestRun[]> {
  const rows = await tx
    .selectFrom('test_run')
    .selectAll()
    .where('ended_at_ms', 'is', null)
    .orderBy('seq')
    .execute();
  return rows.map(testRunOf);
}

/** An end ordered meanwhile is not lost: `ending` is written by `orderEnd` alone. */
export async function updateTestRun(tx: Tx, testRun: TestRun): Promise<void> {
  const { state, run_id, started_at_ms, ended_at_ms, reason, resources } = rowOf(testRun);
  await tx
    .updateTable('test_run')
    .set({ state, run_id, started_at_ms, ended_at_ms, reason, resources })
    .where('id', '=', testRun.id)
    .where('ended_at_ms', 'is', null)
    .execute();
}

export async function orderEnd(
  tx: Tx,
  id: string,
  ending: Ending,
  entry: TestRunAudit | null,
): Promise<boolean> {
  const changed = await tx
    .updateTable('test_run')
    .set({ ending: JSON.stringify(ending) })
    .where('id', '=', id)
    .where('ended_at_ms', 'is', null)
    .where('ending', 'is', null)
    .returning('id')
    .execute();
  if (changed.length > 0 && entry !== null) await addToAudit(tx, entry);
  return changed.length > 0;
}

function rowOf(testRun: TestRun): Omit<TestRunTable, 'seq'> {
  return {
    id: testRun.id,
    identity: testRun.identity,
    policy_name: testRun.policyName,
    content_hash: testRun.contentHash,
    config_hash: testRun.configHash,
    project: testRun.project,
    branch: testRun.branch,
    asked_by: testRun.askedBy,
    asked_at_ms: testRun.askedAtMs,
    asked_id: testRun.askedId,
    state: testRun.state,
    run_id: testRun.runId,
    started_at_ms: testRun.startedAtMs,
    ended_at_ms: testRun.endedAtMs,
    reason: testRun.reason,
    resources: JSON.stringify(testRun.resources),
    ending: testRun.ending === null ? null : JSON.stringify(testRun.ending),
  };
}

function testRunOf(row: TestRunTable): TestRun {
  return {
    id: row.id,
    identity: row.identity,
    policyName: row.policy_name,
    contentHash: row.content_hash,
    configHash: row.config_hash,
    project: row.project,
    branch: row.branch,
    askedBy: row.asked_by,
    askedAtMs: row.asked_at_ms,
    askedId: runId(row.asked_id),
    state: row.state as TestRunState,
    runId: row.run_id === null ? null : runId(row.run_id),
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    reason: row.reason,
    resources: JSON.parse(row.resources) as TestRunResources,
    ending: row.ending === null ? null : (JSON.parse(row.ending) as Ending),
  };
}

function seqOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CodedError('request-invalid', 'before: must be what an earlier page gave as next.', {
    field: 'before',
  });
}
