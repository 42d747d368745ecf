/** Forecasts: kept and scored when asked for, shared and cheap beside every answer. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../../sim/scheduler.ts';
import { sameThread } from '../../../src/app/forecasting/same-thread.ts';
import { affordable, recordOf, SharedForecast } from '../../../src/app/queries/forecasts.ts';
import type { Picture } from '../../../src/app/queries/picture.ts';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import type { HeldRun } from '../../../src/core/model/snapshot.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { aHeldRun, aPool, aSnapshot } from '../../builders/admission.ts';
import { noControls } from '../../builders/controls.ts';
import { outlookNow } from './outlook-now.ts';
import { aNewRun, answerOf, never, Rig } from './rig.ts';

function sharedOn(clock: Clock): SharedForecast {
  return new SharedForecast({
    clock,
    workers: sameThread(clock),
    arrivals: null,
    startLatency: null,
    kept: null,
  });
}

const ENFORCE = { mode: 'enforce', shadowAdopts: 'all' } as const;

describe('a forecast that is asked for', () => {
  const ten = Array.from({ length: 10 }, (_, n) => aNewRun(`r-${n}`));

  test('is kept, and scored when the last of its runs has finished', async () => {
    const rig = new Rig({ pools: { runs: 5 }, loop: true });
    await rig.create(...ten);
    const forecast = await rig.ask(rig.penstock.forecast({ replications: 50, seed: 7 }, never));
    expect(forecast).toMatchObject({ replications: 50, seed: 7, neverStart: [] });
    expect(forecast.runs).toHaveLength(10);
    const record = recordOf(forecast);
    expect(await rig.penstock.forecasts({ limit: 10 })).toEqual([{ record, outcome: null }]);

    await rig.pass(1_000_000);
    expect((await rig.penstock.forecasts({ limit: 10 }))[0]?.outcome).toBeNull();
    await rig.pass(1_000_000);
    const [scored] = await rig.penstock.forecasts({ limit: 10 });
    const lastMs = Math.max(
      ...(await rig.store.finishedRuns({ limit: 100, before: null })).runs.map((run) => run.finishedAtMs),
    );
    expect(scored).toMatchObject({ record, outcome: { forecastId: record.id, finishedAtMs: lastMs } });
  });

  test('is the same for the same queue, moment and seed, and is kept once', async () => {
    const rig = new Rig({ pools: { runs: 5 } });
    await rig.create(...ten);
    const ask = () => rig.ask(rig.penstock.forecast({ replications: 20, seed: null }, never));
    expect(await ask()).toEqual(await ask());
    expect(await rig.penstock.forecasts({ limit: 10 })).toHaveLength(1);
    await rig.ask(rig.penstock.forecast({ replications: 20, seed: 3 }, never));
    expect(await rig.penstock.forecasts({ limit: 10 })).toHaveLength(2);
  });

  test('about nothing is given, but not kept', async () => {
    const rig = new Rig();
    const forecast = await rig.ask(rig.penstock.forecast({ replications: 5, seed: 1 }, never));
    expect(forecast.runs).toEqual([]);
    expect(await rig.penstock.forecasts({ limit: 10 })).toEqual([]);
  });

  test.each([0, 1.5, 10_001, Number.NaN])('with %d replications is refused', async (replications) => {
    const rig = new Rig();
    await expect(rig.ask(rig.penstock.forecast({ replications, seed: null }, never))).rejects.toMatchObject({
      code: 'request-invalid',
      field: 'replications',
      message: 'replications: must be a whole number from 1 to 10000.',
    });
  });

  test('stops when nobody waits for it any more', async () => {
    const rig = new Rig({ pools: { runs: 5 }, settings: { maxHeld: 10_000 } });
    await rig.create(...Array.from({ length: 2_000 }, (_, n) => aNewRun(`r-${n}`)));
    const asker = new AbortController();
    const forecast = rig.penstock.forecast({ replications: 2_000, seed: null }, asker.signal);
    rig.scheduler.at(rig.scheduler.nowMs(), () => asker.abort(new Error('gone')));
    await expect(rig.ask(forecast)).rejects.toThrow('gone');
  });
});

test.each([
  [0, 200, 200],
  [1_500, 200, 200],
  [3_000, 200, 100],
  [100_000, 200, 3],
  [1_000_000, 200, 1],
  [300, 50, 50],
])('a queue of %i runs, %i replications wished for, gets %i', (runs, wanted, want) => {
  expect(affordable(Math.max(1, runs), wanted, 300_000)).toBe(want);
});

describe('the forecast beside every answer', () => {
  const model = learnDurations([], { p50Ms: 10_000, p90Ms: 20_000 });

  function aPicture(held: readonly HeldRun[]): Picture {
    const snapshot = aSnapshot({ pools: [aPool('runs', 5)], held });
    const rest = {
      runs: new Map(),
      starting: new Set<never>(),
      retries: new Map(),
      controls: noControls,
      hints: [],
      model,
    };
    return { isFresh: true, snapshot, ...rest };
  }

  const runs = Array.from({ length: 300 }, (_, n) => aHeldRun(`r-${n}`));

  /** Each look at it costs a second, so that a forecast has a price. */
  function tickingClock(scheduler: Scheduler): Clock & { skip(ms: number): void } {
    let nowMs = 0;
    return {
      nowMs: () => {
        nowMs += 1_000;
        return nowMs;
      },
      at: (_, callback) => scheduler.after(0, callback),
      skip: (ms) => {
        nowMs += ms;
      },
    };
  }

  test('is made in steps, between which others get their turn', async () => {
    const scheduler = new Scheduler(0);
    const turns: string[] = [];
    const picture = aPicture(runs);
    const outlook = await outlookNow(picture, ENFORCE);
    const answer = sharedOn(scheduler)
      .of(picture, outlook)
      .then(() => turns.push('forecast'));
    scheduler.at(0, () => turns.push('other'));
    await answerOf(scheduler, answer);
    expect(turns).toEqual(['other', 'forecast']);
  });

  test('is made once for one picture, however many ask', async () => {
    const scheduler = new Scheduler(0);
    const shared = sharedOn(scheduler);
    const picture = aPicture(runs);
    const outlook = await outlookNow(picture, ENFORCE);
    const [one, other] = await answerOf(
      scheduler,
      Promise.all([shared.of(picture, outlook), shared.of(picture, outlook)]),
    );
    expect(other).toBe(one);
    expect(await answerOf(scheduler, shared.of(picture, outlook))).toBe(one);
    expect(one.size).toBe(300);
  });

  test('serves the next pictures for twenty times its cost, then is made anew', async () => {
    const scheduler = new Scheduler(0);
    const clock = tickingClock(scheduler);
    const shared = sharedOn(clock);
    const [before, soonAfter, later] = [runs, runs.slice(1), runs.slice(2)].map((held) => aPicture(held));
    if (before === undefined || soonAfter === undefined || later === undefined)
      throw new Error('three pictures');
    const first = await answerOf(scheduler, shared.of(before, await outlookNow(before, ENFORCE)));
    expect(await answerOf(scheduler, shared.of(soonAfter, await outlookNow(soonAfter, ENFORCE)))).toBe(first);
    clock.skip(3_600_000);
    const anew = await answerOf(scheduler, shared.of(later, await outlookNow(later, ENFORCE)));
    expect(anew.size).toBe(298);
  });

  test('is made anew at once for a run it does not know', async () => {
    const scheduler = new Scheduler(0);
    const shared = sharedOn(tickingClock(scheduler));
    const [fewer, more] = [runs.slice(1), runs].map((held) => aPicture(held));
    if (fewer === undefined || more === undefined) throw new Error('two pictures');
    await answerOf(scheduler, shared.of(fewer, await outlookNow(fewer, ENFORCE)));
    expect((await answerOf(scheduler, shared.of(more, await outlookNow(more, ENFORCE)))).size).toBe(300);
  });
});
