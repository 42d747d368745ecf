/** Which neighbours are kept, and what a project that was hardly ever seen is expected to take. */
import { expect, test } from 'vitest';
import { inOrderOfEnd, LearnedDurations } from '../../../src/core/duration/learned-durations.ts';
import {
  type Neighbourhood,
  NO_NEIGHBOURS,
  neighbourOf,
  withNewest,
} from '../../../src/core/duration/neighbours.ts';
import { aSeries, FIRST, logNormal } from './history.ts';

const MONTH_MS = 30 * 86_400_000;

test('of a thousand runs that start together the longest end last: the next project is expected like all of them', () => {
  const durationsMs = logNormal(1_000, { seed: 1, medianMs: 120_000, spread: 1.5 });
  const samples = durationsMs.map((durationMs, place) => ({
    ...aSeries(`project ${place}`),
    startedAtMs: 0,
    durationMs,
    outcome: 'succeeded' as const,
  }));
  const learned = new LearnedDurations({ first: FIRST });
  for (const sample of inOrderOfEnd(samples)) learned.record(sample);
  const { p50Ms } = learned.model().estimate(aSeries('never seen'));
  expect(p50Ms).toBeGreaterThan(60_000);
  expect(p50Ms).toBeLessThan(240_000);
});

test('each series counts once, with its newest run; those heard of in a newer month come first', () => {
  const of = (runs: readonly (readonly [key: string, y: number, month: number])[]): Neighbourhood =>
    runs.reduce(
      (all, [key, y, month]) => withNewest(all, neighbourOf(key, y, month * MONTH_MS)),
      NO_NEIGHBOURS,
    );
  const kept = of([
    ['a', 1, 0],
    ['b', 2, 0],
    ['a', 3, 1],
  ]);
  expect(kept.map(({ key, y }) => [key, y])).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
  const many = Array.from({ length: 100 }, (_, place) => [`s${place}`, place, 0] as const);
  const later = of([...many, ['z', 7, 1]]);
  expect(later.length).toBeLessThan(100);
  expect(later[0]).toMatchObject({ key: 'z', y: 7 });
  // In whatever order they came.
  expect(of(many.toReversed())).toEqual(of(many));
});
