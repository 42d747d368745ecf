/**
 * Forecasts that were shown to somebody, and what became of them.
 *
 * A forecast counts down: it has one row for each of its runs that has not finished, which
 * goes when the run is recorded. So settling looks only at forecasts that are due, however
 * many wait, and a forecast is due in the very transaction that records its last run.
 */
import { assert } from '../../core/assert.ts';
import type { RunId } from '../../core/model/run.ts';
import type { FinishedRun, ForecastOutcome, ForecastRecord } from '../../ports/store.ts';
import { inChunks } from './chunks.ts';
import { byCodeUnits } from './json-text.ts';
import type { ForecastTable, Tx } from './schema.ts';

const PAGE_MAX = 1000;

export interface KeptForecast {
  readonly record: ForecastRecord;
  readonly outcome: ForecastOutcome | null;
}

/** One with an id that is known already changes nothing. */
export async function addForecast(tx: Tx, record: ForecastRecord): Promise<void> {
  const finishedMs = await finishedAlready(tx, record.runIds);
  const waitingFor = [...new Set(record.runIds)].filter((id) => !finishedMs.has(id));
  const added = await tx
    .insertInto('forecast')
    .values({
      id: record.id,
      seq: await nextSeq(tx),
      made_at_ms: record.madeAtMs,
      run_ids: JSON.stringify(record.runIds),
      finish_at_ms: JSON.stringify(record.finishAtMs),
      replications: record.replications,
      seed: record.seed,
      unfinished: waitingFor.length,
      finished_at_ms: latest([...finishedMs.values()]),
      settled_at_ms: null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) return;
  await inChunks(waitingFor, (chunk) => {
    const rows = chunk.map((id) => ({ run_id: id, forecast_id: record.id }));
    return tx.insertInto('forecast_run').values(rows).execute();
  });
}

/** When each of the runs finished that has. */
async function finishedAlready(tx: Tx, ids: readonly RunId[]): Promise<ReadonlyMap<string, number>> {
  const finished = new Map<string, number>();
  await inChunks(ids, async (chunk) => {
    const rows = await tx
      .selectFrom('finished_run')
      .select(['id', 'finished_at_ms'])
      .where('id', 'in', chunk)
      .execute();
    for (const row of rows) finished.set(row.id, row.finished_at_ms);
  });
  return finished;
}

function latest(instantsMs: readonly number[]): number | null {
  return instantsMs.length === 0 ? null : instantsMs.reduce((a, b) => Math.max(a, b));
}

async function nextSeq(tx: Tx): Promise<number> {
  const row = await tx
    .selectFrom('forecast')
    .select((select) => select.fn.max('seq').as('last'))
    .executeTakeFirst();
  return (row?.last ?? 0) + 1;
}

/** Within the transaction that records the runs; at most one statement's rows. */
export async function countFinishedInForecasts(tx: Tx, runs: readonly FinishedRun[]): Promise<void> {
  if (runs.length === 0) return;
  const ids = runs.map((run) => run.id);
  const rows = await tx.deleteFrom('forecast_run').where('run_id', 'in', ids).returningAll().execute();
  const finishMs = new Map<string, number>(runs.map((run) => [run.id, run.finishedAtMs]));
  const finishesMs = new Map<string, number[]>();
  for (const row of rows) {
    const ofForecast = finishesMs.get(row.forecast_id) ?? [];
    ofForecast.push(finishMs.get(row.run_id) ?? 0);
    finishesMs.set(row.forecast_id, ofForecast);
  }
  for (const [id, instantsMs] of finishesMs) await countDown(tx, id, instantsMs);
}

async function countDown(tx: Tx, id: string, finishesMs: readonly number[]): Promise<void> {
  const { finished_at_ms } = await tx
    .selectFrom('forecast')
    .select('finished_at_ms')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('forecast')
    .set((row) => ({
      unfinished: row('unfinished', '-', finishesMs.length),
      finished_at_ms: latest(finished_at_ms === null ? finishesMs : [finished_at_ms, ...finishesMs]),
    }))
    .where('id', '=', id)
    .execute();
}

/** By forecast id. A forecast about no run came true the moment it was made. */
export async function settleDue(tx: Tx, nowMs: number): Promise<readonly ForecastOutcome[]> {
  const rows = await tx
    .updateTable('forecast')
    .set((row) => ({
      settled_at_ms: nowMs,
      finished_at_ms: row.fn.coalesce('finished_at_ms', 'made_at_ms'),
    }))
    .where('settled_at_ms', 'is', null)
    .where('unfinished', '=', 0)
    .returningAll()
    .execute();
  return rows.flatMap(outcomeOf).sort((a, b) => byCodeUnits(a.forecastId, b.forecastId));
}

/** Newest first; of those made in the same millisecond the one saved last. */
export async function readForecasts(tx: Tx, limit: number): Promise<readonly KeptForecast[]> {
  assert(limit >= 1 && limit <= PAGE_MAX, 'a page has 1 to 1000 forecasts');
  const rows = await tx
    .selectFrom('forecast')
    .selectAll()
    .orderBy('made_at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ record: recordOf(row), outcome: outcomeOf(row)[0] ?? null }));
}

function recordOf(row: ForecastTable): ForecastRecord {
  return {
    id: row.id,
    madeAtMs: row.made_at_ms,
    runIds: JSON.parse(row.run_ids) as ForecastRecord['runIds'],
    finishAtMs: JSON.parse(row.finish_at_ms) as ForecastRecord['finishAtMs'],
    replications: row.replications,
    seed: row.seed,
  };
}

function outcomeOf(row: ForecastTable): readonly ForecastOutcome[] {
  if (row.settled_at_ms === null || row.finished_at_ms === null) return [];
  return [{ forecastId: row.id, settledAtMs: row.settled_at_ms, finishedAtMs: row.finished_at_ms }];
}
