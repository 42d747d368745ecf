/**
 * A process that records finished runs as fast as it can, and says which once the store
 * has acknowledged them: `node record-writer.ts DATABASE FIRST-NUMBER`.
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../src/adapters/sql/open-sqlite.ts';
import { runId } from '../../../src/core/model/run.ts';
import { aFinishedRun, aForecast } from '../../conformance/store-builders.ts';

const STDOUT = 1;
const RUNS_MAX = 100_000;

const [path = '', first = '0'] = process.argv.slice(2);
const store = await openSqliteStore(path);
for (let number = Number(first); number < RUNS_MAX; number += 3) {
  const ids = [number, number + 1, number + 2].map((each) => `run-${each}`);
  await store.mark(ids.map((id) => ({ runId: runId(id), markedAtMs: number, deadlineMs: number })));
  await store.saveForecast(aForecast(`about-${ids[0]}`, ids));
  await store.recordFinished(
    ids.map((id) => aFinishedRun(id, { startedAtMs: number, finishedAtMs: number + 5 })),
  );
  writeSync(STDOUT, `${ids.join('\n')}\n`);
}
