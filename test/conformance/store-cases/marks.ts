/** Marks, grants and class starts: what the loop must find again after a restart. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import type { StoreContext } from '../store-under-test.ts';

export function markCases(context: StoreContext): void {
  test('a class of runs that ask for hundreds of pools keeps nothing from being written', async () => {
    const { store } = context();
    const requests = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`pool-${n * 7919}/${n}`, 1]));
    const short = { tenant: 'a', priority: 'high', requests: { runs: 1 }, atMs: 5 };
    await store.saveClassStarts([{ tenant: 'a', priority: 'high', requests, atMs: 1 }, short]);
    expect(await store.classStarts()).toContainEqual(short);
  });

  test('a fraction of a millisecond keeps nothing from being written', async () => {
    const { store } = context();
    await store.mark([{ runId: runId('a'), markedAtMs: 10, deadlineMs: 1_795_630_235_191.25 }]);
    expect((await store.marks()).map(({ deadlineMs }) => Math.floor(deadlineMs))).toEqual([
      1_795_630_235_191,
    ]);
  });

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
