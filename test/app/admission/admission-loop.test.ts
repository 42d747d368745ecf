/** The admission loop when all is well, and its relations to time: starting, stopping, looking again. */
import { describe, expect, test } from 'vitest';
import { settle } from '../../../sim/scheduler.ts';
import { LoopRig, START_MS, settings } from './loop-rig.ts';

describe('starting what fits', () => {
  test('two slots, three runs: the third starts when one of the first two has ended', async () => {
    const rig = new LoopRig({ slots: 2 });
    const [first, second, third] = [rig.hold('a'), rig.hold('b'), rig.hold('c')];
    await rig.begin();
    await rig.pass(1_000);
    expect([first, second, third].map((id) => rig.stateOf(id))).toEqual(['running', 'running', 'held']);
    await rig.end(first);
    await rig.pass(1_000);
    expect(rig.stateOf(third)).toBe('running');
    expect(rig.asked).toEqual([first, second, third]);
  });

  test('a run created later is started as soon as the engine hints at it', async () => {
    const rig = new LoopRig();
    await rig.begin();
    const late = rig.hold('late');
    await rig.pass(200);
    expect(rig.stateOf(late)).toBe('running');
  });

  test("somebody else's pending run is never started, and his running one takes a slot", async () => {
    const rig = new LoopRig({ slots: 1 });
    const pending = rig.hold('pending', {}, false);
    const running = rig.hold('running', {}, false);
    rig.state.startByHand(running);
    const ours = rig.hold('ours');
    await rig.begin();
    await rig.pass(1_000);
    expect(rig.asked).toEqual([]);
    await rig.end(running);
    await rig.pass(1_000);
    expect(rig.asked).toEqual([ours]);
    expect(rig.stateOf(pending)).toBe('held');
  });

  test('marks are settled once the runs are seen running', async () => {
    const rig = new LoopRig();
    const id = rig.hold('a');
    await rig.begin();
    expect((await rig.store.marks()).map((mark) => mark.runId)).toEqual([id]);
    expect([...(rig.loop.view()?.starting ?? [])]).toEqual([id]);
    await rig.pass(200);
    expect(await rig.store.marks()).toEqual([]);
    expect([...(rig.loop.view()?.starting ?? [])]).toEqual([]);
  });

  test('more starts than can be sent before their deadline are asked for in turns, none of them late', async () => {
    const rig = new LoopRig({ slots: 60, settings: { startConcurrency: 2 } });
    rig.network = {
      ...rig.network,
      start: () => ({ arriveAfterMs: 500, refusal: null, answerAfterMs: 500, unknownAfterMs: null }),
    };
    const ids = Array.from({ length: 60 }, (_, index) => rig.hold(`run-${100 + index}`));
    await rig.begin();
    expect((await rig.store.marks()).length).toBe(6);
    await rig.pass(40_000);
    expect(rig.told('start-refused')).toEqual([]);
    expect(rig.asked).toEqual(ids);
    expect(ids.map((id) => rig.stateOf(id))).toEqual(ids.map(() => 'running'));
  });

  test('a listener that fails hinders nothing', async () => {
    const rig = new LoopRig();
    rig.events.push = () => {
      throw new Error('the listener is broken');
    };
    const id = rig.hold('a');
    await rig.begin();
    await rig.pass(200);
    expect(rig.stateOf(id)).toBe('running');
  });
});

describe('history', () => {
  test('a finished run is in history once, with its sample, and the engine has forgotten it', async () => {
    const rig = new LoopRig();
    const id = rig.hold('a');
    await rig.begin();
    await rig.pass(5_000);
    await rig.end(id);
    expect(await rig.store.finishedRun(id)).toMatchObject({ outcome: 'succeeded', heldSinceMs: START_MS });
    const [sample] = await rig.store.samples({ perSeries: 10, limit: 10 });
    expect(sample).toMatchObject({ runId: id, durationMs: 4_900 });
    expect(rig.state.run(id)).toBeUndefined();
    expect(rig.told('run-finished')).toHaveLength(1);
  });

  test('a run cancelled while held is in history and measures nothing', async () => {
    const rig = new LoopRig({ slots: 0 });
    const id = rig.hold('a');
    await rig.begin();
    rig.state.cancel(id, 'not needed');
    await settle();
    expect(await rig.store.finishedRun(id)).toMatchObject({ outcome: 'cancelled', startedAtMs: null });
    expect(await rig.store.samples({ perSeries: 10, limit: 10 })).toEqual([]);
  });
});

describe('looking again', () => {
  test('an idle loop rests until it is time to look again', async () => {
    const rig = new LoopRig();
    rig.hold('a');
    await rig.begin();
    await rig.pass(10_000);
    const before = rig.looks.length;
    await rig.pass(settings.relistMs - 10_001);
    expect(rig.looks.length).toBe(before);
    await rig.pass(10_001);
    expect(rig.looks.length).toBe(before + 1);
  });

  test('any number of hints during a pass make exactly one more', async () => {
    const rig = new LoopRig();
    rig.network = {
      ...rig.network,
      observe: () => ({ arriveAfterMs: 0, answerAfterMs: 500, lagMs: 0, failure: null }),
    };
    await rig.begin();
    for (let hint = 0; hint < 20; hint += 1) rig.loop.wake();
    await rig.pass(5_000);
    expect(rig.looks.length).toBe(2);
  });

  test('a change that nobody hinted at is found in time', async () => {
    const rig = new LoopRig({ settings: { relistMs: 30_000 } });
    rig.network = { ...rig.network, hints: () => [] };
    await rig.begin();
    const id = rig.hold('unheard');
    await rig.pass(30_200);
    expect(rig.stateOf(id)).toBe('running');
  });
});

describe('shadow mode', () => {
  test('decides and records, but starts nothing and leaves no trace in the store', async () => {
    const rig = new LoopRig({ settings: { mode: 'shadow' } });
    const id = rig.hold('a');
    const cancelled = rig.hold('b');
    await rig.begin();
    rig.state.cancel(cancelled, 'not needed');
    await rig.pass(60_000);
    expect(rig.loop.view()?.decision.starts).toEqual([id]);
    expect(rig.asked).toEqual([]);
    expect(rig.stateOf(id)).toBe('held');
    expect(await rig.store.marks()).toEqual([]);
    expect(await rig.store.classStarts()).toEqual([]);
    expect(await rig.store.finishedRun(cancelled)).not.toBeNull();
  });
});

describe('runs that somebody else holds', () => {
  test.each([
    ['shadow', 'all', ['theirs', 'ours']],
    ['shadow', 'ours', ['ours']],
    ['enforce', 'all', ['ours']],
  ] as const)('in mode %s with shadow.adopts %s', async (mode, shadowAdopts, decided) => {
    const rig = new LoopRig({ settings: { mode, shadowAdopts } });
    const theirs = rig.hold('theirs', {}, false);
    const ours = rig.hold('ours');
    await rig.begin();
    await rig.pass(60_000);
    const held = new Set(rig.loop.view()?.snapshot.held.map((run) => run.id));
    const active = new Set(rig.loop.view()?.snapshot.active.map((run) => run.id));
    const all = [theirs, ours].filter((id) => held.has(id) || (mode === 'enforce' && active.has(id)));
    expect(all).toEqual(decided);
    expect(rig.asked).toEqual(mode === 'enforce' ? [ours] : []);
    expect(rig.stateOf(theirs)).toBe('held');
  });
});

describe('stopping', () => {
  test('waits for the answers that are out, sends nothing more, and leaves running runs alone', async () => {
    const rig = new LoopRig({ slots: 3, settings: { startConcurrency: 1 } });
    rig.network = {
      ...rig.network,
      start: () => ({ arriveAfterMs: 0, refusal: null, answerAfterMs: 2_000, unknownAfterMs: null }),
    };
    const [first, second, third] = [rig.hold('a'), rig.hold('b'), rig.hold('c')];
    await rig.begin();
    let stopped = false;
    void rig.loop.stop().then(() => {
      stopped = true;
    });
    await rig.pass(1_999);
    expect(stopped).toBe(false);
    await rig.pass(10);
    expect(stopped).toBe(true);
    expect(rig.asked).toEqual([first]);
    expect([first, second, third].map((id) => rig.stateOf(id))).toEqual(['running', 'held', 'held']);
    // What was never sent need not be waited out by the next process.
    expect((await rig.store.marks()).map((mark) => mark.runId)).toEqual([first]);
    await rig.pass(2 * settings.relistMs);
    expect(rig.asked).toEqual([first]);
  });

  test('does not wait for ever for an engine that does not answer', async () => {
    const rig = new LoopRig({ settings: { startDeadlineMs: 600_000 } });
    rig.network = {
      ...rig.network,
      start: () => ({ arriveAfterMs: null, refusal: null, answerAfterMs: null, unknownAfterMs: null }),
    };
    const id = rig.hold('a');
    await rig.begin();
    let stopped = false;
    void rig.loop.stop().then(() => {
      stopped = true;
    });
    await rig.pass(10_000);
    expect(stopped).toBe(true);
    expect((await rig.store.marks()).map((mark) => mark.runId)).toEqual([id]);
  });
});
