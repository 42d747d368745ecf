/** The admission loop when answers are lost, refused, late or wrong, and after a crash. */
import { describe, expect, test } from 'vitest';
import { aroundCalls } from '../../../sim/around-calls.ts';
import { CLOCK_TOLERANCE_MS } from '../../../src/app/admission/marks.ts';
import { type RunId, runId } from '../../../src/core/model/run.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { LoopRig, lostRequest, START_MS, settings } from './loop-rig.ts';

const CERTAIN_MS = settings.startDeadlineMs + CLOCK_TOLERANCE_MS;

describe('answers to starts', () => {
  test('a start whose answer was lost counts, and nobody takes its slot', async () => {
    const rig = new LoopRig({ slots: 1 });
    const [first, second] = [rig.hold('a'), rig.hold('b')];
    rig.fates.set(first, { arriveAfterMs: 5_000, refusal: null, answerAfterMs: null, unknownAfterMs: 50 });
    await rig.begin();
    await rig.pass(4_000);
    expect([rig.stateOf(first), rig.stateOf(second)]).toEqual(['held', 'held']);
    await rig.pass(2_000);
    expect([rig.stateOf(first), rig.stateOf(second)]).toEqual(['running', 'held']);
    expect(rig.asked).toEqual([first]);
    expect(rig.told('start-unknown')).toHaveLength(1);
  });

  test('a start that got lost lapses after its deadline, and only then; the next run gets the slot', async () => {
    const rig = new LoopRig({ slots: 1 });
    const [first, second] = [rig.hold('a'), rig.hold('b')];
    rig.fates.set(first, lostRequest);
    await rig.begin();
    await rig.pass(CERTAIN_MS - 1);
    expect(rig.asked).toEqual([first]);
    await rig.pass(1);
    expect(rig.told('start-lapsed')).toHaveLength(1);
    expect(rig.looks.at(-1)).toBe(false);
    expect(rig.looks).toContain(true);
    expect(rig.asked).toEqual([first, second]);
  });

  test('a refused run is left alone for a while that doubles, then tried again', async () => {
    const rig = new LoopRig();
    const id = rig.hold('a');
    rig.fates.set(id, {
      arriveAfterMs: 0,
      refusal: 'no such namespace',
      answerAfterMs: 0,
      unknownAfterMs: null,
    });
    await rig.begin();
    await rig.pass(0);
    expect(rig.asked).toHaveLength(1);
    expect(rig.loop.view()?.retries.get(id)).toMatchObject({ attempts: 1, why: 'no such namespace' });
    expect(rig.loop.view()?.starting.size).toBe(0);
    const askedAfter: number[] = [];
    for (let second = 1; second <= 24; second += 1) {
      await rig.pass(1_000);
      while (askedAfter.length < rig.asked.length - 1) askedAfter.push(second);
    }
    expect(askedAfter).toEqual([1, 3, 7, 15, 23]);
  });

  test('a run that is refused does not keep its slot from others', async () => {
    const rig = new LoopRig({ slots: 1 });
    const [first, second] = [rig.hold('a'), rig.hold('b')];
    rig.fates.set(first, { arriveAfterMs: 0, refusal: 'busy', answerAfterMs: 0, unknownAfterMs: null });
    await rig.begin();
    await rig.pass(500);
    expect(rig.stateOf(second)).toBe('running');
  });

  test('requests queued behind slow ones are not sent after their deadline', async () => {
    const rig = new LoopRig({ slots: 2, settings: { startConcurrency: 1 } });
    const [first, second] = [rig.hold('a'), rig.hold('b')];
    rig.fates.set(first, { arriveAfterMs: 0, refusal: null, answerAfterMs: null, unknownAfterMs: null });
    await rig.begin();
    await rig.pass(settings.startDeadlineMs + 10);
    expect(rig.asked).toEqual([first]);
    expect(rig.told('start-refused')).toMatchObject([{ runId: second }]);
    await rig.pass(settings.retryMinMs);
    expect(rig.stateOf(second)).toBe('starting');
  });
});

describe('old news', () => {
  test('an observation older than one used before starts nothing a second time', async () => {
    const rig = new LoopRig({ slots: 1 });
    const [first, second] = [rig.hold('a'), rig.hold('b')];
    await rig.begin();
    await rig.pass(200);
    expect(rig.stateOf(first)).toBe('running');
    let lagMs = 150;
    rig.network = {
      ...rig.network,
      observe: () => ({ arriveAfterMs: 0, answerAfterMs: 0, lagMs, failure: null }),
    };
    rig.loop.wake();
    await rig.pass(10);
    lagMs = 0;
    expect(rig.asked).toEqual([first]);
    expect(rig.loop.view()?.observation.runs.find((run) => run.id === first)?.state).toBe('running');
    expect(rig.stateOf(second)).toBe('held');
  });
});

describe('after a crash', () => {
  test('nothing is asked for before the last deadline of the former process has passed', async () => {
    const rig = new LoopRig({ slots: 1 });
    const [first, second] = [rig.hold('a'), rig.hold('b')];
    rig.fates.set(first, { arriveAfterMs: 9_000, refusal: null, answerAfterMs: null, unknownAfterMs: null });
    await rig.begin();
    await rig.pass(1_000);
    await rig.crashAndRestart();
    expect(rig.loop.health().waitingUntilMs).toBe(START_MS + CERTAIN_MS);
    await rig.pass(CERTAIN_MS - 1_000);
    expect(rig.stateOf(first)).toBe('running');
    expect(rig.loop.health().waitingUntilMs).toBeNull();
    expect(rig.asked).toEqual([first]);
    await rig.end(first);
    await rig.pass(200);
    expect(rig.stateOf(second)).toBe('running');
  });

  test('a mark whose start was never sent is found to have had no effect, and the run starts', async () => {
    const store = new MemoryStore();
    await store.mark([{ runId: runId('a'), markedAtMs: START_MS, deadlineMs: START_MS + 10_000 }]);
    const rig = new LoopRig({ slots: 2, store });
    const [marked, other] = [rig.hold('a'), rig.hold('b')];
    await rig.begin();
    await rig.pass(CERTAIN_MS - 1);
    expect(rig.asked).toEqual([]);
    await rig.pass(1 + settings.retryMinMs + 200);
    expect([rig.stateOf(marked), rig.stateOf(other)]).toEqual(['running', 'running']);
    expect(await store.marks()).toEqual([]);
  });

  test('without marks it needs one fresh look only', async () => {
    const rig = new LoopRig();
    const id = rig.hold('a');
    await rig.begin();
    expect(rig.looks[0]).toBe(true);
    expect(rig.asked).toEqual([id]);
  });

  test('a promise given before stays the same', async () => {
    const rig = new LoopRig({
      slots: 2,
      settings: { priorities: [{ name: 'normal', patienceMs: 60_000 }] },
    });
    rig.hold('a-small-one');
    const big = rig.hold('big', { requests: { runs: 2 }, project: 'big' });
    await rig.begin();
    await rig.pass(120_000);
    const promised = rig.loop.view()?.decision.grants;
    expect(promised).toMatchObject([{ runId: big }]);
    await rig.pass(600_000);
    await rig.crashAndRestart();
    await rig.pass(600_000);
    expect(rig.loop.view()?.decision.grants).toEqual(promised);
    expect(await rig.store.grants()).toEqual(promised);
  });
});

describe('in doubt', () => {
  test('an engine that does not answer starts nothing, is shown, and is tried again for ever', async () => {
    const rig = new LoopRig();
    const well = rig.network;
    rig.network = {
      ...well,
      observe: () => ({ arriveAfterMs: 0, answerAfterMs: 0, lagMs: 0, failure: 'engine down' }),
    };
    const id = rig.hold('a');
    await rig.begin();
    await rig.pass(3_600_000);
    expect(rig.asked).toEqual([]);
    expect(rig.loop.health().doubts).toMatchObject([
      { source: 'engine', error: 'engine down', sinceMs: START_MS },
    ]);
    rig.network = well;
    await rig.pass(settings.retryMaxMs + 200);
    expect(rig.loop.health().doubts).toEqual([]);
    expect(rig.stateOf(id)).toBe('running');
  });

  test('an engine that hangs is an engine in doubt', async () => {
    const rig = new LoopRig();
    rig.network = {
      ...rig.network,
      observe: () => ({ arriveAfterMs: 0, answerAfterMs: null, lagMs: 0, failure: null }),
    };
    await rig.begin();
    await rig.pass(60_000);
    expect(rig.loop.health().doubts).toMatchObject([{ source: 'engine' }]);
  });

  test('capacity that cannot be read starts nothing, and each waiting run is told so', async () => {
    const rig = new LoopRig({ slots: 1 });
    await rig.begin();
    rig.capacityError = 'the gauge does not answer';
    const id = rig.hold('a');
    await rig.pass(20_000);
    expect(rig.asked).toEqual([]);
    expect(rig.loop.view()?.snapshot.pools[0]?.doubt).toBe(
      'capacity cannot be read: the gauge does not answer',
    );
    rig.capacityError = null;
    await rig.pass(settings.retryMaxMs + 200);
    expect(rig.stateOf(id)).toBe('running');
  });

  test('a mark that cannot be written starts nothing until it can', async () => {
    let broken = true;
    const store = aroundCalls(new MemoryStore() as Store, (call) =>
      broken && call.method === 'mark' ? Promise.reject(new Error('disk full')) : call.perform(),
    );
    const rig = new LoopRig({ store });
    const id = rig.hold('a');
    await rig.begin();
    await rig.pass(60_000);
    expect(rig.asked).toEqual([]);
    expect(rig.loop.health().doubts).toMatchObject([{ source: 'store', error: 'disk full' }]);
    broken = false;
    await rig.pass(settings.retryMaxMs + 200);
    expect(rig.stateOf(id)).toBe('running');
  });

  test('a store that hangs is a store in doubt', async () => {
    const store = aroundCalls(new MemoryStore() as Store, () => new Promise(() => {}));
    const rig = new LoopRig({ store });
    rig.hold('a');
    await rig.begin();
    await rig.pass(60_000);
    expect(rig.asked).toEqual([]);
    expect(rig.loop.health().doubts).toMatchObject([{ source: 'store' }]);
  });

  test('history that cannot be written keeps the run in the engine and holds back no start', async () => {
    let broken = true;
    const store = aroundCalls(new MemoryStore() as Store, (call) =>
      broken && call.method === 'recordFinished' ? Promise.reject(new Error('disk full')) : call.perform(),
    );
    const rig = new LoopRig({ slots: 1, store });
    const [first, second] = [rig.hold('a'), rig.hold('b')];
    await rig.begin();
    await rig.pass(200);
    await rig.end(first);
    await rig.pass(200);
    expect(rig.stateOf(second)).toBe('running');
    expect(rig.stateOf(first)).toBe('succeeded');
    expect(rig.loop.health().doubts).toMatchObject([{ source: 'history' }]);
    broken = false;
    await rig.pass(settings.retryMaxMs + 200);
    expect((await store.finishedRun(first))?.outcome).toBe('succeeded');
    expect(rig.stateOf(first)).toBeUndefined();
  });

  test('a pool that is no longer reported starts nothing; runs in other pools go on', async () => {
    const rig = new LoopRig({ slots: 4 });
    const arm = { name: 'arm64', size: 1, otherUse: 0, doubt: null };
    const all = [...rig.pools, arm];
    rig.pools = all;
    await rig.begin();
    rig.pools = all.slice(0, 1);
    const needsArm: RunId = rig.hold('arm', { requests: { runs: 1, arm64: 1 } });
    const plain = rig.hold('plain');
    await rig.pass(200);
    expect([rig.stateOf(needsArm), rig.stateOf(plain)]).toEqual(['held', 'running']);
    rig.pools = all;
    rig.loop.wake();
    await rig.pass(200);
    expect(rig.stateOf(needsArm)).toBe('running');
  });
});
