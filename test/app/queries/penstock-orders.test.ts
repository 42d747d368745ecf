/** Creating and cancelling runs, on real parts: all or none, bounded, never twice. */
import { describe, expect, test } from 'vitest';
import { perfectNetwork } from '../../../sim/engine-client.ts';
import { type RunId, runId } from '../../../src/core/model/run.ts';
import { aFinishedRun } from '../../conformance/store-builders.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { aNewRun, never, Rig } from './rig.ts';

describe('creating', () => {
  test('what was created is in the next answer, before the loop has passed', async () => {
    const rig = new Rig({ pools: { runs: 1 }, loop: true });
    await rig.pass(1_000);
    await rig.create(aNewRun('a'), aNewRun('b'));
    const [run, queue] = await Promise.all([
      rig.ask(rig.penstock.run(runId('b'), never)),
      rig.ask(rig.penstock.queue(never)),
    ]);
    expect(run?.state).toBe('held');
    expect(queue.held + queue.starting + queue.running).toBe(2);
  });

  test('the loop starts it without being asked again', async () => {
    const rig = new Rig({ pools: { runs: 1 }, loop: true });
    await rig.pass(1_000);
    await rig.create(aNewRun('a'));
    await rig.pass(1_000);
    expect((await rig.ask(rig.penstock.run(runId('a'), never)))?.state).toBe('running');
  });

  test('tenant, priority and the pool runs are filled in', async () => {
    const rig = new Rig({ tenantOf: new Map([['shop', 'retail']]) });
    await rig.create(aNewRun('a', { priority: '' }));
    expect(await rig.ask(rig.penstock.run(runId('a'), never))).toMatchObject({
      tenant: 'retail',
      priority: 'normal',
      requests: { runs: 1 },
      state: 'held',
      ours: true,
    });
  });

  test('one wrong run leaves all of them uncreated', async () => {
    const rig = new Rig();
    const runs = [aNewRun('a'), aNewRun('b', { requests: { 'linux/mips': 1 } })];
    await expect(rig.ask(rig.penstock.createRuns(runs, never))).rejects.toMatchObject({
      code: 'pool-unknown',
      field: 'requests.linux/mips',
      message:
        'requests.linux/mips of run b: there is no pool "linux/mips"; use one of runs, or add it to penstock.yaml.',
    });
    expect((await rig.ask(rig.penstock.queue(never))).held).toBe(0);
  });

  test('nothing asked for is nothing done', async () => {
    const rig = new Rig();
    expect(await rig.ask(rig.penstock.createRuns([], never))).toEqual([]);
  });

  test('a full queue takes no more, and says how many it would take', async () => {
    const rig = new Rig({ settings: { maxHeld: 3 } });
    await rig.create(aNewRun('a'), aNewRun('b'));
    const two = [aNewRun('c'), aNewRun('d')];
    await expect(rig.ask(rig.penstock.createRuns(two, never))).rejects.toMatchObject({
      code: 'queue-full',
      message:
        'The queue holds 2 runs and may hold 3, so 2 more do not fit: create at most 1 now, or raise admission.maxHeld in penstock.yaml.',
    });
    await rig.create(aNewRun('c'));
    await expect(rig.ask(rig.penstock.createRuns([aNewRun('d')], never))).rejects.toMatchObject({
      message:
        'The queue holds 3 runs and may hold 3, so 1 more does not fit: wait until some have started, or raise admission.maxHeld in penstock.yaml.',
    });
    expect((await rig.ask(rig.penstock.queue(never))).held).toBe(3);
  });

  test('two requests at once cannot pass the bound together', async () => {
    const slow = {
      ...perfectNetwork,
      observe: () => ({ arriveAfterMs: 5, answerAfterMs: 5, lagMs: 0, failure: null }),
      start: () => ({ arriveAfterMs: 0, refusal: null, answerAfterMs: 0, unknownAfterMs: null }),
      hints: () => [],
    };
    const rig = new Rig({ settings: { maxHeld: 3 }, network: slow });
    const requests = [
      rig.penstock.createRuns([aNewRun('a'), aNewRun('b')], never),
      rig.penstock.createRuns([aNewRun('c'), aNewRun('d')], never),
    ];
    const [first, second] = await rig.ask(Promise.allSettled(requests));
    expect(first).toEqual({
      status: 'fulfilled',
      value: [
        { kind: 'created', id: 'a' },
        { kind: 'created', id: 'b' },
      ],
    });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'queue-full' } });
    expect((await rig.ask(rig.penstock.queue(never))).held).toBe(2);
  });

  test('a repeated request creates nothing twice, even where the queue is full', async () => {
    const rig = new Rig({ settings: { maxHeld: 1 } });
    await rig.create(aNewRun('a'));
    expect(await rig.ask(rig.penstock.createRuns([aNewRun('a')], never))).toEqual([
      { kind: 'exists', id: 'a' },
    ]);
  });

  describe('of an engine that adds to the ids asked for', () => {
    const namesOf = {
      asked: (id: RunId) => `${id}.`,
      observed: (id: RunId) => `${id.split('.', 1)[0]}.`,
    };

    test('a repeated request revives no run that has finished and that the engine has forgotten', async () => {
      const store = new MemoryStore();
      const project = aNewRun('a').project;
      await store.recordFinished([aFinishedRun('a.1', { project })]);
      const rig = new Rig({ store, namesOf });
      const again = [aNewRun('a'), aNewRun('b')];
      expect(await rig.ask(rig.penstock.createRuns(again, never))).toEqual([
        { kind: 'exists', id: 'a.1' },
        { kind: 'created', id: 'b' },
      ]);
      expect(rig.state.run(runId('a'))).toBeUndefined();
    });

    test('a run that waits takes no room again, and is not what history has under its name', async () => {
      const store = new MemoryStore();
      const project = aNewRun('a').project;
      await store.recordFinished([aFinishedRun('a.1', { project })]);
      const rig = new Rig({ store, namesOf, settings: { maxHeld: 1 } });
      await rig.create(aNewRun('a.2'));
      // What the engine says of it counts, not what history says.
      expect(await rig.ask(rig.penstock.createRuns([aNewRun('a')], never))).not.toContainEqual({
        kind: 'exists',
        id: 'a.1',
      });
    });
  });

  test('a repeated request revives no run that has finished and that the engine has forgotten', async () => {
    const rig = new Rig({ loop: true });
    await rig.create(aNewRun('a'));
    await rig.pass(1_260_000);
    expect(rig.state.run(runId('a'))).toBeUndefined();
    const again = [aNewRun('a'), aNewRun('b')];
    expect(await rig.ask(rig.penstock.createRuns(again, never))).toEqual([
      { kind: 'exists', id: 'a' },
      { kind: 'created', id: 'b' },
    ]);
    expect(rig.state.run(runId('a'))).toBeUndefined();
    const other = [aNewRun('a', { project: 'other' }), aNewRun('c')];
    expect(await rig.ask(rig.penstock.createRuns(other, never))).toEqual([
      { kind: 'conflict' },
      { kind: 'skipped' },
    ]);
    expect(rig.state.run(runId('c'))).toBeUndefined();
  });

  test('another run under the same id is a conflict, and nothing of that request is created', async () => {
    const rig = new Rig();
    await rig.create(aNewRun('a'));
    const runs = [aNewRun('a', { content: 'other' }), aNewRun('b')];
    expect(await rig.ask(rig.penstock.createRuns(runs, never))).toEqual([
      { kind: 'conflict' },
      { kind: 'skipped' },
    ]);
    expect(await rig.ask(rig.penstock.run(runId('b'), never))).toBeNull();
  });
});

test('who gives up waiting opens no way past those before him', async () => {
  const slow = { ...perfectNetwork, observe: () => ({ ...perfectNetwork.observe(), answerAfterMs: 50 }) };
  const rig = new Rig({ settings: { maxHeld: 1 }, network: slow });
  const impatient = new AbortController();
  const answers = [
    rig.penstock.createRuns([aNewRun('a')], never),
    rig.penstock.createRuns([aNewRun('b')], impatient.signal),
    rig.penstock.createRuns([aNewRun('c')], never),
  ];
  impatient.abort(new Error('no longer'));
  const outcomes = await rig.ask(Promise.allSettled(answers));
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect((await rig.ask(rig.penstock.queue(never))).entries.map((entry) => entry.run.id)).toEqual(['a']);
});

describe('an engine that does not answer', () => {
  function aSilentRig(): { readonly rig: Rig; readonly wake: () => void } {
    const engine = { silent: true };
    const observe = () => ({
      ...perfectNetwork.observe(),
      answerAfterMs: engine.silent ? null : 0,
    });
    const rig = new Rig({ network: { ...perfectNetwork, observe } });
    const wake = (): void => {
      engine.silent = false;
    };
    return { rig, wake };
  }

  test('keeps nobody longer than he is willing to wait, and nobody behind him', async () => {
    const { rig, wake } = aSilentRig();
    const [first, second] = [new AbortController(), new AbortController()];
    const answers = [
      rig.penstock.createRuns([aNewRun('a')], first.signal),
      rig.penstock.createRuns([aNewRun('b')], second.signal),
      rig.penstock.queue(first.signal),
    ];
    second.abort(new Error('the second left'));
    first.abort(new Error('the first left'));
    const reasons = (await Promise.allSettled(answers)).map((answer) =>
      answer.status === 'rejected' ? String(answer.reason.message) : 'answered',
    );
    expect(reasons).toEqual(['the first left', 'the second left', 'the first left']);
    wake();
    await rig.create(aNewRun('c'));
    expect((await rig.ask(rig.penstock.queue(never))).held).toBe(1);
  });
});

describe('cancelling', () => {
  test('a held run never starts, and history says why it ended', async () => {
    const rig = new Rig({ pools: { runs: 1 }, loop: true });
    await rig.create(aNewRun('a'), aNewRun('b'));
    await rig.pass(1_000);
    expect(await rig.ask(rig.penstock.cancelRun(runId('b'), 'not needed', never))).toEqual({
      kind: 'accepted',
    });
    await rig.pass(3_600_000);
    expect((await rig.ask(rig.penstock.explain(runId('b'), never)))?.lines).toEqual([
      'It was cancelled at 16:00 before it started: not needed.',
    ]);
  });

  test('a run that has finished, or that never was', async () => {
    const rig = new Rig({ loop: true });
    await rig.create(aNewRun('a'));
    await rig.pass(1_260_000);
    expect(await rig.ask(rig.penstock.cancelRun(runId('a'), 'late', never))).toEqual({ kind: 'finished' });
    expect(await rig.ask(rig.penstock.cancelRun(runId('x'), 'why not', never))).toEqual({ kind: 'missing' });
  });
});
