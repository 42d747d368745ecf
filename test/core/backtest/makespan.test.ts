/** Batches of real runs: the truth is a schedule, the forecast knows only what came before. */
import { describe, expect, test } from 'vitest';
import { fitOwnWeights } from '../../../scripts/fit/own-weights.ts';
import { exampleHistories } from '../../../src/core/backtest/example-histories.ts';
import type { WorkflowHistory } from '../../../src/core/backtest/histories.ts';
import { eligible, forecastBatch, MAKESPAN_ROWS } from '../../../src/core/backtest/makespan.ts';
import { makespanBacktest } from '../../../src/core/backtest/makespan-backtest.ts';

const FEW = { from: 5, to: 9, name: '5-9' };

function constant(workflows: number, runs: number, seconds: number): readonly WorkflowHistory[] {
  return Array.from({ length: workflows }, (_, place) => ({
    workflow: `w${place}`,
    runs: Array.from({ length: runs }, (_, seq) => ({ seq, durationMs: 1_000 * seconds })),
  }));
}

test('runs of one length: 30 runs on 4 slots take 8 rounds, of 10 minutes each', () => {
  const options = { batch: 30, slots: 4, replications: 20, seed: 1 };
  const { actual, lastTwo, runs } = forecastBatch(constant(10, 8, 600), FEW, { nth: 0, options });
  expect(runs).toBe(30);
  expect(actual).toEqual({ finishMs: 4_800_000, lastStartMs: 4_200_000, mostDoneMs: 4_200_000 });
  expect(lastTwo).toEqual(actual);
});

test('a run longer than six hours ends there', () => {
  const options = { batch: 30, slots: 30, replications: 20, seed: 1 };
  const { actual, drawn } = forecastBatch(constant(10, 8, 1_000_000), FEW, { nth: 0, options });
  expect(actual.finishMs).toBe(6 * 3_600_000);
  for (const { finishMs } of drawn) expect(finishMs).toBeLessThanOrEqual(6 * 3_600_000);
});

test('the same seed, the same batch; another number, another batch', () => {
  const histories = exampleHistories(60, 3);
  const options = { batch: 30, slots: 4, replications: 20, seed: 1 };
  const batch = (nth: number) => forecastBatch(eligible(histories, FEW), FEW, { nth, options });
  expect(batch(0)).toEqual(batch(0));
  expect(batch(0).actual).not.toEqual(batch(1).actual);
});

test('the forecast knows nothing of the batch: other real durations leave its draws as they are', () => {
  // Histories of exactly five runs and three more: the place of the forecast is the same in both.
  const changed = constant(10, 8, 600).map(({ workflow, runs }) => ({
    workflow,
    runs: runs.map((run, nth) => (nth < 5 ? run : { ...run, durationMs: 5_000_000 })),
  }));
  const options = { batch: 30, slots: 4, replications: 20, seed: 1 };
  const honest = forecastBatch(constant(10, 8, 600), FEW, { nth: 0, options });
  const other = forecastBatch(changed, FEW, { nth: 0, options });
  expect(other.drawn).toEqual(honest.drawn);
  expect(other.actual).not.toEqual(honest.actual);
});

describe('on generated histories', () => {
  test('from 5 earlier runs on, P90 holds and CRPS is below that of the last two', {
    timeout: 60_000,
  }, () => {
    const rows = makespanBacktest(exampleHistories(200, 5), {
      batch: 90,
      slots: 8,
      batches: 40,
      replications: 60,
      seed: 2,
    });
    expect(rows.map(({ earlierRuns }) => earlierRuns)).toEqual(MAKESPAN_ROWS.map(({ name }) => name));
    for (const { lastStart } of rows.slice(2)) {
      expect(lastStart?.coverageP90).toBeGreaterThan(0.8);
      expect(lastStart?.crps).toBeLessThan(lastStart?.lastTwo.crps ?? 0);
    }
  });

  test('no workflow has enough runs: the row says so', () => {
    const options = { batch: 30, slots: 4, batches: 2, replications: 10, seed: 1 };
    const rows = makespanBacktest(constant(3, 5, 10), options);
    expect(rows.map(({ workflows, makespan }) => [workflows, makespan === null])).toEqual([
      [3, false],
      [3, false],
      [0, true],
      [0, true],
      [0, true],
    ]);
  });
});

test('first-day weights fitted to steady histories favour small spreads, to wild ones large ones', () => {
  const share = (of: (seed: number) => number): number => {
    const histories = Array.from({ length: 40 }, (_, place) => ({
      workflow: `w${place}`,
      runs: Array.from({ length: 12 }, (_, seq) => ({ seq, durationMs: 60_000 * of(100 * place + seq) })),
    }));
    const [first] = fitOwnWeights(histories).slice(-2);
    const { spreads = [] } = first ?? {};
    expect(spreads.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
    return spreads.slice(0, 3).reduce((sum, one) => sum + one, 0);
  };
  const swing = (size: number) => (seed: number) => Math.exp(size * Math.sin(seed * seed + seed));
  expect(share(swing(0.02))).toBeGreaterThan(0.9);
  expect(share(swing(1.5))).toBeLessThan(0.4);
});
