/** Puts runs that were made for a policy into its history when they end. */
import { pastRunOf } from '../../../ports/history-store.ts';
import type { FinishedRun } from '../../../ports/store.ts';
import { readRunsObservedAs } from '../policies/runs.ts';
import type { Tx } from '../schema.ts';
import { addPastRuns } from './rows.ts';

/** Within the caller's transaction. */
export async function keepFinished(tx: Tx, runs: readonly FinishedRun[]): Promise<void> {
  if (runs.length === 0) return;
  const byId = new Map(runs.map((run) => [run.id, run]));
  const madeFor = await readRunsObservedAs(tx, [...byId.keys()]);
  const kept = madeFor.flatMap((origin) => {
    const run = origin.runId === null ? undefined : byId.get(origin.runId);
    return run === undefined ? [] : pastRunOf(origin, run);
  });
  await addPastRuns(tx, kept);
}
