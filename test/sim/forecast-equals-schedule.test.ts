/**
 * Invariant 6: given the true durations, the simulation of the core gives the start times
 * of the controller, to the millisecond. The controller here is the real loop over a
 * fault-free engine. `npm run sim:schedule -- --cases 1000` is the same for as many cases.
 */
import { describe, expect, test } from 'vitest';
import { apartMs, bothSchedules } from '../../sim/schedule/both-schedules.ts';
import { type RunId, runId } from '../../src/core/model/run.ts';

/** Generous: machines are busy. */
const LIMIT_MS = 60_000;

describe('given the true durations, the forecast is the schedule', () => {
  for (const startLatencyMs of [0, 700]) {
    test.each(Array.from({ length: 20 }, (_, place) => place + 1))(
      `seed %i, starts that take ${startLatencyMs} ms`,
      { timeout: LIMIT_MS },
      async (seed) => {
        const { live, computed } = await bothSchedules({ seed, startLatencyMs, moved: [] });
        expect(live.startedAtMs.size).toBeGreaterThan(20);
        expect(computed.startedAtMs).toEqual(live.startedAtMs);
        expect(computed.endedAtMs).toEqual(live.endedAtMs);
        expect(apartMs(live, computed)).toBe(0);
      },
    );
  }

  test.each(Array.from({ length: 20 }, (_, place) => place + 101))(
    'seed %i, with runs that were moved to the front',
    { timeout: LIMIT_MS },
    async (seed) => {
      const { live, computed } = await bothSchedules({ seed, startLatencyMs: 0, moved: [7, 3, 9] });
      expect(live.grants).toBeGreaterThan(0);
      expect(computed.startedAtMs).toEqual(live.startedAtMs);
      expect(computed.endedAtMs).toEqual(live.endedAtMs);
    },
  );
});

test('a millisecond apart is seen, and a run that is missing', () => {
  const times = (entries: readonly (readonly [RunId, number])[]) => ({
    startedAtMs: new Map(entries),
    endedAtMs: new Map<RunId, number>(),
  });
  const [a, b] = [runId('a'), runId('b')] as const;
  const one = times([
    [a, 5],
    [b, 7],
  ]);
  expect(apartMs(one, times([[a, 5]]))).toBe(Number.POSITIVE_INFINITY);
  const other = times([
    [a, 5],
    [b, 8],
  ]);
  expect(apartMs(one, other)).toBe(1);
});
