/** The simulation gives the schedule that stepping `decide` by hand gives, and keeps its promises on the way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Requests, RunId } from '../../../src/core/model/run.ts';
import { runId } from '../../../src/core/model/run.ts';
import { type ScheduledRun, simulate } from '../../../src/core/simulation/simulate.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot } from '../../builders/admission.ts';
import { shuffled } from '../admission/any-snapshot.ts';
import { anyQueue, everyHeld, simulated } from './any-queue.ts';
import { type QueueStory, steppedByHand } from './event-loop.ts';

const MANY = { numRuns: 400 };

function timesOf(schedule: readonly ScheduledRun[]): Map<RunId, { startMs: number; endMs: number }> {
  return new Map(schedule.map(({ id, startMs, endMs }) => [id, { startMs, endMs }]));
}

function useAt(story: QueueStory, schedule: readonly ScheduledRun[], atMs: number) {
  const requestsOf = new Map<RunId, { tenant: string; requests: Requests }>(
    [...everyHeld(story), ...story.snapshot.active].map((run) => [run.id, run]),
  );
  const occupying = schedule
    .filter((run) => run.startMs <= atMs && atMs < run.endMs)
    .map((run) => requestsOf.get(run.id) as { tenant: string; requests: Requests });
  return (pool: string, tenant?: string): number =>
    occupying
      .filter((run) => tenant === undefined || run.tenant === tenant)
      .reduce((sum, run) => sum + (run.requests[pool] ?? 0), 0);
}

describe('any queue, with arrivals, active runs and start latency', () => {
  test('starts and ends are those of an event loop that asks decide after each event', () => {
    fc.assert(
      fc.property(anyQueue, (story) => {
        expect(timesOf(simulated(story))).toEqual(steppedByHand(story));
      }),
      MANY,
    );
  });

  test('no start takes a pool over its size or its tenant over its cap, whatever ran before', () => {
    fc.assert(
      fc.property(anyQueue, (story) => {
        const schedule = simulated(story);
        const startMs = timesOf(schedule);
        for (const run of everyHeld(story)) {
          const atMs = startMs.get(run.id)?.startMs;
          if (atMs === undefined) continue;
          const use = useAt(story, schedule, atMs);
          const caps = story.snapshot.tenants.find(({ name }) => name === run.tenant)?.caps ?? {};
          for (const pool of story.snapshot.pools) {
            if (run.requests[pool.name] === undefined) continue;
            expect(use(pool.name) + pool.otherUse).toBeLessThanOrEqual(pool.size);
            expect(use(pool.name, run.tenant)).toBeLessThanOrEqual(
              caps[pool.name] ?? Number.POSITIVE_INFINITY,
            );
          }
        }
      }),
      MANY,
    );
  });

  test('no run starts before it is created, and each keeps its slot for its latency and duration exactly', () => {
    fc.assert(
      fc.property(anyQueue, (story) => {
        const times = timesOf(simulated(story));
        for (const { id, heldSinceMs } of everyHeld(story)) {
          const time = times.get(id);
          if (time === undefined) continue;
          expect(time.startMs).toBeGreaterThanOrEqual(Math.max(heldSinceMs, story.snapshot.nowMs));
          const spanMs = story.startLatencyMs + (story.durationMs.get(id) as number);
          expect(time.endMs - time.startMs).toBe(spanMs);
        }
        for (const { id } of story.snapshot.active) expect(times.has(id)).toBe(true);
      }),
      MANY,
    );
  });

  test('the same queue gives the same bytes, and the order of its lists never matters', () => {
    fc.assert(
      fc.property(anyQueue, fc.integer(), (story, seed) => {
        const schedule = simulated(story);
        expect(JSON.stringify(simulated(story))).toBe(JSON.stringify(schedule));
        const heldSchedule = (one: readonly ScheduledRun[]) =>
          one.filter((run) => !story.snapshot.active.some((active) => active.id === run.id));
        const other = simulated({
          ...story,
          snapshot: shuffled(story.snapshot, seed),
          arrivals: story.arrivals.toReversed(),
        });
        expect(JSON.stringify(heldSchedule(other))).toBe(JSON.stringify(heldSchedule(schedule)));
        expect(timesOf(other)).toEqual(timesOf(schedule));
      }),
      MANY,
    );
  });
});

test('runs of one instant and one duration start in the order of their ids, a slot at a time', () => {
  const names = ['e', 'b', 'a', 'd', 'c'];
  const snapshot = aSnapshot({ held: names.map((name) => aHeldRun(name)) });
  expect(simulate(snapshot, () => 10).map((run) => [run.id, run.startMs])).toEqual([
    ['a', 1_000],
    ['b', 1_010],
    ['c', 1_020],
    ['d', 1_030],
    ['e', 1_040],
  ]);
});

test('an end and an arrival of one millisecond are both seen before the slot is given', () => {
  const snapshot = aSnapshot({
    priorities: [
      { name: 'high', patienceMs: null },
      { name: 'normal', patienceMs: null },
    ],
    held: [aHeldRun('early', { priority: 'normal' })],
    active: [anActiveRun('busy', { sinceMs: 990 })],
  });
  const late = aHeldRun('urgent', { priority: 'high', heldSinceMs: 1_010 });
  const schedule = simulate(snapshot, () => 20, { arrivals: [late] });
  expect(schedule.map((run) => run.id)).toEqual(['busy', 'urgent', 'early']);
});

test('the slot is taken from the decision on, also while the run is still starting', () => {
  const snapshot = aSnapshot({ held: [aHeldRun('a'), aHeldRun('b')] });
  const schedule = simulate(snapshot, () => 10, { startLatencyMs: 5 });
  expect(schedule).toEqual([
    { id: 'a', startMs: 1_000, endMs: 1_015 },
    { id: 'b', startMs: 1_015, endMs: 1_030 },
  ]);
});

test('an active run that has outlived its given duration ends now, and its slot goes on at once', () => {
  const snapshot = aSnapshot({ held: [aHeldRun('next')], active: [anActiveRun('old', { sinceMs: 0 })] });
  expect(simulate(snapshot, () => 10)).toEqual([
    { id: 'old', startMs: 0, endMs: 1_000 },
    { id: 'next', startMs: 1_000, endMs: 1_010 },
  ]);
});

test('runs that never start are left out of the schedule and hold up nobody', () => {
  const snapshot = aSnapshot({
    pools: [aPool('runs', 1), aPool('arm', 1, { paused: true })],
    held: [
      aHeldRun('a-huge', { requests: { runs: 5 } }),
      aHeldRun('b-paused', { requests: { runs: 1, arm: 1 } }),
      aHeldRun('c-fine'),
    ],
  });
  expect(simulate(snapshot, () => 10).map((run) => run.id)).toEqual([runId('c-fine')]);
});
