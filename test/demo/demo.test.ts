/** The demo as a process, on a workspace small enough for a test: to its end, killed, stopped, refused. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Ended, processesOf, SmallDemo } from './small-demo.ts';

const MEASURED = ['001', '002', '003', '004'].map((number) => `demo-calibrate-${number}`);
const RUNS = Array.from({ length: 12 }, (_, at) => `demo-${String(at + 1).padStart(3, '0')}`);
const FIRST = ['001', '002', '003'].map((number) => `demo-begin-${number}`);
const ALL = [...FIRST, ...MEASURED, ...RUNS].toSorted();

let demo: SmallDemo;

beforeEach(() => {
  demo = new SmallDemo();
});

afterEach(() => demo.remove());

function documentOf(ended: Ended) {
  if (ended.status !== 0) throw new Error(`the demo failed: ${ended.stderr}`);
  return JSON.parse(ended.stdout);
}

function history(): readonly string[] {
  const database = new Sqlite(join(demo.data, 'penstock.db'), { readonly: true });
  try {
    return database.prepare('select id from finished_run order by id').pluck().all() as string[];
  } finally {
    database.close();
  }
}

test('a demo runs to its end, says in one document what it forecast and what happened; the next one is new', {
  timeout: 60_000,
}, async () => {
  const ended = await demo.start('--once', '--json').ended;
  const document = documentOf(ended);
  expect(document).toMatchObject({
    runs: { total: 12, succeeded: 12, failed: 0, timedOut: 0, cancelled: 0 },
    slots: 3,
    pools: [{ name: 'scarce', size: 1, peak: 1 }],
    timeouts: { held: 0 },
    resumed: false,
    dataFolder: demo.data,
  });
  expect(document.peakRunning).toBeGreaterThanOrEqual(1);
  expect(document.peakRunning).toBeLessThanOrEqual(3);
  const { finishMs, lastStartMs } = document.forecast;
  expect([finishMs.p10, finishMs.p50, finishMs.p90]).toEqual(
    [finishMs.p10, finishMs.p50, finishMs.p90].toSorted((a, b) => a - b),
  );
  expect(lastStartMs.p50).toBeLessThan(finishMs.p50);
  expect(document.actual.lastStartMs).toBeLessThan(document.actual.finishMs);
  expect(document.cpuSecondsPerRun).toBeGreaterThan(0);
  expect(ended.stderr).toContain('Forecast and truth');
  expect(demo.executed().toSorted()).toEqual(ALL);
  expect(history()).toEqual(ALL);
  expect(processesOf(demo.data)).toEqual([]);

  const again = documentOf(await demo.start('--once', '--json', '--runs', '2', '--per-project', '1').ended);
  expect(again).toMatchObject({ runs: { total: 2, succeeded: 2 }, resumed: false });
  const few = ['demo-001', 'demo-002', ...FIRST, 'demo-calibrate-001', 'demo-calibrate-002'];
  expect(demo.executed().toSorted()).toEqual([...ALL, ...few].toSorted());
  expect(history()).toEqual(few);
});

test('killed while it measured and again among its runs, it goes on each time: none is lost, none runs twice', {
  timeout: 60_000,
}, async () => {
  for (const [count, prefix] of [
    [1, 'demo-calibrate'],
    [5, 'demo-0'],
  ] as const) {
    const killed = demo.start('--once', '--json');
    expect(await demo.untilExecuted(count, prefix, killed)).toBe(true);
    killed.child.kill('SIGKILL');
    expect((await killed.ended).signal).toBe('SIGKILL');
  }
  const document = documentOf(await demo.start('--once', '--json').ended);
  expect(document).toMatchObject({ runs: { total: 12, succeeded: 12 }, resumed: true });
  expect(document.peakRunning).toBeLessThanOrEqual(3);
  expect(demo.executed().toSorted()).toEqual(ALL);
  expect(history()).toEqual(ALL);
  expect(processesOf(demo.data)).toEqual([]);
});

test('told to stop, it starts nothing more, lets what runs finish, says how to go on, and goes on', {
  timeout: 60_000,
}, async () => {
  const stopped = demo.start('--once');
  expect(await demo.untilExecuted(1, 'demo-begin', stopped)).toBe(true);
  const other = await demo.start('--once', '--json').ended;
  expect(other.status).toBe(1);
  expect(JSON.parse(other.stdout)).toMatchObject({ code: 'data-in-use' });

  expect(await demo.untilExecuted(2, 'demo-0', stopped)).toBe(true);
  stopped.child.kill('SIGINT');
  const ended = await stopped.ended;
  expect(ended.status).toBe(1);
  expect(ended.stdout).toContain('starting nothing more');
  expect(ended.stderr).toMatch(/^penstock: Stopped .* the same command continues it\.\n$/m);
  await demo.untilNothingRuns();
  expect(demo.executed().length).toBeLessThan(ALL.length);

  const document = documentOf(await demo.start('--once', '--json').ended);
  expect(document).toMatchObject({ runs: { total: 12, succeeded: 12 }, resumed: true });
  expect(demo.executed().toSorted()).toEqual(ALL);
});

test('a folder that holds something else is refused and left alone', async () => {
  mkdirSync(demo.data);
  writeFileSync(join(demo.data, 'thesis.txt'), 'three years of work');
  const refused = await demo.start('--once').ended;
  expect(refused.status).toBe(1);
  expect(refused.stderr).toBe(
    `penstock: --data: ${demo.data} holds something else than a demo; name a new or empty folder.\n`,
  );
  expect(readdirSync(demo.data)).toEqual(['thesis.txt']);
  expect(readFileSync(join(demo.data, 'thesis.txt'), 'utf8')).toBe('three years of work');
});
