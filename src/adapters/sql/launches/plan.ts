/**
 * Writes the plan of an occurrence.
 *
 * Always true: occurrence and launches come in one transaction; a launch that is being created
 * or was launched is not touched.
 */
import type { OccurrenceRecord, PlannedLaunch } from '../../../ports/launch-store.ts';
import { inChunks } from '../chunks.ts';
import type { LaunchTable, Tx } from '../schema.ts';
import { branchText, occurrenceRow } from './rows.ts';

export async function savePlan(
  tx: Tx,
  occurrence: OccurrenceRecord,
  launches: readonly PlannedLaunch[],
): Promise<void> {
  const row = occurrenceRow(occurrence, (await lastSeq(tx, 'occurrence')) + 1);
  const { identity, occurrence_key, seq, created_at_ms, ...values } = row;
  await tx
    .insertInto('occurrence')
    .values({ identity, occurrence_key, seq, created_at_ms, ...values })
    .onConflict((conflict) => conflict.columns(['identity', 'occurrence_key']).doUpdateSet(values))
    .execute();
  const first = (await lastSeq(tx, 'launch')) + 1;
  const rows = launches.map((launch, place) => launchRow(occurrence, launch, first + place));
  await inChunks(rows, (some) => addOrReplan(tx, some));
}

async function addOrReplan(tx: Tx, rows: readonly LaunchTable[]): Promise<void> {
  await tx
    .insertInto('launch')
    .values([...rows])
    .onConflict((conflict) =>
      conflict
        .columns(['identity', 'occurrence_key', 'project', 'branch'])
        .doUpdateSet((set) => ({
          at_ms: set.ref('excluded.at_ms'),
          expires_at_ms: set.ref('excluded.expires_at_ms'),
          state: set.ref('excluded.state'),
          reason: set.ref('excluded.reason'),
          retry_at_ms: null,
        }))
        .where('launch.state', 'not in', ['creating', 'launched']),
    )
    .execute();
}

function launchRow({ identity, key }: OccurrenceRecord, launch: PlannedLaunch, seq: number): LaunchTable {
  return {
    identity,
    occurrence_key: key,
    project: launch.project,
    branch: branchText(launch),
    seq,
    at_ms: launch.atMs,
    expires_at_ms: launch.expiresAtMs,
    state: launch.state,
    reason: launch.reason,
    asked_id: null,
    run_id: null,
    attempts: 0,
    retry_at_ms: null,
    launched_at_ms: null,
    outcome: null,
    ended_at_ms: null,
  };
}

async function lastSeq(tx: Tx, table: 'occurrence' | 'launch'): Promise<number> {
  const row = await tx
    .selectFrom(table)
    .select((select) => select.fn.max('seq').as('seq'))
    .executeTakeFirst();
  return row?.seq ?? 0;
}
