/** Samples: the newest of each series. */
import { expect, test } from 'vitest';
import { aFinishedRun, aProfile } from '../store-builders.ts';
import type { StoreContext } from '../store-under-test.ts';

export function sampleCases(context: StoreContext): void {
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
        profile: null,
      },
    ]);
  });

  test('samples come with the profiles of their runs where these are asked for', async () => {
    const { store, reopen } = context();
    const runs = Array.from({ length: 1_200 }, (_, n) =>
      aFinishedRun(`r${n}`, { startedAtMs: n, profile: n % 3 === 0 ? null : aProfile(n) }),
    );
    await store.recordFinished(runs);
    const again = await reopen();
    const query = { perSeries: 1_200, limit: 1_200 };
    const newestFirst = runs.toReversed().map(({ profile }) => profile);
    expect((await again.samples({ ...query, withProfiles: true })).map((one) => one.profile)).toEqual(
      newestFirst,
    );
    expect((await again.samples(query)).every(({ profile }) => profile === null)).toBe(true);
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
  seriesCases(context);
}

function seriesCases(context: StoreContext): void {
  test('of hundreds of series the newest samples come, whatever order they were recorded in', async () => {
    const { store } = context();
    // Each series is told of three times; a later telling is often about an earlier start.
    const runs = Array.from({ length: 600 }, (_, n) =>
      aFinishedRun(`r${n}`, {
        project: `p${n % 200}`,
        startedAtMs: (n * 7_919) % 1_009,
        finishedAtMs: 2_000,
      }),
    );
    for (let from = 0; from < runs.length; from += 200)
      await store.recordFinished(runs.slice(from, from + 200));
    const newestFirst = runs.toSorted((a, b) => (b.startedAtMs ?? 0) - (a.startedAtMs ?? 0));
    for (const perSeries of [1, 2, 5]) {
      const kept = newestFirst.filter(
        (run, place) =>
          newestFirst.slice(0, place).filter((other) => other.project === run.project).length < perSeries,
      );
      for (const limit of [1, 10, 64, 65, 150, 1_000]) {
        const got = (await store.samples({ perSeries, limit })).map((sample) => sample.runId);
        expect(got).toEqual(kept.slice(0, limit).map((run) => run.id));
      }
    }
  });

  test('of samples that started together the one recorded last is the newest', async () => {
    const { store } = context();
    for (const [id, project] of [
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'a'],
    ] as const) {
      await store.recordFinished([aFinishedRun(id, { project, startedAtMs: 5, finishedAtMs: 9 })]);
    }
    const ids = async (limit: number) =>
      (await store.samples({ perSeries: 1, limit })).map((sample) => sample.runId);
    expect(await ids(1)).toEqual(['3']);
    expect(await ids(2)).toEqual(['3', '2']);
  });

  test('within one call too the newest of a series counts', async () => {
    const { store } = context();
    const at = (id: string, project: string, startedAtMs: number) =>
      aFinishedRun(id, { project, startedAtMs, finishedAtMs: 99 });
    await store.recordFinished([at('old', 'a', 1), at('new', 'a', 8), at('middle', 'b', 5)]);
    expect((await store.samples({ perSeries: 5, limit: 1 })).map((sample) => sample.runId)).toEqual(['new']);
  });
}
