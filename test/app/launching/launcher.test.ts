/** The launcher over the simulated engine: what is launched, when, and what is said of the rest. */
import { describe, expect, test } from 'vitest';
import { ANOTHER_LEADS, LaunchRig, MINUTE_MS, START_MS } from './launch-rig.ts';

describe('an occurrence', () => {
  test('is planned ahead, launched at its moments, and settled', async () => {
    const rig = await LaunchRig.begin();
    await rig.pass(5 * MINUTE_MS);
    expect(await rig.states()).toEqual({ planned: 4 });
    expect(rig.created).toEqual([]);
    await rig.pass(60 * MINUTE_MS);
    const [first] = await rig.launches();
    expect(first).toMatchObject({ state: 'launched', outcome: 'succeeded', reason: null });
    expect(await rig.states()).toEqual({ launched: 4 });
    const late = (await rig.launches()).map(({ atMs, launchedAtMs }) => (launchedAtMs ?? 0) - atMs);
    expect(Math.max(...late)).toBeLessThan(1_000);
    const origins = await rig.store.policies.runsObservedAs(rig.created);
    expect(origins.map(({ cause, occurrenceKey, policyName }) => [cause, occurrenceKey, policyName])).toEqual(
      rig.created.map(() => ['launch', '2026-03-30', 'audit']),
    );
  });

  test('that was missed as a whole is one line', async () => {
    const rig = await LaunchRig.begin();
    await rig.stop();
    await rig.pass(30 * 60 * MINUTE_MS);
    await rig.start();
    const [missed] = (await rig.occurrences()).filter(({ key }) => key === '2026-03-31');
    expect(missed).toMatchObject({ verdict: 'missed' });
    expect(rig.created).toEqual([]);
  });

  test.each([
    ['skip', { mode: 'skip' as const }, { missed: 4 }],
    ['run-late', { mode: 'run-late' as const, limitMs: 90 * MINUTE_MS }, { launched: 4 }],
  ])('whose moments passed while nobody was there: %s', async (_, catchUp, states) => {
    const rig = await LaunchRig.begin({ catchUp });
    await rig.pass(5 * MINUTE_MS);
    await rig.stop();
    await rig.pass(60 * MINUTE_MS);
    await rig.start();
    await rig.pass(5 * MINUTE_MS);
    expect(await rig.states()).toEqual(states);
    const reasons = (await rig.launches()).map(({ reason }) => reason);
    if (catchUp.mode === 'skip') expect(reasons[0]).toMatch(/minutes late, and may be 5 minutes late/);
  });

  test('is nothing to a process that does not lead', async () => {
    const rig = await LaunchRig.begin({}, ANOTHER_LEADS);
    await rig.pass(70 * MINUTE_MS);
    expect([await rig.occurrences(), rig.created]).toEqual([[], []]);
  });

  test('is not launched again by a clock that was set back', async () => {
    const rig = await LaunchRig.begin();
    await rig.pass(65 * MINUTE_MS);
    expect(rig.created).toHaveLength(4);
    rig.setClockBack(60 * MINUTE_MS);
    await rig.pass(70 * MINUTE_MS);
    expect(rig.created).toHaveLength(4);
  });
});

describe('between planning and launching', () => {
  test('a policy that is disabled launches nothing more; enabled again, what is still to come', async () => {
    const rig = await LaunchRig.begin();
    await rig.pass(5 * MINUTE_MS);
    await rig.edit({ enabled: false });
    // Made by another process, it is noticed at the next look.
    await rig.pass(6 * MINUTE_MS);
    expect(await rig.states()).toEqual({ disabled: 4 });
    await rig.edit({ enabled: true });
    await rig.pass(60 * MINUTE_MS);
    expect(await rig.states()).toEqual({ launched: 4 });
  });

  test('a policy that is deleted launches nothing more, and what runs goes on', async () => {
    const rig = await LaunchRig.begin();
    await rig.untilLaunched(2);
    await rig.remove();
    await rig.pass(60 * MINUTE_MS);
    expect(await rig.states()).toEqual({ launched: 2, withdrawn: 2 });
    expect((await rig.launches()).filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(2);
  });

  test('a snooze keeps back what lies in it', async () => {
    const rig = await LaunchRig.begin();
    await rig.pass(5 * MINUTE_MS);
    await rig.edit({ snooze: { untilMs: START_MS + 45 * MINUTE_MS, reason: 'a release' } });
    await rig.pass(60 * MINUTE_MS);
    for (const { atMs, state, reason } of await rig.launches()) {
      const isSnoozed = atMs < START_MS + 45 * MINUTE_MS;
      expect([state, reason]).toEqual(
        isSnoozed ? ['snoozed', 'The policy was snoozed: a release'] : ['launched', null],
      );
    }
  });

  test('a scope that grows or shrinks is followed', async () => {
    const rig = await LaunchRig.begin();
    await rig.pass(5 * MINUTE_MS);
    const nothing = { projects: [], tenants: [], labels: {} };
    const scope = {
      kind: 'selectors' as const,
      include: nothing,
      exclude: { ...nothing, projects: ['web/p1'] },
    };
    await rig.edit({ scope });
    await rig.pass(60 * MINUTE_MS);
    expect(await rig.states()).toEqual({ launched: 3, 'out-of-scope': 1 });
    const [out] = (await rig.launches()).filter(({ state }) => state === 'out-of-scope');
    expect([out?.project, out?.reason]).toEqual([
      'web/p1',
      'The project is out of scope: excluded by its name.',
    ]);
  });

  test('a start time that moves takes the moments with it, and launches nothing twice on a date', async () => {
    const rig = await LaunchRig.begin();
    await rig.untilLaunched(4);
    await rig.edit({ schedule: { ...rig.policy.schedule, startMinute: 3 * 60 } });
    await rig.pass(4 * 60 * MINUTE_MS);
    expect([await rig.states(), rig.created.length]).toEqual([{ launched: 4 }, 4]);
  });
});

describe('a launch', () => {
  test('of a paced occurrence that has not started when the window closes is cancelled, and says so', async () => {
    const rig = await LaunchRig.begin(
      { window: { lengthMs: 10 * MINUTE_MS, spread: 'paced' } },
      undefined,
      12 * MINUTE_MS,
    );
    await rig.pass(90 * MINUTE_MS);
    const launches = await rig.launches();
    const outcomes = launches.map(({ outcome }) => `${outcome}`).toSorted((a, b) => (a < b ? -1 : 1));
    expect(outcomes).toEqual(['cancelled', 'cancelled', 'succeeded', 'succeeded']);
    const cancelled = launches.filter(({ outcome }) => outcome === 'cancelled');
    expect(cancelled[0]?.reason).toBe('It had not started when the window of its occurrence closed.');
  });

  test('whose run the engine refuses has failed, and takes no other with it', async () => {
    const rig = await LaunchRig.begin();
    rig.refuses.add('web/p2');
    await rig.pass(70 * MINUTE_MS);
    expect(await rig.states()).toEqual({ launched: 3, failed: 1 });
    const [failed] = (await rig.launches()).filter(({ state }) => state === 'failed');
    expect([failed?.project, failed?.reason]).toEqual(['web/p2', 'Its run was refused: no such project']);
  });
});
