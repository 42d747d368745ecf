/** The shadow report over a store: which runs it reads, what it answers, and that it writes nothing. */
import { describe, expect, test } from 'vitest';
import { RUNS_MAX, readWindow } from '../../../src/app/shadow/read-window.ts';
import type { FinishedRun } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { aFinishedRun, aNewRun, never, Rig, startMs } from './rig.ts';

const MINUTE_MS = 60_000;

/** Minutes before now: held since, started, finished. */
function past(
  id: string,
  [held, started, finished]: readonly [number, number, number],
  ours = false,
): FinishedRun {
  return aFinishedRun(id, {
    ours,
    heldSinceMs: startMs - held * MINUTE_MS,
    startedAtMs: startMs - started * MINUTE_MS,
    finishedAtMs: startMs - finished * MINUTE_MS,
  });
}

/** Another system ran one at a time where there are two slots. */
const history = [past('t-1', [60, 60, 50]), past('t-2', [60, 50, 40]), past('t-3', [60, 40, 30], true)];
const day = { sinceMs: null, untilMs: null, sizes: {} };

describe('a store with three runs of which two were somebody else\u0027s', () => {
  test('is replayed with the sizes of now, or with those asked for', async () => {
    const rig = new Rig({ loop: true, pools: { runs: 2 }, settings: { mode: 'shadow' } });
    await rig.store.recordFinished(history);
    await rig.pass(1_000);
    const report = await rig.ask(rig.penstock.shadowReport(day, never));
    expect(report).toMatchObject({
      mode: 'shadow',
      runs: 3,
      isCut: false,
      changes: { sooner: { runs: 2, totalMs: 20 * MINUTE_MS }, same: 1 },
    });
    expect(report.schedule.map((row) => [row.id, (startMs - row.penstockStartMs) / MINUTE_MS])).toEqual([
      ['t-1', 60],
      ['t-2', 60],
      ['t-3', 50],
    ]);
    const narrow = await rig.ask(rig.penstock.shadowReport({ ...day, sizes: { runs: 1 } }, never));
    expect(narrow.changes).toMatchObject({ sooner: { runs: 0 }, later: { runs: 0 }, same: 3 });
    expect(narrow.assumptions).toContain('Sizes asked for instead of those of now: runs=1.');
  });

  test('a part of the time: what ran when it began goes on', async () => {
    const rig = new Rig({ pools: { runs: 2 } });
    await rig.store.recordFinished(history);
    const query = { ...day, sinceMs: startMs - 45 * MINUTE_MS, untilMs: startMs - MINUTE_MS };
    const report = await rig.ask(rig.penstock.shadowReport(query, never));
    expect(report.schedule.map((row) => [row.id, (startMs - row.penstockStartMs) / MINUTE_MS])).toEqual([
      ['t-3', 45],
    ]);
    expect(report.runs).toBe(2);
  });

  test('runs that are not finished are counted and left out', async () => {
    const rig = new Rig({ loop: true, pools: { runs: 1 } });
    await rig.store.recordFinished(history);
    await rig.create(aNewRun('live', { requests: { runs: 1 } }));
    await rig.pass(1_000);
    const report = await rig.ask(rig.penstock.shadowReport(day, never));
    expect(report).toMatchObject({ runs: 3, unfinished: 1 });
    expect(report.assumptions).toContain('Left out: 1 run not finished yet.');
  });

  test('an empty store has nothing to compare', async () => {
    const rig = new Rig();
    const report = await rig.ask(rig.penstock.shadowReport(day, never));
    expect(report).toMatchObject({ runs: 0, waits: { all: null }, schedule: [] });
  });

  test.each([
    [{ ...day, sizes: { vax: 3 } }, /size: there is no pool "vax"; use one of runs\./],
    [{ ...day, sinceMs: startMs + 1 }, /since: must be before until/],
  ])('%j is refused', async (query, message) => {
    const rig = new Rig();
    await expect(rig.ask(rig.penstock.shadowReport(query, never))).rejects.toThrow(message);
  });
});

test('of more runs than a report reads the newest are read, and the window begins where they are complete', async () => {
  const store = new MemoryStore();
  const count = RUNS_MAX + 1_500;
  const runs = Array.from({ length: count }, (_, nth) => {
    const atMs = startMs - (count - nth) * 1_000;
    return aFinishedRun(`r-${nth}`, { heldSinceMs: atMs, startedAtMs: atMs, finishedAtMs: atMs + 500 });
  });
  await store.recordFinished(runs);
  const read = await readWindow(store, { fromMs: startMs - 86_400_000, toMs: startMs }, never);
  expect(read).toMatchObject({ isCut: true, window: { toMs: startMs } });
  expect(read.past).toHaveLength(RUNS_MAX);
  const complete = runs.filter((run) => run.finishedAtMs > read.window.fromMs).map((run) => run.id);
  const known = new Set(read.past.map((run) => run.id));
  expect(complete.every((id) => known.has(id))).toBe(true);
  expect(complete.length).toBe(RUNS_MAX - 1);
});
