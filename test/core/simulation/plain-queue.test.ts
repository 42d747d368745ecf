/** A queue of one class goes the short way, and comes to the same schedule as stepping `decide` by hand. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildTables } from '../../../src/core/admission/build-tables.ts';
import { plainQueue } from '../../../src/core/simulation/plain-queue.ts';
import { simulate } from '../../../src/core/simulation/simulate.ts';
import { aHeldRun, anActiveRun, aPool, aPriority, aSnapshot } from '../../builders/admission.ts';
import { type QueueStory, steppedByHand } from './event-loop.ts';

const NOW_MS = 1_000;
const REQUESTS = { runs: 1, arm: 1 };

const anyStory: fc.Arbitrary<QueueStory> = fc
  .record({
    sinceMs: fc.array(fc.integer({ min: NOW_MS - 50, max: NOW_MS + 150 }), { minLength: 1, maxLength: 20 }),
    activeSinceMs: fc.array(fc.integer({ min: NOW_MS - 80, max: NOW_MS }), { maxLength: 8 }),
    lengthsMs: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 28, maxLength: 28 }),
    slots: fc.integer({ min: 1, max: 6 }),
    otherUse: fc.integer({ min: 0, max: 2 }),
    patienceMs: fc.constantFrom(null, 0, 20),
    startLatencyMs: fc.constantFrom(0, 0, 3),
  })
  .map(({ sinceMs, activeSinceMs, lengthsMs, slots, otherUse, patienceMs, startLatencyMs }) => {
    const held = sinceMs.map((since, i) => aHeldRun(`held-${i}`, { heldSinceMs: since, requests: REQUESTS }));
    const active = activeSinceMs.map((since, i) =>
      anActiveRun(`active-${i}`, { sinceMs: since, requests: REQUESTS }),
    );
    return {
      snapshot: aSnapshot({
        nowMs: NOW_MS,
        pools: [aPool('runs', 9), aPool('arm', slots + otherUse, { otherUse })],
        priorities: [aPriority('normal', patienceMs)],
        held: held.filter((run) => run.heldSinceMs <= NOW_MS),
        active,
      }),
      arrivals: held.filter((run) => run.heldSinceMs > NOW_MS),
      durationMs: new Map([...held, ...active].map((run, i) => [run.id, lengthsMs[i] as number])),
      startLatencyMs,
    };
  });

test('first come, first served, with arrivals, more active runs than slots, and start latency', () => {
  fc.assert(
    fc.property(anyStory, ({ snapshot, arrivals, durationMs, startLatencyMs }) => {
      const all = { ...snapshot, held: [...snapshot.held, ...arrivals] };
      expect(plainQueue(buildTables(all))).not.toBeNull();
      const schedule = simulate(snapshot, (id) => durationMs.get(id) as number, { arrivals, startLatencyMs });
      const times = new Map(schedule.map(({ id, startMs, endMs }) => [id, { startMs, endMs }]));
      expect(times).toEqual(steppedByHand({ snapshot, arrivals, durationMs, startLatencyMs }));
    }),
    { numRuns: 500 },
  );
});

test.each([
  [
    'two tenants',
    aSnapshot({ pools: [aPool('runs', 2)], held: [aHeldRun('a'), aHeldRun('b', { tenant: 'b' })] }),
  ],
  ['a paused pool', aSnapshot({ pools: [aPool('runs', 2, { paused: true })], held: [aHeldRun('a')] })],
  [
    'a pool that others fill',
    aSnapshot({ pools: [aPool('runs', 2, { otherUse: 2 })], held: [aHeldRun('a')] }),
  ],
  [
    'an active run of another kind',
    aSnapshot({
      pools: [aPool('runs', 2), aPool('arm', 1)],
      held: [aHeldRun('a')],
      active: [anActiveRun('b', { requests: REQUESTS })],
    }),
  ],
])('%s: not a plain queue', (_, snapshot) => {
  expect(plainQueue(buildTables(snapshot))).toBeNull();
});
