/** The queue, its explanations and its pools, on real parts. */
import { describe, expect, test } from 'vitest';
import { perfectNetwork } from '../../../sim/engine-client.ts';
import { contentHash } from '../../../sim/engine-state.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { NewRun } from '../../../src/ports/engine.ts';
import { aFinishedRun, aNewRun, never, Rig, startMs } from './rig.ts';

function many(count: number, changes: Partial<Omit<NewRun, 'id'>> = {}): readonly NewRun[] {
  return Array.from({ length: count }, (_, i) => aNewRun(`r-${String(i + 1).padStart(2, '0')}`, changes));
}

/** Times differ with the duration model; everything else is pinned. */
function withoutTimes(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replaceAll(/(tomorrow )?\d\d:\d\d(:\d\d)?/g, '<time>'));
}

describe('without a running loop', () => {
  test('what fits would start, the rest says what it waits for, and nothing is started', async () => {
    const rig = new Rig({ pools: { runs: 2 } });
    await rig.create(...many(4));
    const queue = await rig.ask(rig.penstock.queue(never));
    expect(queue).toMatchObject({ nowMs: startMs, held: 4, starting: 0, running: 0 });
    expect(queue.entries.map((entry) => [entry.run.id, entry.position, entry.because])).toEqual([
      ['r-01', 1, 'It fits and would start now.'],
      ['r-02', 1, 'It fits and would start now.'],
      ['r-03', 3, 'Waiting for a slot: 0 of 2 free, 2 ahead of you.'],
      ['r-04', 3, 'Waiting for a slot: 0 of 2 free, 2 ahead of you.'],
    ]);
    await rig.pass(3_600_000);
    expect(rig.state.use('runs')).toBe(0);
  });

  test('an explanation says that nothing is serving', async () => {
    const rig = new Rig({ pools: { runs: 1 } });
    await rig.create(...many(1));
    const explanation = await rig.ask(rig.penstock.explain(runId('r-01'), never));
    expect(withoutTimes(explanation?.lines ?? [])).toEqual([
      'It fits and would start now.',
      'You are the only one in the queue.',
      'It should start about <time>.',
      'It should finish about <time> (between <time> and <time> in 8 of 10 forecasts).',
      'These times are a first guess: no run has been measured yet.',
      'Nothing new is assumed to arrive.',
      'No "penstock serve" is running on this data: nothing starts until one is.',
    ]);
  });
});

describe('beside a running loop', () => {
  test('an explanation in the middle of the queue, in full', async () => {
    const rig = new Rig({ pools: { runs: 20, 'linux/s390x': 2 }, loop: true });
    const measured = { contentHash: contentHash('build') };
    const earlier = Array.from({ length: 12 }, (_, i) => aFinishedRun(`e-${i}`, measured));
    const others = Array.from({ length: 30 }, (_, i) => aFinishedRun(`o-${i}`, { project: `p-${i}` }));
    await rig.store.recordFinished([...earlier, ...others]);
    await rig.create(...many(7, { requests: { 'linux/s390x': 1 } }));
    await rig.pass(60_000);

    const explanation = await rig.ask(rig.penstock.explain(runId('r-07'), never));
    expect(explanation).toMatchObject({
      position: 5,
      aheadInPool: 4,
      boundAtMs: null,
      ownSamples: 12,
      pooledSamples: 42,
      reason: { kind: 'behind', head: 'r-03', ahead: 4, first: { kind: 'pool-full', pool: 'linux/s390x' } },
    });
    expect(withoutTimes(explanation?.lines ?? [])).toEqual([
      'Waiting for linux/s390x: 0 of 2 free, 4 ahead of you there.',
      'You are 5th in the queue of 5.',
      'It should start about <time> (between <time> and <time> in 8 of 10 forecasts).',
      'It should finish about <time> (between <time> and <time> in 8 of 10 forecasts).',
      'These times rest on 12 earlier runs of this pipeline and 30 of others.',
      'Nothing new is assumed to arrive.',
    ]);
    const { p10, p50, p90 } = explanation?.startsAtMs ?? { p10: 0, p50: 0, p90: 0 };
    expect(p10).toBeGreaterThan(rig.scheduler.nowMs());
    expect([p10, p50, p90]).toEqual([p10, p50, p90].toSorted((a, b) => a - b));
  });

  test('what has started is out of the queue, counted, and explained as running', async () => {
    const rig = new Rig({ pools: { runs: 2 }, loop: true });
    await rig.create(...many(3, { timeoutMs: 3_600_000 }));
    await rig.pass(120_000);
    const queue = await rig.ask(rig.penstock.queue(never));
    expect(queue).toMatchObject({ held: 1, starting: 0, running: 2 });
    expect(queue.entries.map((entry) => entry.run.id)).toEqual(['r-03']);

    const explanation = await rig.ask(rig.penstock.explain(runId('r-01'), never));
    expect(explanation).toMatchObject({ position: null, reason: null, startsAtMs: null, aheadInPool: null });
    expect(withoutTimes(explanation?.lines ?? [])).toEqual([
      'Running since <time>, for 2 minutes.',
      'It should finish about <time> (between <time> and <time> in 8 of 10 forecasts).',
      'Its timeout stops it at <time> if it is not done by then.',
      'These times are a first guess: no run has been measured yet.',
    ]);
  });

  test('a run that was let go is starting, though the engine does not show it yet', async () => {
    const slow = { ...perfectNetwork, start: () => ({ ...perfectNetwork.start(0), arriveAfterMs: 5_000 }) };
    const rig = new Rig({ pools: { runs: 1 }, loop: true, network: slow });
    await rig.create(...many(2));
    await rig.pass(1_000);
    expect(await rig.ask(rig.penstock.queue(never))).toMatchObject({ held: 1, starting: 1, running: 0 });
    expect((await rig.ask(rig.penstock.run(runId('r-01'), never)))?.state).toBe('starting');
    expect((await rig.ask(rig.penstock.explain(runId('r-01'), never)))?.because).toBe(
      'It has been let go and has not been seen running yet.',
    );
    expect((await rig.ask(rig.penstock.pools(never)))[0]).toMatchObject({ used: 1, free: 0, waiting: 1 });
  });

  test('a finished run is explained from history, also when the engine has forgotten it', async () => {
    const rig = new Rig({ pools: { runs: 1 }, loop: true });
    await rig.create(...many(1));
    await rig.pass(1_260_000);
    expect(rig.state.run(runId('r-01'))).toBeUndefined();
    const explanation = await rig.ask(rig.penstock.explain(runId('r-01'), never));
    expect(explanation?.lines).toEqual([
      'It succeeded at 16:10 after running for 10 minutes.',
      'It had waited less than a second for its start, which counts toward no timeout.',
    ]);
    expect(explanation?.run).toMatchObject({ state: 'succeeded', outcome: 'succeeded' });
  });

  test('nobody has heard of such a run', async () => {
    const rig = new Rig({ loop: true });
    await rig.pass(1_000);
    expect(await rig.ask(rig.penstock.explain(runId('nobody'), never))).toBeNull();
    expect(await rig.ask(rig.penstock.run(runId('nobody'), never))).toBeNull();
  });

  test('a run whose start was refused says why, and when it is tried again', async () => {
    const refusing = {
      ...perfectNetwork,
      start: () => ({ ...perfectNetwork.start(0), refusal: 'quota exceeded' }),
    };
    const rig = new Rig({ pools: { runs: 1 }, loop: true, network: refusing });
    await rig.create(...many(1));
    await rig.pass(5_000);
    const explanation = await rig.ask(rig.penstock.explain(runId('r-01'), never));
    expect(explanation?.because).toBe(
      'It could not be started (quota exceeded); it is tried again at 16:00:20.',
    );
    expect(explanation?.position).toBe(1);
  });

  test('in shadow mode it only watches, and says so', async () => {
    const rig = new Rig({ loop: true, settings: { mode: 'shadow' } });
    await rig.create(...many(1));
    await rig.pass(5_000);
    const explanation = await rig.ask(rig.penstock.explain(runId('r-01'), never));
    expect(explanation?.because).toBe('It fits and would start now.');
    expect(explanation?.lines.at(-1)).toBe('Penstock only watches here (mode: shadow): it starts nothing.');
    expect(rig.state.use('runs')).toBe(0);
  });

  test('in shadow mode a run that somebody else holds is in the queue and not called ours', async () => {
    const rig = new Rig({ loop: true, pools: { runs: 1 }, settings: { mode: 'shadow' } });
    const work = { startLatencyMs: 0, durationMs: 1, outcome: 'succeeded', failsToStart: false } as const;
    for (const id of ['t-1', 't-2']) rig.state.create(aNewRun(id, { requests: { runs: 1 } }), false, work);
    await rig.pass(5_000);
    const { held, entries } = await rig.ask(rig.penstock.queue(never));
    expect(held).toBe(2);
    expect(entries.map(({ run, position }) => [run.id, run.ours, position])).toEqual([
      ['t-1', false, 1],
      ['t-2', false, 2],
    ]);
    expect(entries[1]?.startsAtMs?.p50).toBeGreaterThan(startMs);
    const explanation = await rig.ask(rig.penstock.explain(runId('t-2'), never));
    expect(explanation?.lines[0]).toBe('Somebody else holds it; this is what Penstock would do with it.');
    expect(explanation?.lines).toContain('You are 2nd in the queue of 2.');
    expect(rig.state.use('runs')).toBe(0);
  });

  test('an engine that stops answering makes the explanation say how old it is', async () => {
    const down = { since: Number.POSITIVE_INFINITY };
    const rig: Rig = new Rig({
      pools: { runs: 1 },
      loop: true,
      network: {
        ...perfectNetwork,
        observe: () => {
          const failure =
            rig !== undefined && rig.scheduler.nowMs() >= down.since ? 'connection refused' : null;
          return { ...perfectNetwork.observe(), failure };
        },
      },
    });
    await rig.create(...many(2));
    await rig.pass(1_000);
    down.since = rig.scheduler.nowMs() + 1_000;
    await rig.pass(120_000);
    const explanation = await rig.ask(rig.penstock.explain(runId('r-02'), never));
    expect(withoutTimes(explanation?.lines ?? []).at(-1)).toBe(
      'Since <time> the engine does not answer (connection refused): nothing starts, and this may be out of date.',
    );
  });
});

describe('runs with no start in sight say what to do', () => {
  test('one that asks for more than there is waits behind nobody and blocks nobody', async () => {
    const rig = new Rig({ pools: { runs: 2, 'linux/s390x': 8 }, loop: true });
    await rig.create(aNewRun('big', { requests: { 'linux/s390x': 9 } }), ...many(3));
    await rig.pass(1_000);
    const explanation = await rig.ask(rig.penstock.explain(runId('big'), never));
    expect(explanation?.lines).toEqual([
      "It asks for 9 of linux/s390x, which has only 8: it can never start. Ask for at most 8, or raise the pool's size in penstock.yaml.",
      'No start is in sight for it, so it has no place in the queue of 2.',
    ]);
    expect((await rig.ask(rig.penstock.queue(never))).entries.map((entry) => entry.run.id)).toEqual([
      'r-03',
      'big',
    ]);
  });

  test('paused', async () => {
    const rig = new Rig({ loop: true, settings: { paused: true } });
    await rig.create(...many(1));
    await rig.pass(1_000);
    expect((await rig.ask(rig.penstock.explain(runId('r-01'), never)))?.lines).toEqual([
      'Everything is paused: nothing starts until somebody takes the pause back in penstock.yaml.',
      'No start is in sight for it, so it has no place in the queue of 1.',
    ]);
  });

  test('a pool in doubt', async () => {
    const rig = new Rig({
      pools: { runs: 2, 'aws-ip': 5 },
      doubts: { 'aws-ip': 'no reading yet' },
      loop: true,
    });
    await rig.create(aNewRun('r', { requests: { 'aws-ip': 1 } }));
    await rig.pass(1_000);
    expect((await rig.ask(rig.penstock.explain(runId('r'), never)))?.because).toBe(
      'How much of aws-ip is free is in doubt (no reading yet), so nothing that needs it starts. Check where its size comes from; it goes on by itself as soon as the size is known again.',
    );
  });
});

test('a run whose needs cannot be understood is held, says what to mend, and stops nobody', async () => {
  const rig = new Rig({ pools: { runs: 5 }, loop: true });
  const problem = 'annotation requests.penstock.dev/arm64: must be a whole number from 1, not "two"';
  await rig.create(aNewRun('broken', { params: { fault: problem } }), aNewRun('fine'));
  await rig.pass(1_000);
  expect(rig.state.run(runId('fine'))?.state).toBe('running');
  expect(rig.state.run(runId('broken'))?.state).toBe('held');
  const queue = await rig.ask(rig.penstock.queue(never));
  expect(queue.entries).toMatchObject([
    {
      run: { id: 'broken' },
      position: null,
      reason: { kind: 'malformed', problem },
      because: `It cannot start: ${problem}. Mend that, and it takes its place in the queue.`,
      startsAtMs: null,
    },
  ]);
});

test('pools show what is used by everybody, what is free, and who waits', async () => {
  const rig = new Rig({
    pools: { runs: 3, 'linux/arm64': 2, idle: 0 },
    doubts: { idle: 'nobody knows' },
    settings: { pausedPools: ['idle'] },
    loop: true,
  });
  const foreign = aNewRun('foreign', { tenant: 'x', requests: { runs: 1 } });
  const work = {
    startLatencyMs: 0,
    durationMs: 3_600_000,
    outcome: 'succeeded',
    failsToStart: false,
  } as const;
  rig.state.create(foreign, false, work);
  rig.state.startByHand(foreign.id);
  await rig.create(...many(4, { requests: { 'linux/arm64': 1 } }));
  await rig.pass(1_000);
  expect(await rig.ask(rig.penstock.pools(never))).toEqual([
    { name: 'idle', size: 0, used: 0, free: 0, waiting: 0, paused: true, doubt: 'nobody knows' },
    { name: 'linux/arm64', size: 2, used: 2, free: 0, waiting: 2, paused: false, doubt: null },
    { name: 'runs', size: 3, used: 3, free: 0, waiting: 2, paused: false, doubt: null },
  ]);
});
