/** The history of policies: what gets into it, its pages, and what is let go. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import type { HistoryStore, PastRun } from '../../../src/ports/history-store.ts';
import { aFinishedRun, aPastRun, aPolicyRun, aProfile } from '../store-builders.ts';
import type { StoreContext } from '../store-under-test.ts';

const AUDIT = 'penstock:audit';

async function keysOf(history: HistoryStore, identity = AUDIT, limit = 1000): Promise<readonly string[]> {
  const keys: string[] = [];
  let before: string | null = null;
  do {
    const page = await history.page({ identity, limit, before, withProfiles: false });
    expect(page.runs.length).toBeLessThanOrEqual(limit);
    keys.push(...page.runs.map(({ key }) => key));
    before = page.next;
  } while (before !== null);
  return keys;
}

export function pastRunCases(context: StoreContext): void {
  keepingCases(context);
  pageCases(context);
  forgettingCases(context);
}

function keepingCases(context: StoreContext): void {
  test('a run of a policy is in its history as soon as it is in that of all runs', async () => {
    const { store, reopen } = context();
    const origin = { identity: AUDIT, branch: 'main', contentHash: 'old', cause: 'test-run' } as const;
    await store.policies.addRuns([aPolicyRun('a', origin), aPolicyRun('never'), aPolicyRun('b')]);
    await store.policies.nameRuns(['a', 'never'].map((id) => ({ askedId: runId(id), runId: runId(id) })));
    const usage = { cpuSeconds: 1.5, peakMemoryBytes: 7 };
    const times = { heldSinceMs: 10, startedAtMs: 40, finishedAtMs: 100 };
    await store.recordFinished([
      aFinishedRun('a', { ...times, outcome: 'failed', reason: 'no', usage, profile: aProfile(60) }),
      aFinishedRun('never', { startedAtMs: null, outcome: 'cancelled' }),
      aFinishedRun('of-nobody'),
    ]);
    const kept: PastRun = {
      key: 'a',
      project: 'shop',
      branch: 'main',
      contentHash: 'old',
      configHash: 'f1',
      cause: 'test-run',
      isImported: false,
      startedAtMs: 40,
      durationMs: 60,
      queuedMs: 30,
      outcome: 'failed',
      failureReason: 'no',
      jobMs: null,
      usage,
      profile: aProfile(60),
    };
    const { history } = await reopen();
    const query = { identity: AUDIT, limit: 10, before: null };
    expect(await history.page({ ...query, withProfiles: true })).toEqual({ runs: [kept], next: null });
    const { runs } = await history.page({ ...query, withProfiles: false });
    expect(runs).toEqual([{ ...kept, profile: null }]);
  });

  test('one that ended before the engine said what it is called gets there when it does', async () => {
    const { store } = context();
    await store.policies.addRuns([aPolicyRun('asked', { identity: AUDIT })]);
    await store.recordFinished([aFinishedRun('observed')]);
    expect(await keysOf(store.history)).toEqual([]);
    const made = [{ askedId: runId('asked'), runId: runId('observed') }];
    await store.policies.nameRuns(made);
    await store.policies.nameRuns(made);
    expect(await keysOf(store.history)).toEqual(['observed']);
  });

  test('the same run is kept once, as it was first, and for each policy', async () => {
    const { history } = context().store;
    const runs = [aPastRun('x', { durationMs: 1 }), aPastRun('y'), aPastRun('x', { durationMs: 2 })];
    expect(await history.add(AUDIT, runs)).toBe(2);
    expect(await history.add(AUDIT, [aPastRun('x', { durationMs: 3 }), aPastRun('z')])).toBe(1);
    expect(await history.add('other', [aPastRun('x')])).toBe(1);
    expect(await history.add('other', [])).toBe(0);
    const page = await history.page({ identity: AUDIT, limit: 10, before: null, withProfiles: true });
    expect(page.runs.find(({ key }) => key === 'x')).toEqual(aPastRun('x', { durationMs: 1 }));
    expect(await keysOf(history)).toEqual(['z', 'y', 'x']);
    expect(await keysOf(history, 'other')).toEqual(['x']);
  });
}

function pageCases(context: StoreContext): void {
  test('pages lead through all of them once, the newest first', async () => {
    const { history } = context().store;
    const runs = [30, 10, 20, 20, 20, 40].map((startedAtMs, place) => aPastRun(`r${place}`, { startedAtMs }));
    await history.add(AUDIT, runs);
    for (const limit of [1, 2, 3, 6, 7]) {
      expect(await keysOf(history, AUDIT, limit)).toEqual(['r5', 'r0', 'r4', 'r3', 'r2', 'r1']);
    }
    expect(await keysOf(history, 'nobody')).toEqual([]);
  });

  test('identities are found one after the other', async () => {
    const { history } = context().store;
    for (const identity of ['b', 'a', 'c', 'b']) await history.add(identity, [aPastRun('x')]);
    expect(await history.nextIdentity(null)).toBe('a');
    expect(await history.nextIdentity('a')).toBe('b');
    expect(await history.nextIdentity('b')).toBe('c');
    expect(await history.nextIdentity('c')).toBeNull();
  });
}

function forgettingCases(context: StoreContext): void {
  test('too old and too many go, the oldest first and so many at a time', async () => {
    const { history } = context().store;
    await history.add(
      AUDIT,
      [1, 2, 3, 4, 5, 5].map((startedAtMs, place) => aPastRun(`r${place}`, { startedAtMs })),
    );
    await history.add('other', [aPastRun('old', { startedAtMs: 1 })]);
    const query = { identity: AUDIT, startedBeforeMs: 3, most: 100, limit: 1 };
    expect(await history.forget(query)).toBe(1);
    expect(await history.forget({ ...query, limit: 10 })).toBe(1);
    expect(await history.forget({ ...query, limit: 10 })).toBe(0);
    expect(await keysOf(history)).toEqual(['r5', 'r4', 'r3', 'r2']);
    expect(await history.forget({ ...query, most: 1, limit: 10 })).toBe(3);
    expect(await keysOf(history)).toEqual(['r5']);
    expect(await keysOf(history, 'other')).toEqual(['old']);
  });
}
