/** Finished runs: each once, as it was, in pages. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import { aFinishedRun, allPages, aProfile } from '../store-builders.ts';
import type { StoreContext } from '../store-under-test.ts';

export function historyCases(context: StoreContext): void {
  test('a finished run comes back as it was, after a restart too', async () => {
    const { store, reopen } = context();
    const usage = { cpuSeconds: 0.1 + 0.2, peakMemoryBytes: 5_000_000_000 };
    const told = { usage, profile: aProfile(1_000), reason: 'exit status 3', outcome: 'failed' } as const;
    const full = aFinishedRun('full', { ...told, ours: false });
    const bare = aFinishedRun('bare', { startedAtMs: null, outcome: 'cancelled', timeoutMs: null });
    expect(await store.recordFinished([full, bare])).toEqual(['full', 'bare']);

    const again = await reopen();
    expect(await again.finishedRun(full.id)).toEqual(full);
    expect(await again.finishedRun(bare.id)).toEqual(bare);
    expect(await again.finishedRun(runId('unheard of'))).toBeNull();
  });

  test('of the runs whose ids have one beginning the last is found, and none of its neighbours', async () => {
    const { store } = context();
    const ids = ['shop/a@1', 'shop/a@2', 'shop/a-b@3', 'shop/a', 'Shop/a@4', 'shop/é@5', 'shop/%@6'];
    await store.recordFinished(ids.map((id) => aFinishedRun(id)));
    expect((await store.finishedRunLike('shop/a@'))?.id).toBe('shop/a@2');
    expect((await store.finishedRunLike('shop/a-b@'))?.id).toBe('shop/a-b@3');
    expect((await store.finishedRunLike('shop/é@'))?.id).toBe('shop/é@5');
    expect(await store.finishedRunLike('shop/_@')).toBeNull();
  });

  test('lists of finished runs do without profiles', async () => {
    const { store } = context();
    const run = aFinishedRun('r', { profile: aProfile(5) });
    await store.recordFinished([run]);
    const { profile: _, ...listed } = run;
    expect((await store.finishedRuns({ limit: 1, before: null })).runs).toEqual([listed]);
  });

  test('recording a run again, in the same call or later, changes nothing', async () => {
    const { store } = context();
    const run = aFinishedRun('r');
    const other = { ...run, profile: aProfile(5), outcome: 'failed' as const };
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
