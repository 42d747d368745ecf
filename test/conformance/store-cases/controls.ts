/** Operators' orders: what stands, and the log of all that was ordered. */
import { expect, test } from 'vitest';
import { type RunId, runId } from '../../../src/core/model/run.ts';
import type { AuditEntry, ControlOrder, PauseTarget, Store } from '../../../src/ports/store.ts';
import type { StoreContext } from '../store-under-test.ts';

const everything: PauseTarget = { scope: 'everything' };
const web: PauseTarget = { scope: 'tenant', name: 'web' };

function entry(atMs: number, what: AuditEntry['what'], about = 'everything'): AuditEntry {
  return { atMs, by: 'ann', what, about, detail: null };
}

/** Given by ann, unless it says otherwise. */
function give(store: Store, order: ControlOrder, atMs = 1): Promise<boolean> {
  return store.order(order, entry(atMs, order.kind));
}

function pause(target: PauseTarget, sinceMs = 1, by = 'ann', reason: string | null = null): ControlOrder {
  return { kind: 'pause', pause: { target, by, reason, sinceMs } };
}

function cap(tenant: string, pool: string, units: number): ControlOrder {
  return { kind: 'cap', cap: { tenant, pool, units, by: 'ann', sinceMs: 1 } };
}

function front(id: RunId, atMs: number): ControlOrder {
  return { kind: 'front', front: { runId: id, by: 'ann', atMs } };
}

export function controlCases(context: StoreContext): void {
  test('at first nothing stands and nothing is logged', async () => {
    const { store } = context();
    expect(await store.controls()).toEqual({ pauses: [], caps: [], fronts: [] });
    expect(await store.audit({ limit: 10, before: null })).toEqual({ entries: [], next: null });
  });

  test('pauses stand through a restart, in order, until each is taken back', async () => {
    const { store, reopen } = context();
    const arm: PauseTarget = { scope: 'pool', name: 'web' };
    expect(await give(store, pause(web, 5, 'bob', 'it\'s "on fire" 🔥'))).toBe(true);
    expect(await give(store, pause(everything, 6))).toBe(true);
    expect(await give(store, pause(arm, 7))).toBe(true);

    const again = await reopen();
    expect((await again.controls()).pauses).toEqual([
      { target: everything, by: 'ann', reason: null, sinceMs: 6 },
      { target: arm, by: 'ann', reason: null, sinceMs: 7 },
      { target: web, by: 'bob', reason: 'it\'s "on fire" 🔥', sinceMs: 5 },
    ]);
    expect(await give(again, { kind: 'resume', target: web })).toBe(true);
    expect(await give(again, { kind: 'resume', target: web })).toBe(false);
    expect((await again.controls()).pauses.map(({ target }) => target)).toEqual([everything, arm]);
  });

  test('a pause that stands stays the one it is', async () => {
    const { store } = context();
    await give(store, pause(web, 5, 'ann', 'database upgrade'));
    expect(await give(store, pause(web, 9, 'bob', 'me too'))).toBe(false);
    const [stands] = (await store.controls()).pauses;
    expect(stands).toEqual({ target: web, by: 'ann', reason: 'database upgrade', sinceMs: 5 });
  });

  test('a cap is replaced by another one and taken back by itself', async () => {
    const { store, reopen } = context();
    expect(await give(store, cap('web', 'runs', 5))).toBe(true);
    expect(await give(store, cap('web', 'runs', 5))).toBe(false);
    expect(await give(store, cap('web', 'runs', 0))).toBe(true);
    expect(await give(store, cap('web', 'arm', 1))).toBe(true);
    expect(await give(store, cap('data', 'runs', 2))).toBe(true);
    const again = await reopen();
    const caps = (await again.controls()).caps.map(({ tenant, pool, units }) => [tenant, pool, units]);
    expect(caps).toEqual([
      ['data', 'runs', 2],
      ['web', 'arm', 1],
      ['web', 'runs', 0],
    ]);
    const uncap = { kind: 'uncap', tenant: 'web', pool: 'runs' } as const;
    expect(await give(again, uncap)).toBe(true);
    expect(await give(again, uncap)).toBe(false);
    expect((await again.controls()).caps).toHaveLength(2);
  });
  frontCases(context);
  auditCases(context);
}

function frontCases(context: StoreContext): void {
  const [a, b, c] = [runId('a'), runId('b'), runId('c')];
  const order = async (store: Store) => (await store.controls()).fronts.map((one) => one.runId);

  test('of the runs moved to the front the last one is first, whatever the clock says', async () => {
    const { store, reopen } = context();
    for (const [id, atMs] of [
      [a, 30],
      [b, 20],
      [c, 10],
    ] as const) {
      expect(await give(store, front(id, atMs))).toBe(true);
    }
    const again = await reopen();
    expect(await order(again)).toEqual([c, b, a]);
    await give(again, front(a, 5));
    expect(await order(again)).toEqual([a, c, b]);
    expect((await again.controls()).fronts[0]).toEqual({ runId: a, by: 'ann', atMs: 5 });
  });

  test('a move is taken back, or ends when the run waits no longer', async () => {
    const { store } = context();
    for (const id of [a, b, c]) await give(store, front(id, 1));
    expect(await give(store, { kind: 'unfront', runId: b })).toBe(true);
    expect(await give(store, { kind: 'unfront', runId: b })).toBe(false);
    await store.endFronts([a, runId('never moved')]);
    expect(await order(store)).toEqual([c]);
    const logged = (await store.audit({ limit: 10, before: null })).entries;
    expect(logged.map(({ what }) => what)).toEqual(['unfront', 'front', 'front', 'front']);
  });
}

function auditCases(context: StoreContext): void {
  test('what changed something is logged, the last first; what did not is not', async () => {
    const { store, reopen } = context();
    await store.order(pause(everything), { ...entry(9, 'pause'), detail: 'database upgrade' });
    await store.order(pause(everything), entry(10, 'pause'));
    await store.order({ kind: 'resume', target: everything }, { ...entry(3, 'resume'), by: 'bob' });
    expect((await (await reopen()).audit({ limit: 10, before: null })).entries).toEqual([
      { atMs: 3, by: 'bob', what: 'resume', about: 'everything', detail: null },
      { atMs: 9, by: 'ann', what: 'pause', about: 'everything', detail: 'database upgrade' },
    ]);
  });

  test('pages of the log follow each other though more was logged in between', async () => {
    const { store } = context();
    for (const atMs of [1, 2, 3, 4]) await store.order(front(runId('a'), atMs), entry(atMs, 'front'));
    const first = await store.audit({ limit: 2, before: null });
    expect(first.entries.map(({ atMs }) => atMs)).toEqual([4, 3]);
    await store.order(front(runId('a'), 5), entry(5, 'front'));
    const second = await store.audit({ limit: 2, before: first.next });
    expect([second.entries.map(({ atMs }) => atMs), second.next]).toEqual([[2, 1], null]);
  });

  test.each(['', 'x', '-1', '1.5', '1; drop table'])(
    'a made-up place in the log to go on from is refused: %j',
    async (before) => {
      const asked = context().store.audit({ limit: 1, before });
      await expect(asked).rejects.toMatchObject({ code: 'request-invalid', field: 'before' });
    },
  );
}
