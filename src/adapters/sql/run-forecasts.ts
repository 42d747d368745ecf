/**
 * What each run's first forecast said, settled in the very transaction that records the run.
 *
 * Always true: of each run the first forecast is kept, and of all runs the newest up to a bound.
 */
import { assert } from '../../core/assert.ts';
import { runId } from '../../core/model/run.ts';
import {
  type FinishedRun,
  RUN_FORECASTS_KEPT,
  type RunForecastRecord,
  type SettledRunForecast,
} from '../../ports/store.ts';
import { inChunks } from './chunks.ts';
import type { RunForecastTable, Tx } from './schema.ts';

export async function addRunForecasts(tx: Tx, records: readonly RunForecastRecord[]): Promise<void> {
  await inChunks(records, (chunk) =>
    tx
      .insertInto('run_forecast')
      .values(chunk.map(rowOf))
      .onConflict((conflict) => conflict.column('run_id').doNothing())
      .execute(),
  );
  await forgetOldest(tx);
}

function rowOf(record: RunForecastRecord): RunForecastTable {
  return {
    run_id: record.runId,
    made_at_ms: record.madeAtMs,
    start_at_ms: JSON.stringify(record.startAtMs),
    finish_at_ms: JSON.stringify(record.finishAtMs),
    started_at_ms: null,
    finished_at_ms: null,
    settled: 0,
  };
}

async function forgetOldest(tx: Tx): Promise<void> {
  const oldest = await tx
    .selectFrom('run_forecast')
    .select('made_at_ms')
    .orderBy('made_at_ms', 'desc')
    .offset(RUN_FORECASTS_KEPT)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return;
  await tx.deleteFrom('run_forecast').where('made_at_ms', '<=', oldest.made_at_ms).execute();
}

/** Within the transaction that records the runs; at most one statement's rows. */
export async function settleRunForecasts(tx: Tx, runs: readonly FinishedRun[]): Promise<void> {
  if (runs.length === 0) return;
  const ids = runs.map((run) => run.id);
  const known = await tx.selectFrom('run_forecast').select('run_id').where('run_id', 'in', ids).execute();
  const expected = new Set(known.map((row) => row.run_id));
  for (const run of runs) {
    if (!expected.has(run.id)) continue;
    await tx
      .updateTable('run_forecast')
      .set({ started_at_ms: run.startedAtMs, finished_at_ms: run.finishedAtMs, settled: 1 })
      .where('run_id', '=', run.id)
      .execute();
  }
}

/** The newest by when the forecast was made. */
export async function readSettled(tx: Tx, limit: number): Promise<readonly SettledRunForecast[]> {
  assert(limit >= 1 && limit <= RUN_FORECASTS_KEPT, 'at least one forecast is asked for');
  const rows = await tx
    .selectFrom('run_forecast')
    .selectAll()
    .where('settled', '=', 1)
    .orderBy('made_at_ms', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    runId: runId(row.run_id),
    madeAtMs: row.made_at_ms,
    startAtMs: JSON.parse(row.start_at_ms) as RunForecastRecord['startAtMs'],
    finishAtMs: JSON.parse(row.finish_at_ms) as RunForecastRecord['finishAtMs'],
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms as number,
  }));
}
