/** Who is expected to come: as many as usual once there is history, and what is planned. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../../sim/scheduler.ts';
import { ExpectedArrivals, type PlannedLaunches } from '../../../src/app/forecasting/expected-arrivals.ts';
import { forecastQueue } from '../../../src/core/forecast/forecast.ts';
import { type RunId, runId } from '../../../src/core/model/run.ts';
import type { FinishedRun } from '../../../src/ports/store.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot } from '../../builders/admission.ts';
import { fixedDurations } from '../../core/forecast/fixed-durations.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { answerOf } from './rig.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 40 * 24 * HOUR_MS;

/** One each quarter of an hour, of another tenant, for so many hours before now. */
function history(hours: number, change: Partial<FinishedRun> = {}): FinishedRun[] {
  return Array.from({ length: 4 * hours }, (_, nth) => {
    const heldSinceMs = NOW_MS - (nth + 1) * (HOUR_MS / 4);
    return {
      id: runId(`past-${nth}`),
      project: 'busy',
      tenant: 'other',
      priority: 'normal',
      requests: { runs: 1 },
      contentHash: 'content',
      timeoutMs: null,
      ours: true,
      heldSinceMs,
      startedAtMs: heldSinceMs,
      finishedAtMs: heldSinceMs + 60_000,
      outcome: 'succeeded',
      reason: null,
      usage: null,
      profile: null,
      ...change,
    };
  });
}

const queue = aSnapshot({
  nowMs: NOW_MS,
  pools: [aPool('runs', 2)],
  held: [aHeldRun('mine', { heldSinceMs: NOW_MS - 1 })],
  active: ['x', 'long'].map((id) => anActiveRun(id, { sinceMs: NOW_MS, project: id })),
});

async function comingTo(
  past: readonly FinishedRun[],
  options: { planned?: PlannedLaunches; usual?: boolean } = {},
) {
  const scheduler = new Scheduler(NOW_MS);
  const store = new MemoryStore();
  await store.recordFinished(past);
  const arrivals = new ExpectedArrivals({
    store,
    clock: scheduler,
    planned: options.planned ?? null,
    usual: options.usual ?? true,
  });
  return answerOf(scheduler, arrivals.of(queue));
}

describe('as many as usual', () => {
  test('are expected once there is a day of history, and delay whoever waits', async () => {
    const coming = await comingTo(history(48));
    expect(coming.assumption).toBe('arrivals-as-usual');
    expect(coming.usual?.past).toHaveLength(192);
    const tookMs: Readonly<Record<string, number>> = { busy: 600_000, long: 20 * HOUR_MS };
    const model = fixedDurations((project) => tookMs[project] ?? HOUR_MS);
    const ask = { snapshot: queue, model, replications: 40, seed: 1 };
    const alone = forecastQueue(ask).runs.find(({ id }) => id === 'mine');
    const crowded = forecastQueue({ ...ask, coming }).runs.find(({ id }) => id === 'mine');
    // Its own tenant has the other slot, so the other goes first when one comes free.
    expect(alone?.startAtMs.p50).toBe(NOW_MS + HOUR_MS);
    expect(crowded?.startAtMs.p50).toBeGreaterThan(NOW_MS + HOUR_MS + 500_000);
    expect(forecastQueue({ ...ask, coming }).assumption).toBe('arrivals-as-usual');
    expect(
      forecastQueue({ ...ask, coming })
        .runs.map(({ id }) => id)
        .toSorted(),
    ).toEqual(['long', 'mine', 'x']);
  });

  test.each([
    ['less than a day of it', history(20), {}],
    ['a few runs', history(48).filter((_, nth) => nth % 8 === 0), {}],
    ['only runs that others held', history(48, { ours: false }), {}],
    ['the setting off', history(48), { usual: false }],
  ])('are not with %s', async (_, past, options) => {
    expect(await comingTo(past, options)).toEqual({
      assumption: 'nothing-new-arrives',
      futures: [[]],
      usual: null,
    });
  });
});

describe('planned launches', () => {
  const launch = aHeldRun('planned', { heldSinceMs: NOW_MS + 1_000 });
  const planned: PlannedLaunches = {
    upcoming: async () => [launch],
    launched: async (ids: readonly RunId[]) => new Set(ids.filter((_, nth) => nth % 2 === 0)),
  };

  test('are in every future, and are no background', async () => {
    const coming = await comingTo(history(48), { planned });
    expect(coming.assumption).toBe('planned-launches-and-arrivals-as-usual');
    expect(coming.futures).toEqual([[launch]]);
    expect(coming.usual?.past).toHaveLength(96);
  });

  test('are all that is expected where there is no history', async () => {
    expect(await comingTo([], { planned })).toEqual({
      assumption: 'planned-launches-arrive',
      futures: [[launch]],
      usual: null,
    });
  });
});
