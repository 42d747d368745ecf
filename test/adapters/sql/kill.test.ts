/**
 * kill -9 while the store is being written: what was acknowledged is there, and a run and
 * its sample are there together or not at all.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../../src/adapters/sql/open-sqlite.ts';
import { below, randomStream } from '../../../src/core/random/random.ts';
import { allPages } from '../../conformance/store-builders.ts';
import { startChild } from './child-lines.ts';

const KILLS = 10;
const LINES_MAX = 300;

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

  const store = await openSqliteStore(path);
  try {
    const ids = await allPages(store, 1_000);
    const samples = await store.samples({ perSeries: 100_000, limit: 100_000 });
    const settled = await store.settleForecasts(1);
    expect(new Set(ids).size).toBe(ids.length);
    expect(acknowledged.filter((id) => !new Set<string>(ids).has(id))).toEqual([]);
    expect(samples.map((sample) => sample.runId).sort()).toEqual(ids.toSorted());
    // Each forecast was about the three runs of one transaction.
    expect(settled).toHaveLength(ids.length / 3);
  } finally {
    await store.close();
  }
}, 60_000);
