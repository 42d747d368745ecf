/** The figures of a policy's history, counted by hand. */
import { expect, test } from 'vitest';
import {
  type CountedRun,
  historySummary,
  PERIODS_MAX,
  PROJECTS_MAX,
} from '../../../src/core/history/summary.ts';

const DAY_MS = 86_400_000;
const run = (given: Partial<CountedRun> = {}): CountedRun => ({
  project: 'shop',
  contentHash: 'new',
  cause: 'launch',
  startedAtMs: Date.parse('2026-11-25T12:00Z'),
  durationMs: 100,
  outcome: 'succeeded',
  ...given,
});

test('of nothing there is nothing to say', () => {
  const summary = historySummary([], 'new', 'day');
  expect(summary.all).toMatchObject({ runs: 0, successRate: null, durationMs: null });
  expect([summary.contents, summary.projects, summary.periods]).toEqual([[], [], []]);
});

test('cancelled runs are neither success nor failure, and teach no duration', () => {
  const runs = [
    run({ durationMs: 10 }),
    run({ durationMs: 30, outcome: 'failed' }),
    run({ durationMs: 20, outcome: 'timed-out' }),
    run({ durationMs: 9_999, outcome: 'cancelled' }),
  ];
  const { all } = historySummary(runs, 'new', 'day');
  expect(all.outcomes).toEqual({ succeeded: 1, failed: 1, 'timed-out': 1, cancelled: 1 });
  expect(all.durationMs).toEqual({ p10: 12, p50: 20, p90: 28, max: 30 });
  expect(all.successRate?.share).toBeCloseTo(1 / 3);
  // Wilson's interval of 1 in 3, from his formula.
  expect(all.successRate?.low).toBeCloseTo(0.0615, 3);
  expect(all.successRate?.high).toBeCloseTo(0.7923, 3);
  const { all: cancelled } = historySummary([run({ outcome: 'cancelled' })], 'new', 'day');
  expect([cancelled.runs, cancelled.successRate, cancelled.durationMs]).toEqual([1, null, null]);
});

test('each run counts in one cause, one content, one project and one period', () => {
  const runs = [
    run(),
    run({
      cause: 'test-run',
      project: 'bank',
      contentHash: 'old',
      startedAtMs: Date.parse('2026-11-23T00:00Z'),
    }),
    run({ cause: null, contentHash: 'old', startedAtMs: Date.parse('2026-11-22T23:59:59.999Z') }),
  ];
  const summary = historySummary(runs, 'new', 'week');
  expect([summary.launches.runs, summary.testRuns.runs, summary.unknownCause.runs]).toEqual([1, 1, 1]);
  expect(summary.contents.map((one) => [one.contentHash, one.isPresent, one.runs])).toEqual([
    ['new', true, 1],
    ['old', false, 2],
  ]);
  expect(summary.projects.map((one) => [one.project, one.runs])).toEqual([
    ['shop', 2],
    ['bank', 1],
  ]);
  const weeks = summary.periods.map(({ fromMs, toMs, runs: count }) => [
    new Date(fromMs).toISOString(),
    (toMs - fromMs) / DAY_MS,
    count,
  ]);
  expect(weeks).toEqual([
    ['2026-11-23T00:00:00.000Z', 7, 2],
    ['2026-11-16T00:00:00.000Z', 7, 1],
  ]);
  expect(historySummary(runs, null, 'day').periods.map(({ runs: count }) => count)).toEqual([1, 1, 1]);
  expect(historySummary(runs, null, 'day').contents.some(({ isPresent }) => isPresent)).toBe(false);
});

test('lists are bounded, and say what they leave out', () => {
  const many = PROJECTS_MAX + 5;
  const runs = Array.from({ length: many }, (_, place) =>
    run({ project: `p${place}`, startedAtMs: place * DAY_MS }),
  );
  const summary = historySummary([...runs, run({ project: 'p7' })], 'new', 'day');
  expect([summary.projects.length, summary.projectsLeftOut]).toEqual([PROJECTS_MAX, 5]);
  expect(summary.projects[0]?.project).toBe('p7');
  expect([summary.periods.length, summary.periodsLeftOut]).toEqual([PERIODS_MAX, many + 1 - PERIODS_MAX]);
});
