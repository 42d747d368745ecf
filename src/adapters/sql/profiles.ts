/**
 * Profiles of finished runs, by the id of the run.
 */
import type { RunProfile } from '../../core/model/profile.ts';
import type { FinishedRun } from '../../ports/store.ts';
import { inChunks } from './chunks.ts';
import type { Tx } from './schema.ts';

/** Within the caller's transaction; at most one statement's rows. */
export async function addProfiles(tx: Tx, runs: readonly FinishedRun[]): Promise<void> {
  const rows = runs.flatMap(({ id, profile }) =>
    profile === null ? [] : [{ run_id: id, profile: JSON.stringify(profile) }],
  );
  if (rows.length > 0) await tx.insertInto('run_profile').values(rows).execute();
}

/** Of those that have one. */
export async function readProfiles(
  tx: Tx,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, RunProfile>> {
  const profiles = new Map<string, RunProfile>();
  await inChunks(runIds, async (ids) => {
    const rows = await tx.selectFrom('run_profile').selectAll().where('run_id', 'in', ids).execute();
    for (const { run_id, profile } of rows) profiles.set(run_id, JSON.parse(profile) as RunProfile);
  });
  return profiles;
}
