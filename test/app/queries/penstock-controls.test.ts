/** Orders of operators, as they are given and as they are told afterwards. */
import { describe, expect, test } from 'vitest';
import { perfectNetwork } from '../../../sim/engine-client.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { PauseTarget } from '../../../src/ports/store.ts';
import type { RigOptions } from './rig.ts';
import { aNewRun, never, Rig, startMs } from './rig.ts';

const everything: PauseTarget = { scope: 'everything' };

const pause = (
  rig: Rig,
  target: PauseTarget = everything,
  reason: string | null = 'database upgrade',
  by = 'ann',
) => rig.ask(rig.penstock.pause({ target, reason, by }, never));
const resume = (rig: Rig, target: PauseTarget = everything, by = 'bob') =>
  rig.ask(rig.penstock.resume({ target, by }, never));
const front = (rig: Rig, id: string, undo = false) =>
  rig.ask(rig.penstock.moveToFront(runId(id), { by: 'ann', undo }, never));
const explain = async (rig: Rig, id: string) =>
  (await rig.ask(rig.penstock.explain(runId(id), never)))?.lines ?? [];

async function busyRig(options: RigOptions = {}): Promise<Rig> {
  const rig = new Rig({ loop: true, pools: { runs: 1 }, ...options });
  await rig.create(aNewRun('a'), aNewRun('b'), aNewRun('c'));
  await rig.pass(1_000);
  return rig;
}

describe('a pause', () => {
  test('is in force when the answer is there, says what it covers, and whose it is', async () => {
    const rig = await busyRig();
    const { changed, controls } = await pause(rig);
    expect(changed).toBe(true);
    expect(controls.pauses).toEqual([
      {
        target: everything,
        source: 'order',
        by: 'ann',
        reason: 'database upgrade',
        sinceMs: rig.scheduler.nowMs(),
        inForce: true,
        active: 1,
        held: 2,
      },
    ]);
    expect((await explain(rig, 'b'))[0]).toBe(
      'Everything is paused by ann since 16:00:01: database upgrade. "penstock resume" takes that back.',
    );
    await rig.pass(3_600_000);
    expect(rig.state.run(runId('b'))?.state).toBe('held');
    const [stands] = (await rig.ask(rig.penstock.controls(never))).pauses;
    expect(stands).toMatchObject({ active: 0, held: 2 });
  });

  test('that stands already is answered as it stands', async () => {
    const rig = await busyRig();
    await pause(rig);
    const again = await pause(rig, everything, 'me too', 'bob');
    expect(again.changed).toBe(false);
    expect(again.controls.pauses).toMatchObject([{ by: 'ann', reason: 'database upgrade' }]);
  });

  test('taken back lets what waits start at once', async () => {
    const rig = new Rig({ loop: true });
    await pause(rig);
    await rig.create(aNewRun('a'));
    const { changed, controls } = await resume(rig);
    expect([changed, controls.pauses]).toEqual([true, []]);
    expect(rig.state.run(runId('a'))?.state).toBe('starting');
    expect((await resume(rig)).changed).toBe(false);
  });

  test('of the configuration cannot be taken back by a command', async () => {
    const rig = new Rig({ loop: true, settings: { paused: true } });
    await expect(resume(rig)).rejects.toMatchObject({
      code: 'paused-elsewhere',
      message: 'everything is paused in penstock.yaml and by no command: take that back there.',
    });
    await pause(rig);
    const { changed, controls } = await resume(rig);
    expect(changed).toBe(true);
    expect(controls.pauses).toMatchObject([{ source: 'configuration', by: null }]);
  });

  test('of a pool nobody knows is refused; of a tenant nobody has seen it covers nothing', async () => {
    const rig = await busyRig();
    await expect(pause(rig, { scope: 'pool', name: 'vax' })).rejects.toMatchObject({
      code: 'pool-unknown',
      field: 'pool',
    });
    const { controls } = await pause(rig, { scope: 'tenant', name: 'shpo' });
    expect(controls.pauses).toMatchObject([{ active: 0, held: 0 }]);
    expect((await rig.ask(rig.penstock.audit({ limit: 9, before: null }))).entries).toHaveLength(1);
  });

  test('while the engine does not answer is taken, and says that it is not in force yet', async () => {
    const fate = { answers: true };
    const observe = () => ({ ...perfectNetwork.observe(), failure: fate.answers ? null : 'down' });
    const rig = await busyRig({ network: { ...perfectNetwork, observe } });
    fate.answers = false;
    const { changed, controls } = await pause(rig);
    expect(changed).toBe(true);
    expect(controls.pauses).toMatchObject([{ inForce: false, active: 1, held: 2 }]);
    fate.answers = true;
    await rig.pass(60_000);
    expect((await rig.ask(rig.penstock.controls(never))).pauses).toMatchObject([{ inForce: true }]);
  });

  test('without a loop is in force at once, and read back by the next one', async () => {
    const rig = new Rig();
    await rig.create(aNewRun('a'));
    const { controls } = await pause(rig);
    expect(controls.pauses).toMatchObject([{ inForce: true, active: 0, held: 1 }]);
    const [entry] = (await rig.ask(rig.penstock.queue(never))).entries;
    expect(entry?.reason).toEqual({ kind: 'paused', scope: 'everything' });
  });
});

describe('a cap', () => {
  const cap = (rig: Rig, units: number | null, pool = 'runs') =>
    rig.ask(rig.penstock.capTenant({ tenant: 'shop', pool, units, by: 'ann' }, never));

  test('by command goes over the configuration until it is taken back', async () => {
    const tenants = [{ name: 'shop', weight: 1, caps: { runs: 1 }, paused: false }];
    const rig = await busyRig({ pools: { runs: 3 }, settings: { tenants } });
    const { changed, controls } = await cap(rig, 2);
    expect(changed).toBe(true);
    expect(controls.caps).toMatchObject([
      { tenant: 'shop', pool: 'runs', units: 2, source: 'order', by: 'ann' },
    ]);
    expect(rig.state.use('runs')).toBe(2);
    expect((await cap(rig, 2)).changed).toBe(false);
    const back = await cap(rig, null);
    expect(back.controls.caps).toMatchObject([{ units: 1, source: 'configuration' }]);
    await expect(cap(rig, 1, 'vax')).rejects.toMatchObject({ code: 'pool-unknown' });
  });
});

describe('a move to the front', () => {
  test('is told to the run and to those it passes, and takes the first place', async () => {
    const rig = await busyRig();
    const moved = await front(rig, 'c');
    expect(moved?.position).toBe(1);
    expect(moved?.lines).toContain('It was moved to the front by ann at 16:00:01.');
    const order = (await rig.ask(rig.penstock.queue(never))).entries.map((entry) => entry.run.id);
    expect(order).toEqual(['c', 'b']);
    await rig.pass(600_000);
    expect(rig.state.run(runId('c'))?.state).toBe('running');
    expect((await rig.ask(rig.penstock.controls(never))).fronts).toEqual([]);
  });

  test('keeps units for a run that needs more, and says for whom', async () => {
    const rig = new Rig({ loop: true, pools: { runs: 2 } });
    await rig.create(aNewRun('a'));
    await rig.pass(1_000);
    await rig.create(aNewRun('wide', { requests: { runs: 2 } }));
    await front(rig, 'wide');
    await rig.create(aNewRun('late', { project: 'other' }));
    expect((await explain(rig, 'late'))[0]).toBe(
      'Waiting although runs has room: it is kept for run wide, which ann moved to the front at 16:00:01.',
    );
  });

  test('can be taken back', async () => {
    const rig = await busyRig();
    await front(rig, 'c');
    expect((await front(rig, 'c', true))?.position).toBe(2);
    const { entries } = await rig.ask(rig.penstock.audit({ limit: 9, before: null }));
    expect(entries).toEqual([
      { atMs: startMs + 1_000, by: 'ann', what: 'unfront', about: 'run c', detail: null },
      { atMs: startMs + 1_000, by: 'ann', what: 'front', about: 'run c', detail: null },
    ]);
  });

  test.each([
    [
      'one that runs',
      'a',
      'run-not-held',
      'Run "a" is running already; only a run that Penstock holds can be moved.',
    ],
    [
      'one that has ended',
      'ended',
      'run-finished',
      'Run "ended" has finished already; there is nothing to move.',
    ],
    [
      'one that somebody else holds',
      'theirs',
      'run-not-held',
      'Run "theirs" is held by somebody else, so Penstock never starts it; only a run that Penstock holds can be moved.',
    ],
    [
      'one that can never start',
      'huge',
      'run-cannot-start',
      'Run "huge" cannot be moved to the front. It asks for 9 of runs, which has only 1: it can never start. Ask for at most 1, or raise the pool\'s size in penstock.yaml.',
    ],
  ])('of %s is refused, and logged nowhere', async (_, id, code, message) => {
    const rig = await busyRig();
    await rig.create(aNewRun('ended'), aNewRun('huge', { requests: { runs: 9 } }));
    rig.state.cancel(runId('ended'), 'not needed');
    const work = { startLatencyMs: 1, durationMs: 1, outcome: 'succeeded', failsToStart: false } as const;
    rig.state.create({ ...aNewRun('theirs'), tenant: 'shop', requests: { runs: 1 } }, false, work);
    await rig.pass(1_000);
    await expect(front(rig, id)).rejects.toMatchObject({ code, message });
    expect((await rig.ask(rig.penstock.audit({ limit: 9, before: null }))).entries).toEqual([]);
  });

  test('of a run nobody knows is answered with null', async () => {
    expect(await front(await busyRig(), 'nobody')).toBeNull();
  });

  test('is refused when a hundred runs are there already', async () => {
    const rig = new Rig({ pools: { runs: 1 } });
    await rig.create(...Array.from({ length: 101 }, (_, n) => aNewRun(`r-${n}`)));
    for (let n = 0; n < 100; n += 1) await front(rig, `r-${n}`);
    await expect(front(rig, 'r-100')).rejects.toMatchObject({ code: 'controls-full' });
    expect((await front(rig, 'r-7'))?.position).toBe(1);
  });
});

describe('a maximum age', () => {
  test('is told with its instant, and counts without a command', async () => {
    const rig = await busyRig({ settings: { maxHeldMs: 7_200_000 } });
    const explained = await rig.ask(rig.penstock.explain(runId('b'), never));
    expect(explained?.expiresAtMs).toBe(startMs + 7_200_000);
    expect(explained?.lines).toContain(
      'It may wait until 18:00: if it has not started by then, it is cancelled for its age.',
    );
    expect((await rig.ask(rig.penstock.explain(runId('a'), never)))?.expiresAtMs).toBeNull();
    expect((await rig.ask(rig.penstock.controls(never))).maxHeldMs).toBe(7_200_000);
  });

  test('of a run that is being cancelled is told, too', async () => {
    const cancel = () => ({ arriveAfterMs: null, answerAfterMs: null, failsAfterMs: null });
    const network = { ...perfectNetwork, cancel };
    const rig = await busyRig({ settings: { maxHeldMs: 300_000 }, network });
    await rig.pass(300_000);
    expect((await explain(rig, 'b'))[0]).toBe(
      'It has waited longer than its maximum age since 16:05:00: it is not started any more and is being cancelled.',
    );
  });
});
