/** The maximum age in the queue: what is too old is cancelled with a reason, and never started. */
import { describe, expect, test } from 'vitest';
import { perfectNetwork } from '../../../sim/engine-client.ts';
import { runId } from '../../../src/core/model/run.ts';
import { ToldLeadership } from '../../fakes/told-leadership.ts';
import { LoopRig, lostRequest, START_MS } from './loop-rig.ts';

const HOUR_MS = 3_600_000;
const settings = { maxHeldMs: HOUR_MS };

test('a run held longer is cancelled to the second, with a reason that says so, and told of', async () => {
  const rig = new LoopRig({ slots: 0, settings });
  const id = rig.hold('a');
  await rig.begin();
  await rig.pass(HOUR_MS - 1);
  expect(rig.stateOf(id)).toBe('held');
  await rig.pass(1);
  expect(await rig.store.finishedRun(id)).toMatchObject({
    outcome: 'cancelled',
    startedAtMs: null,
    finishedAtMs: START_MS + HOUR_MS,
    reason: 'It was held for longer than 1 hour, its maximum age in the queue (admission.maxAge).',
  });
  expect(rig.told('run-expired')).toMatchObject([{ runId: id, tenant: 'retail', heldForMs: HOUR_MS }]);
});

test('what a run says itself goes over the setting, also where there is none', async () => {
  const rig = new LoopRig({ slots: 0 });
  const [sooner, never] = [rig.hold('sooner'), rig.hold('never')];
  rig.maxHeldMs.set(sooner, 60_000);
  await rig.begin();
  await rig.pass(HOUR_MS);
  expect((await rig.store.finishedRun(sooner))?.reason).toBe(
    'It was held for longer than 1 minute, its maximum age in the queue (set on the run).',
  );
  expect(rig.stateOf(never)).toBe('held');

  const longer = new LoopRig({ slots: 0, settings });
  const id = longer.hold('longer');
  longer.maxHeldMs.set(id, 2 * HOUR_MS);
  await longer.begin();
  await longer.pass(2 * HOUR_MS - 1);
  expect(longer.stateOf(id)).toBe('held');
});

test('a run that is too old is not started, though a slot comes free while the engine does not cancel it', async () => {
  const rig = new LoopRig({ slots: 1, settings });
  const first = rig.hold('first');
  await rig.begin();
  const old = rig.hold('old');
  rig.network = {
    ...perfectNetwork,
    cancel: () => ({ arriveAfterMs: null, answerAfterMs: null, failsAfterMs: 10 }),
  };
  await rig.pass(HOUR_MS + 5_000);
  await rig.end(first);
  const late = rig.hold('late');
  await rig.pass(5_000);
  expect([rig.stateOf(old), rig.stateOf(late)]).toEqual(['held', 'running']);
  expect(rig.told('run-expired')).toEqual([]);

  rig.network = perfectNetwork;
  await rig.pass(10_000);
  expect(rig.stateOf(old)).toBeUndefined();
  expect(await rig.store.finishedRun(old)).toMatchObject({ outcome: 'cancelled' });
});

test('an engine that never answers is asked again, and holds up no starts', async () => {
  const rig = new LoopRig({ slots: 1, settings: { maxHeldMs: 60_000 } });
  rig.network = {
    ...perfectNetwork,
    cancel: () => ({ arriveAfterMs: null, answerAfterMs: null, failsAfterMs: null }),
  };
  const never = rig.hold('never', { requests: { runs: 2 } });
  await rig.begin();
  await rig.pass(61_000);
  const other = rig.hold('other');
  await rig.pass(200);
  expect(rig.stateOf(other)).toBe('running');
  rig.network = perfectNetwork;
  await rig.pass(30_000);
  expect(rig.stateOf(never)).toBeUndefined();
});

test('thousands that are too old at once are cancelled a few at a time, all of them', async () => {
  const rig = new LoopRig({ slots: 0, settings });
  let out = 0;
  let most = 0;
  rig.network = {
    ...perfectNetwork,
    cancel: () => {
      out += 1;
      most = Math.max(most, out);
      rig.scheduler.after(20, () => {
        out -= 1;
      });
      return { arriveAfterMs: 10, answerAfterMs: 10, failsAfterMs: null };
    },
  };
  const ids = Array.from({ length: 1_000 }, (_, n) => rig.hold(`r-${n}`));
  await rig.begin();
  await rig.pass(HOUR_MS + 10_000);
  expect(ids.filter((id) => rig.stateOf(id) !== undefined)).toEqual([]);
  expect(most).toBeLessThanOrEqual(16);
  expect(rig.told('run-expired')).toHaveLength(1_000);
});

describe('left alone is', () => {
  test('a run whose start is marked, though nobody knows what became of it', async () => {
    const rig = new LoopRig({ slots: 1, settings: { maxHeldMs: 5_000 } });
    const id = rig.hold('a');
    rig.fates.set(id, lostRequest);
    await rig.begin();
    await rig.pass(9_000);
    expect(rig.stateOf(id)).toBe('held');
    expect(await rig.store.marks()).toHaveLength(1);
    // Its deadline passes, and it is known to be held: now it is too old.
    await rig.pass(5_000);
    expect(await rig.store.finishedRun(id)).toMatchObject({ outcome: 'cancelled' });
  });

  test('a run that somebody else holds, and one that runs', async () => {
    const rig = new LoopRig({ slots: 1, settings });
    const theirs = rig.hold('theirs', {}, false);
    const running = rig.hold('running');
    await rig.begin();
    await rig.pass(3 * HOUR_MS);
    expect([rig.stateOf(theirs), rig.stateOf(running)]).toEqual(['held', 'running']);
  });

  test('a run that was let go by hand while it was being cancelled', async () => {
    const rig = new LoopRig({ slots: 0, settings });
    const id = rig.hold('a');
    rig.network = {
      ...perfectNetwork,
      cancel: () => ({ arriveAfterMs: 500, answerAfterMs: 0, failsAfterMs: null }),
    };
    await rig.begin();
    await rig.pass(HOUR_MS + 100);
    rig.state.startByHand(id);
    await rig.pass(1_000);
    expect(rig.stateOf(id)).toBe('running');
    expect(rig.told('run-expired')).toEqual([]);
  });

  test('everything in shadow mode, and by whoever does not lead', async () => {
    const shadow = new LoopRig({ slots: 0, settings: { ...settings, mode: 'shadow' } });
    const following = new LoopRig({ slots: 0, settings, leadership: new ToldLeadership('penstock-b') });
    for (const rig of [shadow, following]) {
      rig.hold('a');
      await rig.begin();
      await rig.pass(2 * HOUR_MS);
      expect(rig.stateOf(runId('a'))).toBe('held');
    }
  });
});

test('a stop waits for the answer to a cancellation', async () => {
  const rig = new LoopRig({ slots: 0, settings });
  rig.hold('a');
  rig.network = {
    ...perfectNetwork,
    cancel: () => ({ arriveAfterMs: 0, answerAfterMs: 2_000, failsAfterMs: null }),
  };
  await rig.begin();
  await rig.pass(HOUR_MS);
  let stopped = false;
  const stop = rig.loop.stop().then(() => {
    stopped = true;
  });
  await rig.pass(1_000);
  expect(stopped).toBe(false);
  await rig.pass(1_500);
  await stop;
  expect(rig.told('run-expired')).toHaveLength(1);
});
