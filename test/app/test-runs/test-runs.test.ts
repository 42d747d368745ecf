/** How test runs go on to their end: also when nothing answers, nothing begins, or the process dies. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../src/core/errors/catalogue.ts';
import { runId } from '../../../src/core/model/run.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { aNewRun, never, startMs } from '../queries/rig.ts';
import { aPolicyRecord, HOUR_MS, LIMITS, mia, TestRunRig, type TestRunRigOptions } from './rig.ts';

async function aRig(options: TestRunRigOptions = {}): Promise<TestRunRig> {
  const rig = new TestRunRig(options);
  await rig.save(aPolicyRecord('audit'));
  rig.follower.start();
  return rig;
}

describe('a test run is given up', () => {
  test('when its run does not begin in time; the run is cancelled', async () => {
    const rig = await aRig({ pools: { runs: 0 } });
    const { id, runId: run } = await rig.ask('audit');
    await rig.rig.pass(LIMITS.waitMs - 2_000);
    expect((await rig.one('audit', id)).state).toBe('waiting');
    await rig.rig.pass(10_000);
    expect(await rig.one('audit', id)).toMatchObject({
      state: 'given-up-waiting',
      verdict: null,
      reason: 'given up: its run did not start within 6 hours',
      queuedMs: null,
      durationMs: null,
    });
    expect((await rig.rig.ask(rig.rig.penstock.run(runId(String(run)), never)))?.state).toBe('cancelled');
  });

  test('when its run does not end in time; the run is cancelled', async () => {
    const rig = await aRig({ durationMs: () => 50 * HOUR_MS });
    const { id } = await rig.ask('audit');
    await rig.rig.pass(LIMITS.runMs + 10_000);
    const ended = await rig.one('audit', id);
    expect(ended).toMatchObject({
      state: 'given-up-running',
      verdict: 'failure',
      reason: 'given up: its run did not end within 2 hours',
    });
    expect(ended.durationMs).toBeGreaterThanOrEqual(LIMITS.runMs);
  });

  test('though the engine never ends the run, and then that is said', async () => {
    const rig = await aRig({
      durationMs: () => 50 * HOUR_MS,
      around: (parts) => ({
        ...parts,
        penstock: {
          run: (...of) => parts.penstock.run(...of),
          cancelRun: async () => ({ kind: 'accepted' }),
        },
      }),
    });
    const { id } = await rig.ask('audit');
    await rig.rig.pass(LIMITS.runMs + 11 * 60_000);
    const { state, reason } = await rig.one('audit', id);
    expect(state).toBe('given-up-running');
    expect(reason).toMatch(/could not be ended and may still be there$/);
  });

  test('when the engine does not answer until then; no run of it is left', async () => {
    const rig = await aRig({
      around: (parts) => ({ ...parts, createRuns: () => Promise.reject(new Error('no answer')) }),
    });
    const { id, state } = await rig.ask('audit');
    expect(state).toBe('waiting');
    await rig.rig.pass(LIMITS.waitMs + 10_000);
    expect(await rig.one('audit', id)).toMatchObject({ state: 'given-up-waiting', runId: null });
  });
});

describe('the process dies', () => {
  test('between acceptance and run: the next one makes the run, once', async () => {
    let dies = true;
    const store = new MemoryStore();
    const first = await aRig({
      store,
      loop: false,
      around: (parts) => ({
        ...parts,
        createRuns: (...given) => (dies ? new Promise(() => {}) : parts.createRuns(...given)),
      }),
    });
    const order = { policyName: 'audit', project: 'shop', branch: null, key: 'monday' };
    void first.testRuns.ask(order, mia, never).catch(() => {});
    await first.rig.pass(1_000);
    dies = false;
    const second = new TestRunRig({ store });
    second.follower.start();
    const again = await second.ask('audit', { key: 'monday' });
    await second.rig.pass(900_000);
    expect(await second.one('audit', again.id)).toMatchObject({ state: 'succeeded', durationMs: 600_000 });
    expect((await store.finishedRuns({ limit: 9, before: null })).runs).toHaveLength(1);
  });

  test('and the policy is changed meanwhile: what was asked for is not what would run, so nothing does', async () => {
    const store = new MemoryStore();
    const first = await aRig({
      store,
      loop: false,
      around: (parts) => ({ ...parts, createRuns: () => Promise.reject(new Error('no answer')) }),
    });
    const { id } = await first.ask('audit');
    await first.follower.stop();
    await first.save(aPolicyRecord('audit', { contentHash: 'c2' }));
    const second = new TestRunRig({ store });
    second.follower.start();
    await second.rig.pass(5_000);
    expect(await second.one('audit', id)).toMatchObject({
      state: 'skipped',
      verdict: null,
      contentHash: 'c1',
      reason: 'the policy was changed before its run could be made',
    });
  });

  test('after a cancellation was ordered: the next one carries it out', async () => {
    const store = new MemoryStore();
    const rig = await aRig({ store, pools: { runs: 0 } });
    const { id } = await rig.ask('audit');
    await store.testRuns.orderEnd(id, { kind: 'cancelled', by: 'otto', sinceMs: startMs }, null);
    await rig.rig.pass(3_000);
    expect(await rig.one('audit', id)).toMatchObject({ state: 'cancelled', reason: 'cancelled by otto' });
  });
});

test('a run that somebody else cancelled says so', async () => {
  const rig = await aRig({ pools: { runs: 0 } });
  const { id, runId: run } = await rig.ask('audit');
  await rig.rig.ask(rig.rig.penstock.cancelRun(runId(String(run)), 'by hand', never));
  await rig.rig.pass(3_000);
  const { state, verdict, reason } = await rig.one('audit', id);
  expect([state, verdict, reason]).toEqual(['cancelled', null, expect.stringContaining('by hand')]);
});

test('a full queue refuses it, and that does not count', async () => {
  const rig = await aRig({ pools: { runs: 0 }, settings: { maxHeld: 1 } });
  await rig.rig.create(aNewRun('before'));
  await expect(rig.ask('audit')).rejects.toMatchObject({ code: 'queue-full' });
  await rig.rig.ask(rig.rig.penstock.cancelRun(runId('before'), 'room', never));
  expect((await rig.ask('audit')).state).toBe('waiting');
});

/**
 * Any requests at any instants, with restarts, edits, renames and deletions in between: what is
 * accepted of one identity is never closer together than an hour, and nothing that could have
 * been accepted is refused.
 */
test('one an hour holds for any history of a policy', async () => {
  type Act = {
    readonly kind: 'ask' | 'edit' | 'delete and create' | 'rename' | 'restart';
    readonly passMs: number;
  };
  const act = fc.record<Act>({
    kind: fc.constantFrom('ask', 'ask', 'ask', 'edit', 'delete and create', 'rename', 'restart'),
    passMs: fc.oneof(
      fc.constantFrom(0, 1, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1),
      fc.integer({ min: 0, max: 2 * HOUR_MS }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
      const store = new MemoryStore();
      let rig = new TestRunRig({ store, loop: false });
      await rig.save(aPolicyRecord('audit'));
      let name = 'audit';
      let edits = 0;
      let acceptedAtMs = Number.NEGATIVE_INFINITY;
      let nowMs = startMs;
      for (const { kind, passMs } of acts) {
        await rig.rig.pass(passMs);
        nowMs += passMs;
        edits += 1;
        const changed = { identity: 'penstock:audit', contentHash: `c${edits}` };
        if (kind === 'edit') await rig.save(aPolicyRecord(name, changed));
        if (kind === 'rename') {
          name = `audit-${edits}`;
          await rig.save(aPolicyRecord(name, changed));
        }
        if (kind === 'delete and create') {
          const { version } = await store.policies.state();
          const deleted = [{ identity: 'penstock:audit', version: version + 1, atMs: nowMs }];
          await store.policies.change(version, { saved: [], deleted, entries: [] });
          await rig.save(aPolicyRecord(name, changed));
        }
        if (kind === 'restart') {
          rig = new TestRunRig({ store, loop: false });
          await rig.rig.pass(nowMs - startMs);
        }
        if (kind !== 'ask') continue;
        const mayNow = nowMs - acceptedAtMs >= HOUR_MS;
        const answer = await rig.ask(name).catch((error: unknown) => error as CodedError);
        if (answer instanceof CodedError) {
          expect([answer.code, mayNow]).toEqual(['test-run-too-soon', false]);
          expect(answer.retry).toEqual({
            atMs: acceptedAtMs + HOUR_MS,
            afterMs: acceptedAtMs + HOUR_MS - nowMs,
          });
        } else {
          expect([answer.askedAtMs, mayNow]).toEqual([nowMs, true]);
          acceptedAtMs = nowMs;
        }
      }
    }),
    { numRuns: 200 },
  );
});
