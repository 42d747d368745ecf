/**
 * What happens without holding: against a k-server recursion written from the definition, the
 * figures known for the seed scenario, and small stories with everything in them.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildTables } from '../../../src/core/admission/build-tables.ts';
import type { RunId } from '../../../src/core/model/run.ts';
import type { HeldRun, Snapshot } from '../../../src/core/model/snapshot.ts';
import { normal } from '../../../src/core/random/normal.ts';
import { randomStream } from '../../../src/core/random/random.ts';
import { type Losses, WithoutHolding } from '../../../src/core/simulation/without-holding.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot, aTenant } from '../../builders/admission.ts';
import { NOW_MS } from '../admission/any-snapshot.ts';

const MINUTE_MS = 60_000;

function lossesOf(snapshot: Snapshot, durationMs: (id: RunId) => number): Losses {
  const tables = buildTables(snapshot);
  return new WithoutHolding(tables).run(Float64Array.from(tables.ids, durationMs));
}

/** First come, first served, each to the server that is free first; servers still busy with what runs now. */
function recursion(
  held: readonly HeldRun[],
  freeAtMs: readonly number[],
  durationMs: (id: RunId) => number,
): Losses {
  const servers = [...freeAtMs];
  const losses = { succeeded: 0, timedOutWaiting: 0, timedOutRunning: 0, wastedSlotMs: 0 };
  for (const run of held.toSorted((a, b) => a.heldSinceMs - b.heldSinceMs || (a.id < b.id ? -1 : 1))) {
    const server = servers.indexOf(Math.min(...servers));
    const startMs = Math.max(run.heldSinceMs, servers[server] as number);
    const deadlineMs = run.heldSinceMs + (run.timeoutMs ?? Number.POSITIVE_INFINITY);
    if (startMs >= deadlineMs) {
      losses.timedOutWaiting += 1;
      continue;
    }
    const doneMs = startMs + durationMs(run.id);
    servers[server] = Math.min(doneMs, deadlineMs);
    if (doneMs <= deadlineMs) {
      losses.succeeded += 1;
    } else {
      losses.timedOutRunning += 1;
      losses.wastedSlotMs += deadlineMs - startMs;
    }
  }
  return losses;
}

test('one pool: the losses are those of the k-server recursion, also with runs already active', () => {
  const anyRun = fc.record({
    heldSinceMs: fc.oneof(fc.constant(NOW_MS), fc.integer({ min: NOW_MS - 80, max: NOW_MS + 80 })),
    timeoutMs: fc.option(fc.integer({ min: 1, max: 120 })),
    durationMs: fc.integer({ min: 1, max: 100 }),
  });
  const anyCase = fc.record({
    slots: fc.integer({ min: 1, max: 5 }),
    held: fc.array(anyRun, { minLength: 1, maxLength: 30 }),
    active: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 5 }),
  });
  fc.assert(
    fc.property(anyCase, ({ slots, held, active }) => {
      const runs = held.map(({ heldSinceMs, timeoutMs }, place) =>
        aHeldRun(`h${String(place).padStart(2, '0')}`, { heldSinceMs, timeoutMs }),
      );
      const busy = active
        .slice(0, slots)
        .map((_, place) => anActiveRun(`x${place}`, { sinceMs: NOW_MS - 5 }));
      const durations = new Map<RunId, number>([
        ...runs.map((run, place) => [run.id, held[place]?.durationMs as number] as const),
        ...busy.map((run, place) => [run.id, 5 + (active[place] as number)] as const),
      ]);
      const snapshot = aSnapshot({
        nowMs: NOW_MS,
        pools: [aPool('runs', slots)],
        held: runs,
        active: busy,
      });
      const durationMs = (id: RunId): number => durations.get(id) as number;
      const freeAtMs = Array.from({ length: slots }, (_, server) => NOW_MS + (active[server] ?? 0));
      const want = recursion(runs, freeAtMs, durationMs);
      expect(lossesOf(snapshot, durationMs)).toEqual({ ...want, succeeded: want.succeeded + busy.length });
    }),
    { numRuns: 1_000 },
  );
});

describe('300 runs at once on 20 slots', () => {
  function seedScenario(timeoutMs: number | null): Snapshot {
    const held = Array.from({ length: 300 }, (_, place) =>
      aHeldRun(`r${String(place).padStart(3, '0')}`, { heldSinceMs: 0, timeoutMs }),
    );
    return aSnapshot({ nowMs: 0, pools: [aPool('runs', 20)], held });
  }

  test('40 minutes each, a timeout of 60: 20 succeed, 260 never run, 20 are killed; a third of the slot time is lost', () => {
    const losses = lossesOf(seedScenario(60 * MINUTE_MS), () => 40 * MINUTE_MS);
    expect(losses).toEqual({
      succeeded: 20,
      timedOutWaiting: 260,
      timedOutRunning: 20,
      wastedSlotMs: 20 * 20 * MINUTE_MS,
    });
  });

  test('20 minutes each, a timeout of 60: three rounds of 20 succeed, nothing is killed while it runs', () => {
    const losses = lossesOf(seedScenario(60 * MINUTE_MS), () => 20 * MINUTE_MS);
    expect(losses).toEqual({ succeeded: 60, timedOutWaiting: 240, timedOutRunning: 0, wastedSlotMs: 0 });
  });

  test('without a timeout all succeed', () => {
    expect(lossesOf(seedScenario(null), () => 40 * MINUTE_MS)).toEqual({
      succeeded: 300,
      timedOutWaiting: 0,
      timedOutRunning: 0,
      wastedSlotMs: 0,
    });
  });

  /** Slots times (timeout over mean + (cv^2 - 1) / 2): the renewal approximation. */
  test.each([
    { meanMinutes: 20, timeoutMinutes: 120 },
    { meanMinutes: 20, timeoutMinutes: 240 },
    { meanMinutes: 45, timeoutMinutes: 240 },
  ])(
    'log-normal durations of $meanMinutes minutes, timeout $timeoutMinutes: successes follow renewal theory within 1',
    ({ meanMinutes, timeoutMinutes }) => {
      const cv = 0.6;
      const spread = Math.sqrt(Math.log(1 + cv * cv));
      const centre = Math.log(meanMinutes * MINUTE_MS) - (spread * spread) / 2;
      // The mean over so many has a standard error of 0.3 at most.
      const replications = 1_000;
      const snapshot = seedScenario(timeoutMinutes * MINUTE_MS);
      let succeeded = 0;
      for (let replication = 0; replication < replications; replication += 1) {
        const random = randomStream(1, `renewal ${meanMinutes} ${timeoutMinutes}`, replication);
        succeeded += lossesOf(snapshot, () =>
          Math.round(Math.exp(centre + spread * normal(random))),
        ).succeeded;
      }
      const want = 20 * (timeoutMinutes / meanMinutes + (cv * cv - 1) / 2);
      expect(Math.abs(succeeded / replications - want)).toBeLessThan(1);
    },
  );
});

describe('stories', () => {
  const tenMs = (): number => 10;

  test('a run longer than its own timeout is lost, though it never waited', () => {
    const snapshot = aSnapshot({ nowMs: 0, held: [aHeldRun('long', { timeoutMs: 9 })] });
    expect(lossesOf(snapshot, tenMs)).toEqual({
      succeeded: 0,
      timedOutWaiting: 0,
      timedOutRunning: 1,
      wastedSlotMs: 9,
    });
  });

  test('an active run counts: as a success if it ends by its timeout, else as killed while it ran', () => {
    const active = [
      anActiveRun('in-time', { sinceMs: 995, timeoutMs: 10 }),
      anActiveRun('too-long', { sinceMs: 995, timeoutMs: 9 }),
    ];
    const snapshot = aSnapshot({ pools: [aPool('runs', 2)], active });
    expect(lossesOf(snapshot, tenMs)).toEqual({
      succeeded: 1,
      timedOutWaiting: 0,
      timedOutRunning: 1,
      wastedSlotMs: 9,
    });
  });

  test('a run that asks for more than there is never runs, held or not, and is not counted', () => {
    const snapshot = aSnapshot({
      held: [aHeldRun('huge', { requests: { runs: 2 }, timeoutMs: 50 }), aHeldRun('fine')],
    });
    expect(lossesOf(snapshot, tenMs)).toMatchObject({ succeeded: 1, timedOutWaiting: 0 });
  });

  test('what others occupy for good: who has a timeout runs into it, who has none waits on', () => {
    const snapshot = aSnapshot({
      pools: [aPool('runs', 2, { otherUse: 2 })],
      held: [aHeldRun('limited', { timeoutMs: 50 }), aHeldRun('patient')],
    });
    expect(lossesOf(snapshot, tenMs)).toMatchObject({ succeeded: 0, timedOutWaiting: 1 });
  });

  test('several pools: a later run passes an earlier one whose pool is full, and both pools are respected', () => {
    const snapshot = aSnapshot({
      nowMs: 0,
      pools: [aPool('runs', 2), aPool('arm', 1)],
      held: [
        aHeldRun('a1', { requests: { runs: 1, arm: 1 }, timeoutMs: 15 }),
        aHeldRun('a2', { requests: { runs: 1, arm: 1 }, timeoutMs: 15 }),
        aHeldRun('a3', { requests: { runs: 1, arm: 1 }, timeoutMs: 15 }),
        aHeldRun('b1', { timeoutMs: 15 }),
      ],
    });
    // At 0 a1 and b1; at 10 a2, killed at 15; a3 never gets arm.
    expect(lossesOf(snapshot, tenMs)).toEqual({
      succeeded: 2,
      timedOutWaiting: 1,
      timedOutRunning: 1,
      wastedSlotMs: 5,
    });
  });

  test('nothing pauses and nothing caps what is not held', () => {
    const snapshot = aSnapshot({
      nowMs: 0,
      paused: true,
      pools: [aPool('runs', 2, { paused: true })],
      tenants: [aTenant('a', { paused: true, caps: { runs: 1 } })],
      held: [aHeldRun('a1', { timeoutMs: 10 }), aHeldRun('a2', { timeoutMs: 10 })],
    });
    expect(lossesOf(snapshot, tenMs)).toMatchObject({ succeeded: 2, timedOutWaiting: 0 });
  });
});
