/** Writes what becomes of launches, each only from the state that it was thought to be in. */
import { sql } from 'kysely';
import type { LaunchChange, OccurrenceRef } from '../../../ports/launch-store.ts';
import type { LaunchTable, Tx } from '../schema.ts';
import { branchText } from './rows.ts';

/** The occurrence of each launch that was changed. */
export async function changeLaunches(
  tx: Tx,
  changes: readonly LaunchChange[],
): Promise<readonly OccurrenceRef[]> {
  const changed: OccurrenceRef[] = [];
  for (const { key, from, to } of changes) {
    const row = await tx
      .updateTable('launch')
      .set(valuesOf(to))
      .where('identity', '=', key.identity)
      .where('occurrence_key', '=', key.occurrenceKey)
      .where('project', '=', key.project)
      .where('branch', '=', branchText(key))
      .where('state', '=', from)
      .returning('seq')
      .executeTakeFirst();
    if (row !== undefined) changed.push({ identity: key.identity, key: key.occurrenceKey });
  }
  return changed;
}

/** Fields that are not given are undefined here, and kysely leaves those alone. */
function valuesOf(to: LaunchChange['to']): Partial<LaunchTable> {
  const values = {
    state: to.state,
    expires_at_ms: to.expiresAtMs,
    reason: to.reason,
    asked_id: to.askedId,
    run_id: to.runId,
    attempts: to.attempts,
    retry_at_ms: to.retryAtMs,
    launched_at_ms: to.launchedAtMs,
    outcome: to.outcome,
    ended_at_ms: to.endedAtMs,
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The occurrence of each launch that was settled. */
export function settleFinished(tx: Tx): Promise<readonly OccurrenceRef[]> {
  return tx
    .updateTable('launch')
    .from('finished_run')
    .set({
      outcome: sql<string>`finished_run.outcome`,
      ended_at_ms: sql<number>`finished_run.finished_at_ms`,
      reason: sql<string | null>`coalesce(launch.reason, finished_run.reason)`,
    })
    .whereRef('finished_run.id', '=', 'launch.run_id')
    .where('launch.state', '=', 'launched')
    .where('launch.outcome', 'is', null)
    .returning(['launch.identity', 'launch.occurrence_key as key'])
    .execute();
}
