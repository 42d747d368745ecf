/** Test runs: the turn of a policy, requests that are repeated, and how each goes on to its end. */
import { expect, test } from 'vitest';
import { runId } from '../../../src/core/model/run.ts';
import { NOTHING_MEASURED } from '../../../src/core/model/test-run.ts';
import {
  KEY_KEPT_MS,
  TEST_RUNS_KEPT,
  type TestRun,
  type TestRunRequest,
} from '../../../src/ports/test-run-store.ts';
import type { StoreContext } from '../store-under-test.ts';

const HOUR_MS = 3_600_000;
const FIRST_MS = 1_700_000_000_000;

export function aTestRun(id: string, given: Partial<TestRun> = {}): TestRun {
  return {
    id,
    identity: 'penstock:audit',
    policyName: 'audit 🔥',
    contentHash: 'c1',
    configHash: 'f1',
    project: 'shop',
    branch: null,
    askedBy: 'mia',
    askedAtMs: FIRST_MS,
    askedId: runId(`shop-${id}`),
    state: 'waiting',
    runId: null,
    startedAtMs: null,
    endedAtMs: null,
    reason: null,
    resources: NOTHING_MEASURED,
    ending: null,
    ...given,
  };
}

export function asking(testRun: TestRun, more: Partial<TestRunRequest> = {}): TestRunRequest {
  const about = `policy ${testRun.policyName}`;
  const entry = {
    atMs: testRun.askedAtMs,
    by: testRun.askedBy,
    what: 'test-run',
    about,
    detail: null,
  } as const;
  return { testRun, key: null, apartMs: HOUR_MS, entry, ...more };
}

export function testRunCases(context: StoreContext): void {
  turnCases(context);
  keyCases(context);
  courseCases(context);
}

function turnCases(context: StoreContext): void {
  test('each change is told with its id, and a refusal is not', async () => {
    const { store } = context();
    const told: string[] = [];
    store.testRuns.changes.subscribe((id) => told.push(id));
    await store.testRuns.accept(asking(aTestRun('one')));
    await store.testRuns.accept(asking(aTestRun('two')));
    await store.testRuns.update(aTestRun('one', { state: 'running' }));
    await store.testRuns.orderEnd('one', { kind: 'cancelled', by: 'mia', sinceMs: 1 }, null);
    await store.testRuns.revoke('one');
    expect(told).toEqual(['one', 'one', 'one', 'one']);
  });

  test('of a hundred at one instant exactly one is accepted, and the others are told when', async () => {
    const { store } = context();
    const asked = Array.from({ length: 100 }, (_, n) => store.testRuns.accept(asking(aTestRun(`t${n}`))));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    const refused = { kind: 'too-soon', againAtMs: FIRST_MS + HOUR_MS };
    expect(answers.filter(({ kind }) => kind !== 'accepted')).toEqual(
      Array.from({ length: 99 }, () => refused),
    );
    expect(await store.testRuns.open()).toHaveLength(1);
    expect((await store.audit({ limit: 200, before: null })).entries).toHaveLength(1);
  });

  test('the next is accepted from exactly an hour after the last accepted one, also after a restart', async () => {
    const { store, reopen } = context();
    await store.testRuns.accept(asking(aTestRun('a')));
    const { testRuns } = await reopen();
    const at = (id: string, askedAtMs: number) => testRuns.accept(asking(aTestRun(id, { askedAtMs })));
    expect((await at('b', FIRST_MS + HOUR_MS - 1)).kind).toBe('too-soon');
    expect((await at('c', FIRST_MS + HOUR_MS)).kind).toBe('accepted');
    expect(await at('d', FIRST_MS + HOUR_MS + 1)).toEqual({
      kind: 'too-soon',
      againAtMs: FIRST_MS + 2 * HOUR_MS,
    });
  });

  test('one identity does not wait for another', async () => {
    const { testRuns } = context().store;
    expect((await testRuns.accept(asking(aTestRun('a')))).kind).toBe('accepted');
    expect((await testRuns.accept(asking(aTestRun('b', { identity: 'other' })))).kind).toBe('accepted');
  });

  test('a revoked one leaves nothing behind, and the one before it counts again', async () => {
    const { store } = context();
    const { testRuns } = store;
    const key = { caller: 'mia', key: 'k', requestHash: 'h' };
    await testRuns.accept(asking(aTestRun('a'), { key }));
    await testRuns.revoke('a');
    expect(await testRuns.testRun('a')).toBeNull();
    expect(await testRuns.known(key, FIRST_MS)).toBeNull();
    expect((await testRuns.accept(asking(aTestRun('b')))).kind).toBe('accepted');
    const later = FIRST_MS + HOUR_MS + 5;
    await testRuns.accept(asking(aTestRun('c', { askedAtMs: later })));
    await testRuns.revoke('c');
    await testRuns.revoke('b and c');
    expect((await testRuns.accept(asking(aTestRun('d', { askedAtMs: later })))).kind).toBe('accepted');
    expect((await testRuns.accept(asking(aTestRun('e', { askedAtMs: later + 1 })))).kind).toBe('too-soon');
  });

  test('a clock that was set back makes nobody wait for longer than an hour', async () => {
    const { testRuns } = context().store;
    await testRuns.accept(asking(aTestRun('a')));
    const back = FIRST_MS - 48 * HOUR_MS;
    const at = (id: string, askedAtMs: number) => testRuns.accept(asking(aTestRun(id, { askedAtMs })));
    expect(await at('b', back)).toEqual({ kind: 'too-soon', againAtMs: back + HOUR_MS });
    expect(await at('c', back + 1_000)).toEqual({ kind: 'too-soon', againAtMs: back + HOUR_MS });
    expect((await at('d', back + HOUR_MS)).kind).toBe('accepted');
  });
}

function keyCases(context: StoreContext): void {
  const key = { caller: 'mia', key: 'monday', requestHash: 'h1' };

  test('a repeated request means the first one, for a day', async () => {
    const { store, reopen } = context();
    await store.testRuns.accept(asking(aTestRun('a'), { key }));
    const { testRuns } = await reopen();
    const again = (id: string, askedAtMs: number) =>
      testRuns.accept(asking(aTestRun(id, { askedAtMs }), { key }));
    expect(await again('b', FIRST_MS + 1)).toEqual({ kind: 'repeated', id: 'a' });
    expect(await again('c', FIRST_MS + KEY_KEPT_MS - 1)).toEqual({ kind: 'repeated', id: 'a' });
    expect((await again('d', FIRST_MS + KEY_KEPT_MS)).kind).toBe('accepted');
    expect(
      (await testRuns.testRuns({ identity: 'penstock:audit', limit: 9, before: null })).testRuns,
    ).toHaveLength(2);
  });

  test('a hundred repetitions at one instant are one test run', async () => {
    const { testRuns } = context().store;
    const asked = Array.from({ length: 100 }, (_, n) => testRuns.accept(asking(aTestRun(`t${n}`), { key })));
    const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['accepted', ...Array.from({ length: 99 }, () => 'repeated')]);
  });

  test('another request with this key is refused, and another caller’s key is another', async () => {
    const { testRuns } = context().store;
    await testRuns.accept(asking(aTestRun('a'), { key }));
    expect(await testRuns.accept(asking(aTestRun('b'), { key: { ...key, requestHash: 'h2' } }))).toEqual({
      kind: 'key-taken',
    });
    expect((await testRuns.accept(asking(aTestRun('c'), { key: { ...key, caller: 'otto' } }))).kind).toBe(
      'too-soon',
    );
  });

  test('a refused request leaves no key behind', async () => {
    const { testRuns } = context().store;
    await testRuns.accept(asking(aTestRun('a')));
    await testRuns.accept(asking(aTestRun('b'), { key }));
    expect(await testRuns.known(key, FIRST_MS)).toBeNull();
  });
}

function courseCases(context: StoreContext): void {
  test('it comes back as it was written, after a restart too', async () => {
    const { store, reopen } = context();
    const waiting = aTestRun('a', { branch: 'release/1', project: 'größe/ß' });
    await store.testRuns.accept(asking(waiting));
    const done: TestRun = {
      ...waiting,
      state: 'failed',
      runId: runId('shop/a'),
      startedAtMs: FIRST_MS + 5,
      endedAtMs: FIRST_MS + 9,
      reason: `exit "1"; it's`,
      resources: { cpuSeconds: 0.1, peakMemoryBytes: 5e9, jobSeconds: 3, artifactBytes: null },
    };
    await store.testRuns.update(done);
    const { testRuns } = await reopen();
    expect(await testRuns.testRun('a')).toEqual(done);
    expect(await testRuns.testRun('nobody')).toBeNull();
  });

  test('one that has ended is open no more and never changes', async () => {
    const { testRuns } = context().store;
    await testRuns.accept(asking(aTestRun('a')));
    await testRuns.accept(asking(aTestRun('b', { identity: 'other' })));
    const ended = aTestRun('a', { state: 'succeeded', endedAtMs: FIRST_MS + 1 });
    await testRuns.update(ended);
    await testRuns.update({ ...ended, state: 'failed' });
    expect(await testRuns.testRun('a')).toEqual(ended);
    expect((await testRuns.open()).map(({ id }) => id)).toEqual(['b']);
    const ending = { kind: 'cancelled', by: 'mia', sinceMs: FIRST_MS + 2 } as const;
    expect(await testRuns.orderEnd('a', ending, null)).toBe(false);
  });

  test('its end is ordered once, and an update does not undo that', async () => {
    const { store } = context();
    const { testRuns } = store;
    await testRuns.accept(asking(aTestRun('a')));
    const ending = { kind: 'cancelled', by: 'otto', sinceMs: FIRST_MS + 2 } as const;
    const entry = {
      atMs: 1,
      by: 'otto',
      what: 'cancel-test-run',
      about: 'policy audit',
      detail: null,
    } as const;
    expect(await testRuns.orderEnd('a', ending, entry)).toBe(true);
    expect(await testRuns.orderEnd('a', { ...ending, kind: 'given-up-waiting' }, entry)).toBe(false);
    await testRuns.update(aTestRun('a', { state: 'running', startedAtMs: FIRST_MS + 1 }));
    expect(await testRuns.testRun('a')).toMatchObject({ state: 'running', ending });
    const { entries } = await store.audit({ limit: 9, before: null });
    expect(entries.map(({ what }) => what)).toEqual(['cancel-test-run', 'test-run']);
  });

  test('pages go from the last accepted to the first; of a policy the last few hundred are kept', async () => {
    const { testRuns } = context().store;
    const count = TEST_RUNS_KEPT + 3;
    for (let n = 0; n < count; n += 1) {
      const askedAtMs = FIRST_MS + n * HOUR_MS;
      await testRuns.accept(asking(aTestRun(`t${n}`, { askedAtMs })));
      // The first never ends: what is open is not forgotten.
      if (n > 0) await testRuns.update(aTestRun(`t${n}`, { state: 'succeeded', endedAtMs: askedAtMs }));
    }
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page = await testRuns.testRuns({ identity: 'penstock:audit', limit: 200, before });
      seen.push(...page.testRuns.map(({ id }) => id));
      before = page.next;
    } while (before !== null);
    const kept = Array.from({ length: TEST_RUNS_KEPT }, (_, n) => `t${count - 1 - n}`);
    expect(seen).toEqual([...kept, 't0']);
    expect((await testRuns.testRuns({ identity: 'other', limit: 9, before: null })).testRuns).toEqual([]);
  });
}
