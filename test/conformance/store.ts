/**
 * What every store must do. Run it over each one: `storeConformance('sqlite', open)`.
 *
 * The cases tell one story each; the commands of `store-commands.ts` then do the same
 * things in any order, with closing and opening in between, and compare with a model.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runId } from '../../src/core/model/run.ts';
import type { Store } from '../../src/ports/store.ts';
import { aFinishedRun, aForecast, allPages } from './store-builders.ts';
import { storeCommands } from './store-commands.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens the same data again, as a restart does. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`store: ${name}`, () => {
    let opened: StoreUnderTest;
    let store: Store;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.dispose());

    const context = (): Context => ({ store, reopen: () => opened.reopen() });
    marksAndGrants(context);
    history(context);
    samples(context);
    forecasts(context);
    storeCommands(open);
  });
}

interface Context {
  readonly store: Store;
  readonly reopen: () => Promise<Store>;
}

function marksAndGrants(context: () => Context): void {
  const [a, b] = [runId('a'), runId('b')];

  test('a mark stays through a restart until it is settled', async () => {
    const { store, reopen } = context();
    await store.mark([
      { runId: b, markedAtMs: 1, deadlineMs: 11 },
      { runId: a, markedAtMs: 2, deadlineMs: 12 },
    ]);

    const again = await reopen();
    expect(await again.marks()).toEqual([
      { runId: a, markedAtMs: 2, deadlineMs: 12 },
      { runId: b, markedAtMs: 1, deadlineMs: 11 },
    ]);

    await again.settle([a, runId('never marked')]);
    expect(await again.marks()).toEqual([{ runId: b, markedAtMs: 1, deadlineMs: 11 }]);
  });

  test('a later mark of a run replaces the earlier one', async () => {
    const { store } = context();
    await store.mark([{ runId: a, markedAtMs: 1, deadlineMs: 11 }]);
    await store.mark([{ runId: a, markedAtMs: 5, deadlineMs: 15 }]);
    expect(await store.marks()).toEqual([{ runId: a, markedAtMs: 5, deadlineMs: 15 }]);
  });

  test('thousands of marks go in and out in one call', async () => {
    const { store } = context();
    const marks = Array.from({ length: 2_500 }, (_, n) => ({
      runId: runId(`run-${String(n).padStart(4, '0')}`),
      markedAtMs: n,
      deadlineMs: n + 10,
    }));
    await store.mark(marks);
    expect(await store.marks()).toEqual(marks);
    await store.settle(marks.slice(1).map((mark) => mark.runId));
    expect(await store.marks()).toEqual(marks.slice(0, 1));
  });

  test('saving grants replaces all of them and keeps their order', async () => {
    const { store, reopen } = context();
    await store.saveGrants([{ runId: a, grantedAtMs: 1, promisedAtMs: 9 }]);
    const want = [
      { runId: b, grantedAtMs: 2, promisedAtMs: 8 },
      { runId: a, grantedAtMs: 2, promisedAtMs: 7 },
    ];
    await store.saveGrants(want);
    const again = await reopen();
    expect(await again.grants()).toEqual(want);
    await again.saveGrants([]);
    expect(await again.grants()).toEqual([]);
  });

  test('of the starts of a class the latest is kept, whatever the order of its pools', async () => {
    const { store, reopen } = context();
    const of = { tenant: 't', priority: 'high' };
    await store.saveClassStarts([{ ...of, requests: { runs: 1, arm64: 2 }, atMs: 50 }]);
    await store.saveClassStarts([{ ...of, requests: { arm64: 2, runs: 1 }, atMs: 40 }]);
    await store.saveClassStarts([
      { ...of, requests: { runs: 1 }, atMs: 60 },
      { ...of, requests: { runs: 1 }, atMs: 55 },
    ]);
    const again = await reopen();
    expect(await again.classStarts()).toEqual([
      { ...of, requests: { runs: 1 }, atMs: 60 },
      { ...of, requests: { arm64: 2, runs: 1 }, atMs: 50 },
    ]);
  });
}

function history(context: () => Context): void {
  test('a finished run comes back as it was, after a restart too', async () => {
    const { store, reopen } = context();
    const usage = { cpuSeconds: 0.1 + 0.2, peakMemoryBytes: 5_000_000_000 };
    const full = aFinishedRun('full', { usage, reason: 'exit status 3', outcome: 'failed', ours: false });
    const bare = aFinishedRun('bare', { startedAtMs: null, outcome: 'cancelled', timeoutMs: null });
    expect(await store.recordFinished([full, bare])).toEqual(['full', 'bare']);

    const again = await reopen();
    expect(await again.finishedRun(full.id)).toEqual(full);
    expect(await again.finishedRun(bare.id)).toEqual(bare);
    expect(await again.finishedRun(runId('unheard of'))).toBeNull();
  });

  test('recording a run again, in the same call or later, changes nothing', async () => {
    const { store } = context();
    const run = aFinishedRun('r');
    const other = { ...run, outcome: 'failed' as const };
    expect(await store.recordFinished([run, other])).toEqual(['r']);
    expect(await store.recordFinished([other, aFinishedRun('new')])).toEqual(['new']);
    expect(await store.finishedRun(run.id)).toEqual(run);
    expect(await store.samples({ perSeries: 10, limit: 10 })).toHaveLength(2);
  });

  test('pages go from the newest finish to the oldest, each run once', async () => {
    const { store } = context();
    const finishes = [500, 900, 500, 700, 500, 100];
    for (const [n, finishedAtMs] of finishes.entries()) {
      await store.recordFinished([aFinishedRun(`r${n}`, { startedAtMs: 1, finishedAtMs })]);
    }
    expect(await allPages(store, 2)).toEqual(['r1', 'r3', 'r4', 'r2', 'r0', 'r5']);
    expect(await allPages(store, 6)).toEqual(['r1', 'r3', 'r4', 'r2', 'r0', 'r5']);
  });

  test('a page goes on where the last one ended though newer runs came in between', async () => {
    const { store } = context();
    await store.recordFinished([30, 20, 10].map((ms) => aFinishedRun(`at-${ms}`, { finishedAtMs: ms })));
    const first = await store.finishedRuns({ limit: 1, before: null });
    await store.recordFinished([aFinishedRun('newer', { finishedAtMs: 40 })]);
    const second = await store.finishedRuns({ limit: 5, before: first.next });
    expect(second.runs.map((run) => run.id)).toEqual(['at-20', 'at-10']);
    expect(second.next).toBeNull();
  });

  test('an empty history is one empty page', async () => {
    expect(await context().store.finishedRuns({ limit: 10, before: null })).toEqual({ runs: [], next: null });
  });

  test.each(['', 'x', '12', '1-2-3', '1; drop table', `${'9'.repeat(40)}-1`])(
    'a made-up place to go on from is refused: %j',
    async (before) => {
      const asked = context().store.finishedRuns({ limit: 1, before });
      await expect(asked).rejects.toMatchObject({ code: 'request-invalid', field: 'before' });
    },
  );

  test('text of any script and with quotes survives', async () => {
    const { store, reopen } = context();
    const run = aFinishedRun(`o'brien "x" \\ 日本 😀`, {
      reason: `it's "100%"; -- \u0001`,
      project: 'größe/ß',
    });
    await store.recordFinished([run]);
    expect(await (await reopen()).finishedRun(run.id)).toEqual(run);
  });
}

function samples(context: () => Context): void {
  test('a run that was started is a sample, also one that failed; one that never started is none', async () => {
    const { store } = context();
    const started = { startedAtMs: 1_000, finishedAtMs: 4_500 };
    await store.recordFinished([
      aFinishedRun('ok', { ...started, outcome: 'succeeded' }),
      aFinishedRun('bad', { ...started, outcome: 'failed' }),
      aFinishedRun('never', { startedAtMs: null, finishedAtMs: 9_000, outcome: 'cancelled' }),
      aFinishedRun('at once', { startedAtMs: 800, finishedAtMs: 800 }),
    ]);
    const durations = (await store.samples({ perSeries: 10, limit: 10 })).map((sample) => [
      sample.runId,
      sample.durationMs,
      sample.outcome,
    ]);
    expect(durations).toEqual([
      ['bad', 3_500, 'failed'],
      ['ok', 3_500, 'succeeded'],
      ['at once', 1, 'succeeded'],
    ]);
  });

  test('a sample carries what its run was', async () => {
    const { store, reopen } = context();
    const usage = { cpuSeconds: 1.25, peakMemoryBytes: 42 };
    const run = aFinishedRun('r', { startedAtMs: 10, finishedAtMs: 30, timeoutMs: 500, usage });
    await store.recordFinished([run]);
    const { project, tenant, contentHash } = run;
    expect(await (await reopen()).samples({ perSeries: 1, limit: 1 })).toEqual([
      {
        runId: run.id,
        project,
        tenant,
        contentHash,
        startedAtMs: 10,
        durationMs: 20,
        outcome: run.outcome,
        timeoutMs: 500,
        usage,
      },
    ]);
  });

  test('a busy series does not crowd out a rare one, and the limit keeps the newest', async () => {
    const { store } = context();
    const busy = Array.from({ length: 40 }, (_, n) =>
      aFinishedRun(`busy-${n}`, { project: 'busy', startedAtMs: 1_000 + n, finishedAtMs: 5_000 }),
    );
    const rare = aFinishedRun('rare', { project: 'rare', startedAtMs: 1, finishedAtMs: 5_000 });
    await store.recordFinished([rare, ...busy]);
    const ids = async (perSeries: number, limit: number) =>
      (await store.samples({ perSeries, limit })).map((sample) => sample.runId);
    expect(await ids(2, 10)).toEqual(['busy-39', 'busy-38', 'rare']);
    expect(await ids(2, 2)).toEqual(['busy-39', 'busy-38']);
    expect(await ids(10, 3)).toEqual(['busy-39', 'busy-38', 'busy-37']);
  });

  test('one project with two contents has two series', async () => {
    const { store } = context();
    const at = (id: string, contentHash: string, startedAtMs: number) =>
      aFinishedRun(id, { contentHash, startedAtMs, finishedAtMs: 99 });
    await store.recordFinished([at('a1', 'a', 1), at('a2', 'a', 2), at('b3', 'b', 3), at('b4', 'b', 4)]);
    const got = await store.samples({ perSeries: 1, limit: 10 });
    expect(got.map((sample) => sample.runId)).toEqual(['b4', 'a2']);
  });
}

function forecasts(context: () => Context): void {
  test('a forecast is settled once, when the last of its runs has finished', async () => {
    const { store, reopen } = context();
    const record = aForecast('f', ['x', 'y', 'z'], { madeAtMs: 100 });
    await store.recordFinished([aFinishedRun('x', { finishedAtMs: 400 })]);
    await store.saveForecast(record);
    await store.recordFinished([aFinishedRun('y', { finishedAtMs: 900 })]);
    expect(await store.settleForecasts(1_000)).toEqual([]);

    const again = await reopen();
    await again.recordFinished([aFinishedRun('z', { finishedAtMs: 700 }), aFinishedRun('y')]);
    const want = { forecastId: 'f', settledAtMs: 1_001, finishedAtMs: 900 };
    expect(await again.settleForecasts(1_001)).toEqual([want]);
    expect(await again.settleForecasts(1_002)).toEqual([]);
    expect(await again.forecasts({ limit: 5 })).toEqual([{ record, outcome: want }]);
  });

  test('a forecast made after its runs had finished is settled at once', async () => {
    const { store } = context();
    await store.recordFinished([
      aFinishedRun('x', { finishedAtMs: 40 }),
      aFinishedRun('y', { finishedAtMs: 30 }),
    ]);
    await store.saveForecast(aForecast('f', ['y', 'x'], { madeAtMs: 100 }));
    expect(await store.settleForecasts(200)).toEqual([
      { forecastId: 'f', settledAtMs: 200, finishedAtMs: 40 },
    ]);
  });

  test('a forecast about no run came true when it was made', async () => {
    const { store } = context();
    await store.saveForecast(aForecast('f', [], { madeAtMs: 100 }));
    expect(await store.settleForecasts(200)).toEqual([
      { forecastId: 'f', settledAtMs: 200, finishedAtMs: 100 },
    ]);
  });

  test('one run settles every forecast it was in', async () => {
    const { store } = context();
    await store.saveForecast(aForecast('one', ['x'], { madeAtMs: 1 }));
    await store.saveForecast(aForecast('two', ['x', 'y'], { madeAtMs: 2 }));
    await store.recordFinished([aFinishedRun('x', { finishedAtMs: 10 })]);
    expect((await store.settleForecasts(20)).map((outcome) => outcome.forecastId)).toEqual(['one']);
    await store.recordFinished([aFinishedRun('y', { finishedAtMs: 5 })]);
    expect(await store.settleForecasts(30)).toEqual([
      { forecastId: 'two', settledAtMs: 30, finishedAtMs: 10 },
    ]);
  });

  test('forecasts are listed newest first, and saving one again changes nothing', async () => {
    const { store } = context();
    const early = aForecast('early', ['x'], { madeAtMs: 1 });
    const late = aForecast('late', ['x'], { madeAtMs: 2 });
    const latest = aForecast('latest', ['x'], { madeAtMs: 2 });
    for (const record of [late, early, latest]) await store.saveForecast(record);
    await store.saveForecast({ ...early, seed: 99 });
    const all = await store.forecasts({ limit: 10 });
    expect(all.map(({ record }) => record)).toEqual([latest, late, early]);
    expect((await store.forecasts({ limit: 1 })).map(({ record }) => record)).toEqual([latest]);
  });

  test('a forecast about thousands of runs is settled by the last of them', async () => {
    const { store } = context();
    const ids = Array.from({ length: 1_700 }, (_, n) => `r${n}`);
    await store.saveForecast(aForecast('f', ids));
    const runs = ids.map((id, n) => aFinishedRun(id, { startedAtMs: 1, finishedAtMs: 10 + n }));
    await store.recordFinished(runs.slice(1));
    expect(await store.settleForecasts(5_000)).toEqual([]);
    await store.recordFinished(runs);
    const want = [{ forecastId: 'f', settledAtMs: 6_000, finishedAtMs: 1_709 }];
    expect(await store.settleForecasts(6_000)).toEqual(want);
  });
}
