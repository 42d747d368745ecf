/** Forecasts, settled when the last of their runs has finished. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import { aFinishedRun, aForecast } from '../store-builders.ts';
import type { StoreContext } from '../store-under-test.ts';

export function forecastCases(context: StoreContext): void {
  settlingCases(context);
  runForecastCases(context);
  manyCases(context);
}

function settlingCases(context: StoreContext): void {
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
}

function runForecastCases(context: StoreContext): void {
  const said = (id: string, madeAtMs: number) => ({
    runId: runId(id),
    madeAtMs,
    startAtMs: { p10: 1, p50: 2, p90: 3 },
    finishAtMs: { p10: 11, p50: 12, p90: 13 },
  });

  test('of each run the first forecast is kept, and settled when it is recorded', async () => {
    const { store, reopen } = context();
    await store.saveRunForecasts([said('x', 100), said('y', 100)]);
    await store.saveRunForecasts([said('x', 200), said('z', 200)]);
    expect(await store.settledRunForecasts({ limit: 10 })).toEqual([]);
    const again = await reopen();
    await again.recordFinished([
      aFinishedRun('x', { startedAtMs: 300, finishedAtMs: 400 }),
      aFinishedRun('z', { startedAtMs: null, finishedAtMs: 500 }),
      aFinishedRun('unforeseen'),
    ]);
    expect(await again.settledRunForecasts({ limit: 10 })).toEqual([
      { ...said('z', 200), startedAtMs: null, finishedAtMs: 500 },
      { ...said('x', 100), startedAtMs: 300, finishedAtMs: 400 },
    ]);
    expect(await again.settledRunForecasts({ limit: 1 })).toHaveLength(1);
  });

  test('one made after its run was recorded proves nothing', async () => {
    const { store } = context();
    await store.recordFinished([aFinishedRun('x')]);
    await store.saveRunForecasts([said('x', 100)]);
    expect(await store.settledRunForecasts({ limit: 10 })).toEqual([]);
  });
}

function manyCases(context: StoreContext): void {
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
