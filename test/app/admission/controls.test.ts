/** What operators order, in the loop: pauses, caps and moves to the front. */
import { describe, expect, test } from 'vitest';
import { aroundCalls } from '../../../sim/around-calls.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { ControlOrder, PauseTarget, Store } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { LoopRig } from './loop-rig.ts';

const everything: PauseTarget = { scope: 'everything' };

async function give(rig: LoopRig, order: ControlOrder): Promise<void> {
  await rig.store.order(order, { atMs: 0, by: 'ann', what: order.kind, about: 'it', detail: null });
  rig.loop.wake();
  await rig.pass(1_000);
}

const pause = (rig: LoopRig, target: PauseTarget) =>
  give(rig, {
    kind: 'pause',
    pause: { target, by: 'ann', reason: null, sinceMs: rig.scheduler.nowMs() },
  });
const resume = (rig: LoopRig, target: PauseTarget) => give(rig, { kind: 'resume', target });
const front = (rig: LoopRig, id: string) =>
  give(rig, { kind: 'front', front: { runId: runId(id), by: 'ann', atMs: rig.scheduler.nowMs() } });

describe('a pause', () => {
  test('of everything counts from the next pass on, after a crash too, until it is taken back', async () => {
    const rig = new LoopRig({ slots: 9 });
    const before = rig.hold('before');
    await rig.begin();
    await rig.pass(1_000);
    await pause(rig, everything);
    const after = rig.hold('after');
    await rig.pass(60_000);
    expect([rig.stateOf(before), rig.stateOf(after)]).toEqual(['running', 'held']);
    await rig.crashAndRestart();
    await rig.pass(60_000);
    expect(rig.stateOf(after)).toBe('held');
    await resume(rig, everything);
    expect(rig.stateOf(after)).toBe('running');
  });

  test('given while the engine is being looked at counts for the decision after that look', async () => {
    const rig = new LoopRig();
    const id = rig.hold('a');
    rig.network = {
      ...rig.network,
      observe: () => ({ arriveAfterMs: 0, answerAfterMs: 500, lagMs: 0, failure: null }),
    };
    await rig.begin();
    await rig.pass(100);
    await pause(rig, everything);
    await rig.pass(60_000);
    expect(rig.stateOf(id)).toBe('held');
  });

  test('of a tenant or a pool stops only what it covers', async () => {
    const rig = new LoopRig({ slots: 9 });
    rig.pools = [...rig.pools, { name: 'arm', size: 9, otherUse: 0, doubt: null }];
    await rig.begin();
    await pause(rig, { scope: 'tenant', name: 'retail' });
    await pause(rig, { scope: 'pool', name: 'arm' });
    rig.hold('retail', {});
    rig.hold('arm', { tenant: 'media', requests: { runs: 1, arm: 1 } });
    rig.hold('other', { tenant: 'media' });
    await rig.pass(1_000);
    expect(['retail', 'arm', 'other'].map((id) => rig.stateOf(runId(id)))).toEqual([
      'held',
      'held',
      'running',
    ]);
    await resume(rig, { scope: 'pool', name: 'arm' });
    expect(rig.stateOf(runId('arm'))).toBe('running');
    expect(rig.stateOf(runId('retail'))).toBe('held');
  });

  test('taken back leaves those of the configuration and of the engine standing', async () => {
    const rig = new LoopRig({ settings: { paused: true } });
    const id = rig.hold('a');
    await rig.begin();
    await pause(rig, everything);
    await resume(rig, everything);
    expect(rig.stateOf(id)).toBe('held');

    const hinted = new LoopRig();
    hinted.hints = [{ name: 'retail', paused: { why: 'moving house' }, caps: {} }];
    const other = hinted.hold('b');
    await hinted.begin();
    await hinted.pass(1_000);
    expect(hinted.stateOf(other)).toBe('held');
    hinted.hints = [];
    hinted.loop.wake();
    await hinted.pass(1_000);
    expect(hinted.stateOf(other)).toBe('running');
  });
});

describe('a cap', () => {
  const runningOf = (rig: LoopRig) =>
    [...rig.state.runs()].filter((run) => run.state === 'running').map((run) => run.created.id);

  test.each([
    ['goes over the configuration, upwards too', { configured: 1, ordered: 2, hinted: null, want: 2 }],
    ['of the engine counts when it is lower', { configured: 3, ordered: null, hinted: 1, want: 1 }],
    ['of the engine does not raise an order', { configured: 3, ordered: 1, hinted: 2, want: 1 }],
    ['of zero stops the tenant', { configured: null, ordered: 0, hinted: null, want: 0 }],
  ])('%s', async (_, { configured, ordered, hinted, want }) => {
    const caps = configured === null ? {} : { runs: configured };
    const tenants = [{ name: 'retail', weight: 1, caps, paused: false }];
    const rig = new LoopRig({ slots: 5, settings: { tenants } });
    if (hinted !== null) rig.hints = [{ name: 'retail', paused: null, caps: { runs: hinted } }];
    if (ordered !== null) {
      const cap = { tenant: 'retail', pool: 'runs', units: ordered, by: 'ann', sinceMs: 1 };
      await give(rig, { kind: 'cap', cap });
    }
    for (const id of ['a', 'b', 'c', 'd']) rig.hold(id);
    await rig.begin();
    await rig.pass(1_000);
    expect(runningOf(rig)).toHaveLength(want);
  });

  test('that was lowered ends nothing, and taken back lets more start', async () => {
    const rig = new LoopRig({ slots: 3 });
    for (const id of ['a', 'b', 'c']) rig.hold(id);
    await give(rig, {
      kind: 'cap',
      cap: { tenant: 'retail', pool: 'runs', units: 2, by: 'ann', sinceMs: 1 },
    });
    await give(rig, {
      kind: 'cap',
      cap: { tenant: 'retail', pool: 'runs', units: 1, by: 'ann', sinceMs: 2 },
    });
    expect(runningOf(rig)).toHaveLength(2);
    await give(rig, { kind: 'uncap', tenant: 'retail', pool: 'runs' });
    expect(runningOf(rig)).toHaveLength(3);
  });
});

describe('a run moved to the front', () => {
  test('goes first when a slot comes free, of two the one moved last, and the moves are over then', async () => {
    const rig = new LoopRig({ slots: 1, settings: { maxGrants: 0 } });
    for (const id of ['a', 'b', 'c', 'd']) rig.hold(id);
    await rig.begin();
    await rig.pass(1_000);
    await front(rig, 'c');
    await front(rig, 'd');
    for (const id of ['a', 'd', 'c']) {
      await rig.end(runId(id));
      await rig.pass(1_000);
    }
    expect(rig.asked).toEqual(['a', 'd', 'c', 'b']);
    expect((await rig.store.controls()).fronts).toEqual([]);
    expect(await rig.store.grants()).toEqual([]);
  });

  test('keeps its units through a crash, and is no grant that is written down', async () => {
    const rig = new LoopRig({ slots: 2 });
    rig.hold('a');
    await rig.begin();
    rig.hold('wide', { requests: { runs: 2 } });
    await rig.pass(1_000);
    await front(rig, 'wide');
    const short = rig.hold('short', { tenant: 'media' });
    await rig.crashAndRestart();
    await rig.pass(60_000);
    expect(rig.stateOf(short)).toBe('held');
    expect(await rig.store.grants()).toEqual([]);
    await rig.end(runId('a'));
    await rig.pass(1_000);
    expect(rig.stateOf(runId('wide'))).toBe('running');
  });

  test('that is stalled takes no place of a grant, and goes first when it is not any more', async () => {
    const patient = [{ name: 'normal', patienceMs: 1_000 }];
    const rig = new LoopRig({ slots: 2, settings: { maxGrants: 1, priorities: patient } });
    rig.pools = [...rig.pools, { name: 'arm', size: 1, otherUse: 0, doubt: null }];
    const arm = { requests: { runs: 1, arm: 1 } };
    await pause(rig, { scope: 'pool', name: 'arm' });
    rig.hold('a');
    await rig.begin();
    rig.hold('older', arm);
    rig.hold('moved', arm);
    const wide = rig.hold('wide', { requests: { runs: 2 }, tenant: 'media' });
    await front(rig, 'moved');
    await rig.pass(5_000);
    expect((await rig.store.grants()).map((grant) => grant.runId)).toEqual([wide]);
    await resume(rig, { scope: 'pool', name: 'arm' });
    expect(rig.asked).toEqual(['a', 'moved']);
  });

  test('and put back waits in its turn again', async () => {
    const rig = new LoopRig({ slots: 1 });
    for (const id of ['a', 'b', 'c']) rig.hold(id);
    await rig.begin();
    await front(rig, 'c');
    await give(rig, { kind: 'unfront', runId: runId('c') });
    await rig.end(runId('a'));
    await rig.pass(1_000);
    expect(rig.asked).toEqual(['a', 'b']);
  });

  test('that is gone is forgotten once a fresh look has told so, and looks are cheap again then', async () => {
    const rig = new LoopRig({ slots: 0, settings: { relistMs: 1_000 } });
    const id = rig.hold('a');
    await rig.begin();
    await front(rig, 'a');
    rig.state.remove(id);
    await rig.pass(500);
    expect((await rig.store.controls()).fronts).toHaveLength(1);
    await rig.pass(5_000);
    expect((await rig.store.controls()).fronts).toEqual([]);
    expect(rig.looks.slice(1).filter((fresh) => fresh)).toHaveLength(1);
    expect(rig.looks.at(-1)).toBe(false);
  });
});

test('a store that cannot tell what was ordered starts nothing', async () => {
  const store = new MemoryStore();
  let works = false;
  const broken = aroundCalls(store as Store, async (call) => {
    if (call.method === 'controls' && !works) throw new Error('disk on fire');
    return call.perform();
  });
  const rig = new LoopRig({ store: broken });
  const id = rig.hold('a');
  await rig.begin();
  await rig.pass(30_000);
  expect(rig.stateOf(id)).toBe('held');
  expect(rig.loop.health().doubts).toMatchObject([{ source: 'store', error: 'disk on fire' }]);
  works = true;
  await rig.pass(30_000);
  expect(rig.stateOf(id)).toBe('running');
});
