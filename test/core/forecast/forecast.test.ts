/** The forecast of a queue: the schedule when the durations are known, and consistent ranges when they are not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionError } from '../../../src/core/assert.ts';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import type { DurationModel } from '../../../src/core/duration/model.ts';
import { ForecastInSteps, forecastQueue, RUN_REPLICATIONS_MAX } from '../../../src/core/forecast/forecast.ts';
import type { Quantiles, QueueForecast } from '../../../src/core/forecast/types.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../../../src/core/model/snapshot.ts';
import { simulate } from '../../../src/core/simulation/simulate.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot, aTenant, ids } from '../../builders/admission.ts';
import { anySnapshot, shuffled } from '../admission/any-snapshot.ts';
import { FIRST, logNormal, samplesOf } from '../duration/history.ts';
import { fixedDurations } from './fixed-durations.ts';

/** Each project has the name of its run, so that each run may have a duration of its own. */
function eachItsProject(snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    held: snapshot.held.map((run) => ({ ...run, project: run.id })),
    active: snapshot.active.map((run) => ({ ...run, project: run.id })),
  };
}

function always(value: number): Quantiles {
  return { p10: value, p50: value, p90: value };
}

/** 60 runs of three projects with different histories, some with timeouts, some already active. */
function busyQueue(slots = 4): { snapshot: Snapshot; model: DurationModel } {
  const medians: Readonly<Record<string, number>> = { short: 10_000, middle: 60_000, long: 300_000 };
  const names = Object.keys(medians);
  const samples = names.flatMap((name, place) =>
    samplesOf(
      name,
      logNormal(2 + 4 * place, { seed: place, medianMs: medians[name] as number, spread: 0.4 }),
    ),
  );
  const model = learnDurations(samples, FIRST);
  const projectOf = (place: number): string => names[place % names.length] as string;
  const held = Array.from({ length: 56 }, (_, place) => {
    const project = projectOf(place);
    return aHeldRun(`h${String(place).padStart(2, '0')}`, {
      project,
      tenant: place % 2 === 0 ? 'a' : 'b',
      heldSinceMs: place,
      timeoutMs: place % 4 === 0 ? 400_000 : null,
      estimate: model.estimate(aHeldRun('any', { project })),
    });
  });
  const active = Array.from({ length: 4 }, (_, place) =>
    anActiveRun(`x${place}`, { project: projectOf(place), sinceMs: 1_000 - 20_000 * place }),
  );
  return { snapshot: aSnapshot({ pools: [aPool('runs', slots)], held, active }), model };
}

function forecastOf(
  { snapshot, model }: { snapshot: Snapshot; model: DurationModel },
  replications = 100,
): QueueForecast {
  return forecastQueue({ snapshot, model, replications, seed: 11 });
}

function expectOrdered({ p10, p50, p90 }: Quantiles): void {
  expect(p10).toBeLessThanOrEqual(p50);
  expect(p50).toBeLessThanOrEqual(p90);
}

describe('given the true durations, the forecast is the schedule', () => {
  test('every quantile of every run, of the finish and of the last start, in any queue', () => {
    fc.assert(
      fc.property(anySnapshot(), fc.infiniteStream(fc.integer({ min: 1, max: 90 })), (drawn, durations) => {
        const endless = (run: ActiveRun | HeldRun) => ({ ...run, timeoutMs: null });
        const snapshot = eachItsProject({
          ...drawn,
          held: drawn.held.map((run) => endless(run) as HeldRun),
          active: drawn.active.map((run) => endless(run) as ActiveRun),
        });
        const truth = new Map<string, number>();
        for (const { id } of snapshot.held) truth.set(id, durations.next().value as number);
        for (const { id, sinceMs } of snapshot.active) {
          // What runs is not over yet.
          truth.set(id, Math.max(0, snapshot.nowMs - sinceMs) + (durations.next().value as number));
        }
        const schedule = simulate(snapshot, (id) => truth.get(id) as number);
        const forecast = forecastQueue({
          snapshot,
          model: fixedDurations((project) => truth.get(project) as number),
          replications: 3,
          seed: 1,
        });
        const want = new Map(schedule.map((run) => [run.id, [always(run.startMs), always(run.endMs)]]));
        const found = new Map(forecast.runs.map((run) => [run.id, [run.startAtMs, run.finishAtMs]]));
        expect(found).toEqual(want);
        const { nowMs } = snapshot;
        expect(forecast.finishAtMs).toEqual(always(Math.max(nowMs, ...schedule.map((run) => run.endMs))));
        expect(forecast.lastStartAtMs).toEqual(
          always(Math.max(nowMs, ...schedule.map((run) => run.startMs))),
        );
        const neverStart = snapshot.held.filter((run) => !want.has(run.id)).map((run) => run.id);
        expect(new Set(forecast.neverStart)).toEqual(new Set(neverStart));
        expect(forecast.neverStart).toHaveLength(neverStart.length);
      }),
      { numRuns: 300 },
    );
  });

  test('300 runs behind 20 slots: fifteen rounds with holding, and without it the losses of the seed', () => {
    const minuteMs = 60_000;
    const held = Array.from({ length: 300 }, (_, place) =>
      aHeldRun(`r${place}`, { heldSinceMs: 0, timeoutMs: 60 * minuteMs }),
    );
    const snapshot = aSnapshot({ nowMs: 0, pools: [aPool('runs', 20)], held });
    const forecast = forecastOf({ snapshot, model: fixedDurations(() => 40 * minuteMs) }, 2);
    expect(forecast.finishAtMs).toEqual(always(600 * minuteMs));
    expect(forecast.lastStartAtMs).toEqual(always(560 * minuteMs));
    expect(forecast.peakRunning).toEqual(always(20));
    expect(forecast.timeouts).toEqual(always(0));
    expect(forecast.withoutHolding).toEqual({
      succeeded: always(20),
      timedOutWaiting: always(260),
      timedOutRunning: always(20),
      wastedSlotMs: always(400 * minuteMs),
    });
  });

  test('a run longer than its timeout ends at it; one that never starts does not time out', () => {
    const snapshot = aSnapshot({
      pools: [aPool('runs', 1), aPool('arm', 1, { doubt: 'stale' })],
      held: [
        aHeldRun('long', { timeoutMs: 30 }),
        aHeldRun('stuck', { timeoutMs: 30, requests: { runs: 1, arm: 1 } }),
      ],
    });
    const forecast = forecastOf({ snapshot, model: fixedDurations(() => 50) }, 4);
    expect(forecast.timeouts).toEqual(always(1));
    expect(forecast.finishAtMs).toEqual(always(1_030));
    expect(forecast.runs).toEqual([
      { id: 'long', startAtMs: always(1_000), finishAtMs: always(1_030), timeoutChance: 1 },
    ]);
    expect(forecast.neverStart).toEqual(ids('stuck'));
  });
});

describe('the same input gives the same bytes', () => {
  test('again, and in steps of any size', () => {
    const queue = busyQueue();
    const want = JSON.stringify(forecastOf(queue));
    expect(JSON.stringify(forecastOf(queue))).toBe(want);
    for (const step of [1, 7, 99, 1_000]) {
      const steps = new ForecastInSteps({ ...queue, replications: 100, seed: 11 });
      let rounds = 0;
      while (!steps.advance(step)) rounds += 1;
      expect(rounds).toBe(Math.ceil(100 / step) - 1);
      expect(JSON.stringify(steps.result())).toBe(want);
    }
  });

  test('whatever the order of the lists', () => {
    const queue = busyQueue();
    const want = JSON.stringify(forecastOf(queue));
    for (const seed of [1, 2, 3]) {
      const other = { ...queue, snapshot: shuffled(queue.snapshot, seed) };
      expect(JSON.stringify(forecastOf(other))).toBe(want);
    }
  });

  test('and another seed other ones', () => {
    const queue = busyQueue();
    const other = forecastQueue({ ...queue, replications: 100, seed: 12 });
    expect(other.finishAtMs).not.toEqual(forecastOf(queue).finishAtMs);
  });
});

describe('common random numbers', () => {
  test('one more slot changes no duration: with room for all, the ends are those of room for more', () => {
    const roomy = forecastOf(busyQueue(60));
    const roomier = forecastOf(busyQueue(61));
    expect(roomier.runs).toEqual(roomy.runs);
  });

  test('another run changes no duration of those that were there', () => {
    const queue = busyQueue(100);
    const added = aHeldRun('added', { project: 'long', heldSinceMs: 0 });
    const more = { ...queue, snapshot: { ...queue.snapshot, held: [added, ...queue.snapshot.held] } };
    const before = new Map(forecastOf(queue).runs.map((run) => [run.id, run]));
    const after = new Map(forecastOf(more).runs.map((run) => [run.id, run]));
    for (const [id, run] of before) expect(after.get(id)).toEqual(run);
  });

  test('more slots for one class of runs never finish later', () => {
    const finishes = [3, 4, 5, 8].map((slots) => {
      const { snapshot, model } = busyQueue(slots);
      const held = snapshot.held.map((run) => ({ ...run, tenant: 'a' }));
      return forecastOf({ snapshot: { ...snapshot, held, active: [] }, model }).lastStartAtMs;
    });
    for (let place = 1; place < finishes.length; place += 1) {
      const [fewer, more] = [finishes[place - 1] as Quantiles, finishes[place] as Quantiles];
      expect(more.p10).toBeLessThanOrEqual(fewer.p10);
      expect(more.p50).toBeLessThanOrEqual(fewer.p50);
      expect(more.p90).toBeLessThanOrEqual(fewer.p90);
    }
  });
});

describe('ranges', () => {
  test('are ordered, whole and possible', () => {
    const { snapshot, model } = busyQueue();
    const forecast = forecastOf({ snapshot, model });
    const { succeeded, timedOutWaiting, timedOutRunning, wastedSlotMs } = forecast.withoutHolding;
    for (const count of [
      forecast.peakRunning,
      forecast.timeouts,
      succeeded,
      timedOutWaiting,
      timedOutRunning,
    ]) {
      expectOrdered(count);
      for (const value of Object.values(count)) expect(Number.isInteger(value)).toBe(true);
    }
    for (const band of [forecast.finishAtMs, forecast.lastStartAtMs, wastedSlotMs]) expectOrdered(band);
    expect(forecast.runs).toHaveLength(60);
    for (const run of forecast.runs) {
      expectOrdered(run.startAtMs);
      expectOrdered(run.finishAtMs);
      for (const level of ['p10', 'p50', 'p90'] as const) {
        expect(Number.isInteger(run.startAtMs[level])).toBe(true);
        expect(run.finishAtMs[level]).toBeGreaterThan(run.startAtMs[level]);
        expect(run.finishAtMs[level]).toBeGreaterThan(snapshot.nowMs);
        expect(forecast.lastStartAtMs[level]).toBeLessThanOrEqual(forecast.finishAtMs[level]);
      }
      expect(run.timeoutChance).toBeGreaterThanOrEqual(0);
      expect(run.timeoutChance).toBeLessThanOrEqual(1);
    }
    expect(forecast.peakRunning).toEqual(always(4));
    expect(forecast.finishAtMs.p90).toBeGreaterThan(forecast.finishAtMs.p10);
  });

  test('over time: never more at once than slots, all waiting at first and none at the end, in equal steps', () => {
    const forecast = forecastOf(busyQueue());
    const steps = forecast.timeline;
    expect(steps).toHaveLength(61);
    expect(steps[0]).toEqual({ atMs: 1_000, running: always(4), waiting: always(56) });
    for (const [place, point] of steps.entries()) {
      expectOrdered(point.running);
      expectOrdered(point.waiting);
      expect(point.running.p90).toBeLessThanOrEqual(4);
      if (place === 0) continue;
      const before = steps[place - 1] as (typeof steps)[number];
      expect(point.atMs - before.atMs).toBe((steps[1]?.atMs as number) - 1_000);
      expect(point.waiting.p50).toBeLessThanOrEqual(before.waiting.p50);
    }
    expect(steps.at(-1)?.atMs).toBeGreaterThanOrEqual(forecast.finishAtMs.p90);
    expect(steps.at(-1)).toMatchObject({ running: { p50: 0, p90: 0 }, waiting: always(0) });
  });

  test('over time, known durations: what runs and what waits is what the schedule says', () => {
    const held = Array.from({ length: 6 }, (_, place) => aHeldRun(`r${place}`));
    const snapshot = aSnapshot({ pools: [aPool('runs', 2)], held });
    const { timeline } = forecastOf({ snapshot, model: fixedDurations(() => 20) }, 2);
    // 60 steps of 1 ms; three rounds of two.
    const round = (atMs: number): number => Math.floor((atMs - 1_000) / 20);
    expect(timeline).toEqual(
      Array.from({ length: 61 }, (_, step) => ({
        atMs: 1_000 + step,
        running: always(step < 60 ? 2 : 0),
        waiting: always(Math.max(0, 4 - 2 * round(1_000 + step))),
      })),
    );
  });

  test('an active run is expected to end after now, however long it runs already', () => {
    const { model } = busyQueue();
    const active = [0, 1_000, 1e6, 1e9, 1e12].map((elapsedMs, place) =>
      anActiveRun(`x${place}`, { project: 'short', sinceMs: 1_000 - elapsedMs }),
    );
    const forecast = forecastOf({ snapshot: aSnapshot({ pools: [aPool('runs', 9)], active }), model });
    expect(forecast.runs).toHaveLength(5);
    for (const run of forecast.runs) expect(run.finishAtMs.p10).toBeGreaterThan(1_000);
  });
});

describe('what cannot start', () => {
  test('is named, in the order in which it waits, and only that', () => {
    const snapshot = aSnapshot({
      pools: [
        aPool('runs', 2),
        aPool('arm', 1, { paused: true }),
        aPool('ppc', 1, { doubt: 'negative use' }),
      ],
      tenants: [aTenant('idle', { paused: true }), aTenant('small', { caps: { runs: 1 } })],
      held: [
        aHeldRun('huge', { requests: { runs: 3 }, heldSinceMs: 5 }),
        aHeldRun('paused-pool', { requests: { arm: 1 }, heldSinceMs: 4 }),
        aHeldRun('in-doubt', { requests: { ppc: 1 }, heldSinceMs: 3 }),
        aHeldRun('paused-tenant', { tenant: 'idle', heldSinceMs: 2 }),
        aHeldRun('over-cap', { tenant: 'small', requests: { runs: 2 }, heldSinceMs: 1 }),
        aHeldRun('no-such-pool', { requests: { gpu: 1 } }),
        aHeldRun('fine'),
      ],
    });
    const forecast = forecastOf({ snapshot, model: fixedDurations(() => 10) }, 2);
    expect(forecast.neverStart).toEqual(
      ids('no-such-pool', 'over-cap', 'paused-tenant', 'in-doubt', 'paused-pool', 'huge'),
    );
    expect(forecast.runs.map((run) => run.id)).toEqual(ids('fine'));
  });

  test('is everything while everything is paused; what runs still ends', () => {
    const snapshot = aSnapshot({ paused: true, held: [aHeldRun('a')], active: [anActiveRun('x')] });
    const forecast = forecastOf({ snapshot, model: fixedDurations(() => 1_500) }, 2);
    expect(forecast.neverStart).toEqual(ids('a'));
    expect(forecast.finishAtMs).toEqual(always(1_500));
  });
});

describe('small and large', () => {
  test('of nothing: it is finished now', () => {
    const forecast = forecastOf({ snapshot: aSnapshot(), model: fixedDurations(() => 10) }, 1);
    expect(forecast).toMatchObject({
      madeAtMs: 1_000,
      replications: 1,
      finishAtMs: always(1_000),
      lastStartAtMs: always(1_000),
      peakRunning: always(0),
      timeouts: always(0),
      runs: [],
      neverStart: [],
      evidence: { samples: 0, series: 0, runsWithFewSamples: 0 },
    });
    for (const point of forecast.timeline) {
      expect(point).toMatchObject({ running: always(0), waiting: always(0) });
    }
  });

  test('one replication: every range is one value', () => {
    const forecast = forecastOf(busyQueue(), 1);
    expect(forecast.finishAtMs.p10).toBe(forecast.finishAtMs.p90);
    for (const run of forecast.runs) expect(run.startAtMs.p10).toBe(run.startAtMs.p90);
  });

  test('what would not fit into memory is refused, as are no replications', () => {
    const queue = busyQueue();
    const tooMany = Math.floor(RUN_REPLICATIONS_MAX / 60) + 1;
    expect(() => new ForecastInSteps({ ...queue, replications: tooMany, seed: 1 })).toThrow(AssertionError);
    for (const replications of [0, -1, 1.5, Number.NaN]) {
      expect(() => new ForecastInSteps({ ...queue, replications, seed: 1 })).toThrow(AssertionError);
    }
  });

  test('there is no result before all replications are done', () => {
    const steps = new ForecastInSteps({ ...busyQueue(), replications: 10, seed: 1 });
    expect(steps.advance(9)).toBe(false);
    expect(() => steps.result()).toThrow(AssertionError);
    expect(steps.advance(1)).toBe(true);
    expect(steps.result().replications).toBe(10);
  });
});

test('the evidence counts series, and runs whose own series has fewer than five samples', () => {
  const snapshot = aSnapshot({
    held: [
      aHeldRun('a', { project: 'known' }),
      aHeldRun('b', { project: 'known' }),
      aHeldRun('c', { project: 'young' }),
    ],
    active: [anActiveRun('x', { project: 'young' })],
  });
  const model = fixedDurations(
    () => 10,
    (project) => (project === 'known' ? 5 : 4),
  );
  expect(forecastOf({ snapshot, model }, 2).evidence).toEqual({
    samples: 40,
    series: 2,
    runsWithFewSamples: 2,
  });
});
