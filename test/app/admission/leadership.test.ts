/** The admission loop among several processes: only the leader starts, and only in its time. */
import { describe, expect, test } from 'vitest';
import { perfectNetwork } from '../../../sim/engine-client.ts';
import { ToldLeadership } from '../../fakes/told-leadership.ts';
import { LoopRig, START_MS } from './loop-rig.ts';

describe('a process that does not lead', () => {
  test('starts nothing, records what ends, and says who leads', async () => {
    const leadership = new ToldLeadership('penstock-b');
    const rig = new LoopRig({ leadership });
    const waits = rig.hold('waits');
    const ends = rig.hold('ends', {}, false);
    rig.state.startByHand(ends);
    await rig.begin();
    await rig.pass(1_000);
    await rig.end(ends);
    await rig.pass(1_000);
    expect(rig.asked).toEqual([]);
    expect(rig.stateOf(waits)).toBe('held');
    expect(await rig.store.finishedRun(ends)).toMatchObject({ outcome: 'succeeded' });
    expect(rig.loop.health()).toMatchObject({ following: { leader: 'penstock-b' }, waitingUntilMs: null });
  });

  test('once it leads, it waits until the former leader can do nothing more, looks afresh, and starts', async () => {
    const leadership = new ToldLeadership('penstock-b');
    const rig = new LoopRig({ leadership });
    const id = rig.hold('waits');
    await rig.begin();
    leadership.wins(START_MS + 60_000, START_MS + 5_000);
    await rig.pass(4_000);
    expect(rig.asked).toEqual([]);
    expect(rig.loop.health()).toMatchObject({ following: null, waitingUntilMs: START_MS + 5_000 });
    await rig.pass(2_000);
    expect(rig.stateOf(id)).toBe('running');
    expect(rig.looks.at(-1)).toBe(false);
    expect(rig.looks.filter((fresh) => fresh)).toHaveLength(2);
  });

  test('looks again at once when the former leader came to his end during a long look', async () => {
    const leadership = new ToldLeadership(null);
    const rig = new LoopRig({ leadership });
    const id = rig.hold('waits');
    const slow = { ...perfectNetwork.observe(), answerAfterMs: 5_000 };
    rig.network = {
      ...perfectNetwork,
      observe: () => (rig.looks.length > 1 ? perfectNetwork.observe() : slow),
    };
    leadership.wins(START_MS + 60_000, START_MS + 2_000);
    await rig.begin();
    await rig.pass(4_900);
    expect(rig.stateOf(id)).toBe('held');
    await rig.pass(500);
    expect(rig.stateOf(id)).toBe('running');
  });
});

describe('a leader', () => {
  test('starts nothing any more once its time is over, also before it hears of another leader', async () => {
    const leadership = new ToldLeadership(null);
    const rig = new LoopRig({ leadership });
    leadership.wins(START_MS + 3_000, Number.NEGATIVE_INFINITY);
    await rig.begin();
    await rig.pass(4_000);
    const late = rig.hold('late');
    await rig.pass(4_000);
    expect(rig.asked).toEqual([]);
    leadership.renews(rig.scheduler.nowMs() + 3_000);
    await rig.pass(100);
    expect(rig.stateOf(late)).toBe('running');
  });

  test('lets no start take effect after its time', async () => {
    const leadership = new ToldLeadership(null);
    const rig = new LoopRig({ leadership });
    const deadlines: number[] = [];
    rig.network = {
      ...perfectNetwork,
      start: (deadlineInMs) => {
        deadlines.push(rig.scheduler.nowMs() + deadlineInMs);
        return perfectNetwork.start(deadlineInMs);
      },
    };
    leadership.wins(START_MS + 3_000, Number.NEGATIVE_INFINITY);
    rig.hold('a');
    await rig.begin();
    await rig.pass(100);
    expect(deadlines).toEqual([START_MS + 3_000]);
  });

  test('that loses its office between two requests sends no more, and their runs wait again', async () => {
    const leadership = new ToldLeadership(null);
    const rig = new LoopRig({ leadership, slots: 3, settings: { startConcurrency: 1 } });
    rig.network = {
      ...perfectNetwork,
      start: () => {
        leadership.loses('penstock-b');
        return { arriveAfterMs: 50, refusal: null, answerAfterMs: 50, unknownAfterMs: null };
      },
    };
    leadership.wins(START_MS + 60_000, Number.NEGATIVE_INFINITY);
    const ids = [rig.hold('a'), rig.hold('b'), rig.hold('c')];
    await rig.begin();
    await rig.pass(5_000);
    expect(rig.asked).toEqual([ids[0]]);
    expect(ids.map((id) => rig.stateOf(id))).toEqual(['running', 'held', 'held']);
    expect(await rig.store.marks()).toEqual([]);
    expect(rig.loop.view()?.retries.size).toBe(0);
  });

  test('that wins again counts what it asked for before, and reads afresh what the store has', async () => {
    const leadership = new ToldLeadership(null);
    const rig = new LoopRig({ leadership, slots: 1 });
    leadership.wins(START_MS + 60_000, Number.NEGATIVE_INFINITY);
    const first = rig.hold('a');
    await rig.begin();
    await rig.pass(1_000);
    leadership.loses('penstock-b');
    await rig.end(first);
    const second = rig.hold('b');
    await rig.pass(1_000);
    expect(rig.stateOf(second)).toBe('held');
    const grant = { runId: second, grantedAtMs: START_MS, promisedAtMs: START_MS + 1 };
    await rig.store.saveGrants([grant]);
    leadership.wins(rig.scheduler.nowMs() + 60_000, rig.scheduler.nowMs() + 2_000);
    await rig.pass(1_000);
    expect(rig.loop.view()?.snapshot.grants).toEqual([grant]);
    expect(rig.stateOf(second)).toBe('held');
    await rig.pass(2_000);
    expect(rig.stateOf(second)).toBe('running');
  });
});
