/**
 * Samples: how long runs occupied their slots, kept apart from the runs because they will
 * be kept for longer.
 *
 * Always true: reading the newest samples costs by the number of series and of samples
 * asked for, never by the length of history.
 */
import { setImmediate as afterOthers } from 'node:timers/promises';
import { assert } from '../../core/assert.ts';
import type { RunProfile } from '../../core/model/profile.ts';
import { type Outcome, runId } from '../../core/model/run.ts';
import type { Sample, SamplesQuery } from '../../ports/store.ts';
import { usageOf, usageText } from './json-text.ts';
import { readProfiles } from './profiles.ts';
import type { RecordedRun } from './recorded-run.ts';
import type { SampleSeriesTable, SampleTable, Tx } from './schema.ts';

/** No caller has use for more; it bounds the memory one question takes. */
const SAMPLES_MAX = 1_000_000;
/** Series that are read between two looks at whether older ones can still matter. */
const SERIES_PER_ROUND = 64;

/** Within the caller's transaction; at most one statement's rows. */
export async function addSamples(tx: Tx, recorded: readonly RecordedRun[]): Promise<void> {
  const rows = recorded.flatMap(sampleRow);
  if (rows.length === 0) return;
  await tx.insertInto('sample').values(rows).execute();
  await tx
    .insertInto('sample_series')
    .values(newestOfEach(rows))
    .onConflict((conflict) =>
      conflict
        .columns(['project', 'content_hash'])
        .doUpdateSet((row) => ({
          newest_started_at_ms: row.ref('excluded.newest_started_at_ms'),
          newest_seq: row.ref('excluded.newest_seq'),
        }))
        // What is recorded later has the higher number, so it wins a tie.
        .whereRef('sample_series.newest_started_at_ms', '<=', 'excluded.newest_started_at_ms'),
    )
    .execute();
}

/** None for a run that was never started: it occupied nothing. */
function sampleRow({ seq, run }: RecordedRun): readonly SampleTable[] {
  if (run.startedAtMs === null) return [];
  return [
    {
      run_id: run.id,
      seq,
      project: run.project,
      tenant: run.tenant,
      content_hash: run.contentHash,
      started_at_ms: run.startedAtMs,
      // Shorter than the clock can tell is still not nothing, and models take logarithms.
      duration_ms: Math.max(1, run.finishedAtMs - run.startedAtMs),
      outcome: run.outcome,
      timeout_ms: run.timeoutMs,
      resource_usage: usageText(run.usage),
    },
  ];
}

function newestOfEach(rows: readonly SampleTable[]): readonly SampleSeriesTable[] {
  const newest = new Map<string, SampleTable>();
  for (const row of rows) {
    const key = JSON.stringify([row.project, row.content_hash]);
    const known = newest.get(key);
    if (known === undefined || newestFirst(row, known) < 0) newest.set(key, row);
  }
  return [...newest.values()].map((row) => ({
    project: row.project,
    content_hash: row.content_hash,
    newest_started_at_ms: row.started_at_ms,
    newest_seq: row.seq,
  }));
}

/**
 * The newest by start time, at most `perSeries` of each series. Series are read from the
 * one with the newest sample on; the first `limit` of them hold every sample that can be
 * among the newest `limit`, since each series before has at least one that is newer.
 */
export async function readSamples(tx: Tx, query: SamplesQuery): Promise<readonly Sample[]> {
  assert(query.perSeries >= 1 && query.limit >= 1, 'at least one sample is asked for');
  assert(query.limit <= SAMPLES_MAX, 'at most a million samples are asked for');
  const series = await newestSeries(tx, query.limit);
  let newest: SampleTable[] = [];
  for (let from = 0; from < series.length; from += SERIES_PER_ROUND) {
    const oldest = newest[query.limit - 1];
    const next = series[from];
    if (oldest !== undefined && next !== undefined && oldest.started_at_ms > next.newest_started_at_ms) break;
    // Thousands of series are hundreds of milliseconds; others may have their turn in between.
    if (from > 0) await afterOthers();
    for (const { project, content_hash } of series.slice(from, from + SERIES_PER_ROUND)) {
      newest.push(...(await newestOfSeries(tx, { project, content_hash, limit: query.perSeries })));
    }
    newest = newest.sort(newestFirst).slice(0, query.limit);
  }
  const ids = query.withProfiles === true ? newest.map((row) => row.run_id) : [];
  const profiles = await readProfiles(tx, ids);
  return newest.map((row) => sampleOf(row, profiles));
}

function newestSeries(tx: Tx, limit: number): Promise<readonly SampleSeriesTable[]> {
  return tx
    .selectFrom('sample_series')
    .selectAll()
    .orderBy('newest_started_at_ms', 'desc')
    .orderBy('newest_seq', 'desc')
    .limit(limit)
    .execute();
}

function newestOfSeries(
  tx: Tx,
  series: { readonly project: string; readonly content_hash: string; readonly limit: number },
): Promise<readonly SampleTable[]> {
  return tx
    .selectFrom('sample')
    .selectAll()
    .where('project', '=', series.project)
    .where('content_hash', '=', series.content_hash)
    .orderBy('started_at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(series.limit)
    .execute();
}

function newestFirst(a: SampleTable, b: SampleTable): number {
  return b.started_at_ms - a.started_at_ms || b.seq - a.seq;
}

function sampleOf(row: SampleTable, profiles: ReadonlyMap<string, RunProfile>): Sample {
  return {
    runId: runId(row.run_id),
    project: row.project,
    tenant: row.tenant,
    contentHash: row.content_hash,
    startedAtMs: row.started_at_ms,
    durationMs: row.duration_ms,
    outcome: row.outcome as Outcome,
    timeoutMs: row.timeout_ms,
    usage: usageOf(row.resource_usage),
    profile: profiles.get(row.run_id) ?? null,
  };
}
