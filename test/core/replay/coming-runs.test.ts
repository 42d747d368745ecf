/** Futures made of the past: who came before comes again, later and in the same bursts. */
import { describe, expect, test } from 'vitest';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import { comingRuns } from '../../../src/core/replay/coming-runs.ts';
import { aPastRun, FIRST, S } from './past-runs.ts';

const DAY_MS = 86_400_000;
const model = learnDurations([], FIRST);

function coming(runs: readonly ReturnType<typeof aPastRun>[], atMs: number, most = 1_000) {
  return comingRuns({ runs, sinceMs: 0, atMs, model, futures: 8, most, seed: 1 });
}

describe('an hour of arrivals, one each five minutes, of two tenants', () => {
  const runs = Array.from({ length: 12 }, (_, nth) =>
    aPastRun(`r${nth}`, [300 * nth, 300 * nth, 300 * nth + 10], { tenant: nth % 3 === 0 ? 'b' : 'a' }),
  );
  const atMs = 3_500 * S;
  const futures = coming(runs, atMs);

  test('come again in each future, as many as came, after now, in order', () => {
    expect(futures).toHaveLength(8);
    for (const future of futures) {
      const times = future.map((run) => run.heldSinceMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(Math.min(...times)).toBeGreaterThan(atMs);
      // Twelve an hour, for as long as futures go.
      const hour = future.filter((run) => run.heldSinceMs <= 2 * atMs);
      expect(hour.length).toBeGreaterThanOrEqual(10);
      expect(hour.length).toBeLessThanOrEqual(14);
      expect(hour.filter((run) => run.tenant === 'b').length).toBeGreaterThanOrEqual(3);
      expect(new Set(future.map((run) => run.id)).size).toBe(future.length);
    }
  });

  test('begin elsewhere in each future, and are the same for the same seed', () => {
    expect(new Set(futures.map((future) => future[0]?.heldSinceMs)).size).toBeGreaterThan(4);
    expect(coming(runs, atMs)).toEqual(futures);
  });

  test('only what came before is looked at, and no more runs than asked for', () => {
    const later = aPastRun('later', [4_000, 4_000, 4_010], { tenant: 'z' });
    expect(coming([...runs, later], atMs)).toEqual(futures);
    expect(coming(runs, atMs, 5).map((future) => future.length)).toEqual(Array(8).fill(5));
  });
});

test('after some days the time of day is kept: who comes at noon comes at noon', () => {
  const runs = Array.from({ length: 40 }, (_, nth) => {
    const atS = Math.floor(nth / 10) * 86_400 + 43_200 + (nth % 10);
    return aPastRun(`r${String(nth).padStart(2, '0')}`, [atS, atS, atS + 1]);
  });
  const futures = coming(runs, 4 * DAY_MS);
  for (const future of futures) {
    for (const { heldSinceMs } of future) {
      expect(heldSinceMs % DAY_MS).toBeGreaterThanOrEqual(DAY_MS / 2);
      expect(heldSinceMs % DAY_MS).toBeLessThan(DAY_MS / 2 + 10 * S);
    }
  }
});

test('a few arrivals say nothing about who comes', () => {
  expect(coming([aPastRun('one', [0, 0, 10])], 60 * S)).toEqual([[]]);
});
