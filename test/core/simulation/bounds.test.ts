/**
 * Bounds that hold for any order as long as no run that fits is left waiting. Sources: R. L.
 * Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM J. Applied Mathematics 17 (1969),
 * and its extension to several pools: while run j waits, one of its pools has too little room.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HeldRun } from '../../../src/core/model/snapshot.ts';
import { aHeldRun, aPool, aSnapshot } from '../../builders/admission.ts';
import { NOW_MS } from '../admission/any-snapshot.ts';
import { anyPlainQueue, anyQueue, everyHeld, simulated } from './any-queue.ts';
import type { QueueStory } from './event-loop.ts';

const MANY = { numRuns: 500 };

function durationOf(story: QueueStory, run: HeldRun): number {
  return story.durationMs.get(run.id) as number;
}

/** Milliseconds after now at which the last run has ended. */
function makespanMs(story: QueueStory): number {
  const { nowMs } = story.snapshot;
  return Math.max(nowMs, ...simulated(story).map((run) => run.endMs)) - nowMs;
}

function workMs(story: QueueStory, runs: readonly HeldRun[], pool: string): number {
  return runs.reduce((sum, run) => sum + durationOf(story, run) * (run.requests[pool] ?? 0), 0);
}

test('one pool, one slot each, all there at once: the makespan lies within the bounds of Graham', () => {
  const anyBatch = fc.record({
    slots: fc.integer({ min: 1, max: 6 }),
    durations: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 40 }),
  });
  fc.assert(
    fc.property(anyBatch, ({ slots, durations }) => {
      const held = durations.map((_, place) => aHeldRun(`r${place}`));
      const snapshot = aSnapshot({ maxGrants: 0, pools: [aPool('runs', slots)], held });
      const durationMs = new Map(held.map((run, place) => [run.id, durations[place] as number]));
      const makespan = makespanMs({ snapshot, arrivals: [], durationMs, startLatencyMs: 0 });
      const work = durations.reduce((sum, duration) => sum + duration, 0);
      const longest = Math.max(...durations);
      expect(makespan).toBeGreaterThanOrEqual(Math.max(work / slots, longest));
      expect(makespan).toBeLessThanOrEqual(work / slots + (1 - 1 / slots) * longest);
    }),
    MANY,
  );
});

test('several pools: no run starts later than the work before it in its pools can explain', () => {
  fc.assert(
    fc.property(anyPlainQueue(3), (story) => {
      const runs = everyHeld(story);
      const startMs = new Map(simulated(story).map((run) => [run.id, run.startMs]));
      expect(startMs.size).toBe(runs.length);
      for (const run of runs) {
        let waitMs = 0;
        for (const { name, size } of story.snapshot.pools) {
          const units = run.requests[name] ?? 0;
          if (units === 0) continue;
          waitMs += (workMs(story, runs, name) - durationOf(story, run) * units) / (size - units + 1);
        }
        expect(startMs.get(run.id)).toBeLessThanOrEqual(run.heldSinceMs + waitMs);
      }
    }),
    MANY,
  );
});

test('no schedule is shorter than the work of a pool over its size, or than a run after its creation', () => {
  fc.assert(
    fc.property(anyQueue, (story) => {
      const schedule = simulated(story);
      const started = new Set(schedule.map((run) => run.id));
      const runs = everyHeld(story).filter((run) => started.has(run.id));
      const makespan = makespanMs(story);
      for (const run of runs) {
        const readyMs = Math.max(run.heldSinceMs, NOW_MS) - NOW_MS;
        expect(makespan).toBeGreaterThanOrEqual(readyMs + durationOf(story, run));
      }
      for (const { name, size } of story.snapshot.pools) {
        if (size > 0) expect(makespan).toBeGreaterThanOrEqual(workMs(story, runs, name) / size);
      }
    }),
    MANY,
  );
});

test('plain first in, first out on one pool: shorter runs or one more slot delay nobody', () => {
  const anyFifo = fc.record({
    slots: fc.integer({ min: 1, max: 5 }),
    runs: fc.array(
      fc.record({
        createdMs: fc.integer({ min: 0, max: 60 }),
        durationMs: fc.integer({ min: 1, max: 50 }),
        shorterByMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 49 })),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  });
  fc.assert(
    fc.property(anyFifo, ({ slots, runs }) => {
      const arrivals = runs.map((run, place) =>
        aHeldRun(`r${String(place).padStart(2, '0')}`, { heldSinceMs: NOW_MS + 1 + run.createdMs }),
      );
      const starts = (slotCount: number, durationOfPlace: (place: number) => number) => {
        const durationMs = new Map(arrivals.map((run, place) => [run.id, durationOfPlace(place)]));
        const snapshot = aSnapshot({ nowMs: NOW_MS, pools: [aPool('runs', slotCount)] });
        const schedule = simulated({ snapshot, arrivals, durationMs, startLatencyMs: 0 });
        return new Map(schedule.map((run) => [run.id, run.startMs]));
      };
      const longer = (place: number) => runs[place]?.durationMs as number;
      const shorter = (place: number) => Math.max(1, longer(place) - (runs[place]?.shorterByMs as number));
      const before = starts(slots, longer);
      const eased = [starts(slots, shorter), starts(slots + 1, longer)];
      for (const { id } of arrivals) {
        for (const after of eased) {
          expect(after.get(id)).toBeLessThanOrEqual(before.get(id) as number);
        }
      }
    }),
    MANY,
  );
});
