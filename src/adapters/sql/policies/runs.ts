/** Which runs were made for which policy, and why. */
import { type RunId, runId } from '../../../core/model/run.ts';
import type { PolicyRun } from '../../../ports/policy-store.ts';
import { inChunks } from '../chunks.ts';
import type { PolicyRunTable, Tx } from '../schema.ts';

export async function addRuns(tx: Tx, runs: readonly PolicyRun[]): Promise<void> {
  for (const run of runs) {
    const { asked_id, ...values } = rowOf(run);
    await tx
      .insertInto('policy_run')
      .values({ asked_id, ...values })
      .onConflict((conflict) =>
        conflict.column('asked_id').doUpdateSet(values).where('policy_run.run_id', 'is', null),
      )
      .execute();
  }
}

export async function nameRuns(
  tx: Tx,
  made: readonly { readonly askedId: RunId; readonly runId: RunId }[],
): Promise<void> {
  for (const { askedId, runId: run_id } of made) {
    await tx.updateTable('policy_run').set({ run_id }).where('asked_id', '=', askedId).execute();
  }
}

export function readRuns(tx: Tx, askedIds: readonly RunId[]): Promise<readonly PolicyRun[]> {
  return readBy(tx, 'asked_id', askedIds);
}

export function readRunsObservedAs(tx: Tx, runIds: readonly RunId[]): Promise<readonly PolicyRun[]> {
  return readBy(tx, 'run_id', runIds);
}

async function readBy(
  tx: Tx,
  column: 'asked_id' | 'run_id',
  ids: readonly RunId[],
): Promise<readonly PolicyRun[]> {
  const found = new Map<string, PolicyRun>();
  await inChunks(ids, async (some) => {
    const rows = await tx.selectFrom('policy_run').selectAll().where(column, 'in', some).execute();
    for (const row of rows) found.set(row[column] ?? '', runOf(row));
  });
  return ids.flatMap((id) => found.get(id) ?? []);
}

function rowOf(run: PolicyRun): PolicyRunTable {
  return {
    asked_id: run.askedId,
    run_id: run.runId,
    identity: run.identity,
    policy_name: run.policyName,
    content_hash: run.contentHash,
    config_hash: run.configHash,
    project: run.project,
    branch: run.branch,
    cause: run.cause,
    occurrence_key: run.occurrenceKey,
    created_at_ms: run.createdAtMs,
  };
}

function runOf(row: PolicyRunTable): PolicyRun {
  return {
    askedId: runId(row.asked_id),
    runId: row.run_id === null ? null : runId(row.run_id),
    identity: row.identity,
    policyName: row.policy_name,
    contentHash: row.content_hash,
    configHash: row.config_hash,
    project: row.project,
    branch: row.branch,
    cause: row.cause as PolicyRun['cause'],
    occurrenceKey: row.occurrence_key,
    createdAtMs: row.created_at_ms,
  };
}
