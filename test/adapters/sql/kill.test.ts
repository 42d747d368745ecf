/**
 * kill -9 while the store is being written: what was acknowledged is there, and a run, its
 * sample and its mark in a forecast are there together or not at all. Once with real kills
 * at random moments, and once at every statement there is: what the files hold at that
 * moment is what a kill would leave.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/adapters/sql/open-sqlite.ts';
import type { Tables } from '../../../src/adapters/sql/schema.ts';
import { SqlStore } from '../../../src/adapters/sql/sql-store.ts';
import { below, randomStream } from '../../../src/core/random/random.ts';
import { aFinishedRun, aForecast, allPages } from '../../conformance/store-builders.ts';
import { startChild } from './child-lines.ts';

const KILLS = 10;
const LINES_MAX = 120;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'penstock-kill-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('ten times killed at a random moment, the store has every run it acknowledged, once', async () => {
  const path = join(folder, 'penstock.db');
  const moments = randomStream(20_260_801, 'kill moments');
  const acknowledged: string[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Numbers go on behind what may have been written without our hearing of it.
    const writer = startChild(new URL('./record-writer.ts', import.meta.url), [path, String(kill * 10_000)]);
    await writer.linesReach(1 + below(moments, LINES_MAX));
    await writer.kill('SIGKILL');
    expect(writer.lines.length).toBeGreaterThan(0);
    acknowledged.push(...writer.lines);
  }

  const found = await contentsOf(path);
  expect(new Set(found.runs).size).toBe(found.runs.length);
  expect(acknowledged.filter((id) => !new Set(found.runs).has(id))).toEqual([]);
  expect(found.samples).toEqual(found.runs);
  // Each forecast was about the three runs of one transaction.
  expect(found.settled).toHaveLength(found.runs.length / 3);
}, 60_000);

test('at every statement of a recording, the files hold all of a transaction or nothing', async () => {
  const path = join(folder, 'penstock.db');
  await (await openSqliteStore(path)).close();
  const ids = Array.from({ length: 4 }, (_, n) => `run-${n}`);
  const copies: string[] = [];
  let recorded = 0;
  const recordedAt: number[] = [];
  const store = openWatched(path, () => {
    copies.push(copyOf(path, copies.length));
    recordedAt.push(recorded);
  });
  await store.saveForecast(aForecast('about-all', ids));
  for (const id of ids) {
    await store.recordFinished([aFinishedRun(id)]);
    recorded += 1;
  }
  await store.close();

  // Begin, several statements and commit, for each run.
  expect(copies.length).toBeGreaterThan(ids.length * 5);
  for (const [place, copy] of copies.entries()) {
    const found = await contentsOf(copy);
    const acknowledged = recordedAt[place] ?? 0;
    expect(found.runs.length - acknowledged).toBeOneOf([0, 1]);
    expect(found.runs).toEqual(ids.slice(0, found.runs.length));
    expect(found.samples).toEqual(found.runs);
    expect(found.settled).toEqual(found.runs.length === ids.length ? ['about-all'] : []);
  }
});

/** The store on a connection that tells before each statement. */
function openWatched(path: string, onStatement: () => void): SqlStore {
  const database = new Sqlite(path, { verbose: onStatement });
  return new SqlStore(new Kysely<Tables>({ dialect: new SqliteDialect({ database }) }));
}

/** The files as they are now, as if the process had been killed: the log that SQLite recovers from included. */
function copyOf(path: string, number: number): string {
  const copy = `${path}-${number}.copy`;
  for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
  return copy;
}

interface Contents {
  readonly runs: readonly string[];
  readonly samples: readonly string[];
  readonly settled: readonly string[];
}

async function contentsOf(path: string): Promise<Contents> {
  const store = await openSqliteStore(path);
  try {
    const samples = await store.samples({ perSeries: 100_000, limit: 100_000 });
    const settled = await store.settleForecasts(1);
    return {
      runs: (await allPages(store, 1_000)).toSorted(),
      samples: samples.map((sample) => sample.runId).sort(),
      settled: settled.map((outcome) => outcome.forecastId),
    };
  } finally {
    await store.close();
  }
}
