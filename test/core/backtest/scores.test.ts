/** Scores, baselines and the walk, against values computed by hand. */
import { describe, expect, test } from 'vitest';
import { baselineForecasts } from '../../../src/core/backtest/baselines.ts';
import { DurationBacktest } from '../../../src/core/backtest/duration-backtest.ts';
import { LogHistogram } from '../../../src/core/backtest/log-histogram.ts';
import { crps, momentScores } from '../../../src/core/backtest/makespan-scores.ts';
import { LEVELS, logPinball, ScoreKeeper } from '../../../src/core/backtest/scores.ts';
import { type ForecastRun, walkForward } from '../../../src/core/backtest/walk.ts';

const point = (ms: number): number[] => LEVELS.map(() => ms);

describe('log-pinball', () => {
  test('is 0 for a point that was right', () => {
    expect(logPinball(5_000, point(5_000))).toBe(0);
  });

  test('of a point is half the distance in log time, and the same for a minute and an hour', () => {
    expect(logPinball(2_000, point(1_000))).toBeCloseTo(Math.LN2 / 2, 12);
    expect(logPinball(7_200_000, point(3_600_000))).toBeCloseTo(Math.LN2 / 2, 12);
    expect(logPinball(1_000, point(2_000))).toBeCloseTo(Math.LN2 / 2, 12);
  });

  test('weighs each side by the level', () => {
    // ln actual is 1 above every quantile: the mean of the levels; 1 below: the mean of 1 - level.
    const levelMean = (0.05 + 0.1 + 0.25 + 0.5 + 0.75 + 0.9 + 0.95) / 7;
    expect(logPinball(Math.E, point(1))).toBeCloseTo(levelMean, 12);
    expect(logPinball(1 / Math.E, point(1))).toBeCloseTo(1 - levelMean, 12);
  });
});

test('scores of three forecasts of two series', () => {
  const keeper = new ScoreKeeper();
  const wide = [1, 10, 50, 100, 200, 1_000, 2_000];
  keeper.add('a', 100, wide);
  keeper.add('a', 1_500, wide);
  keeper.add('b', 5, wide);
  const scores = keeper.scores();
  expect(scores).toMatchObject({ forecasts: 3, coverageP90: 2 / 3, coverage80: 1 / 3, medianWidth: 100 });
  expect(scores?.medianLogError).toBeCloseTo(Math.log(15), 12);
  const each = [100, 1_500, 5].map((actual) => logPinball(actual, wide)) as [number, number, number];
  const mean = (each[0] + each[1] + each[2]) / 3;
  expect(scores?.logPinball).toBeCloseTo(mean, 12);
  // Two clusters: sqrt(2 * (e_a^2 + e_b^2)) / 3.
  const clusters = (each[0] + each[1] - 2 * mean) ** 2 + (each[2] - mean) ** 2;
  expect(scores?.standardError).toBeCloseTo(Math.sqrt(2 * clusters) / 3, 12);
});

test('nothing forecast has no scores', () => {
  expect(new ScoreKeeper().scores()).toBeNull();
});

describe('baselines', () => {
  test('say nothing before they can', () => {
    const none = { lastTwo: null, meanOfThree: null, logNormal: null, empirical: null, pooled: [1] };
    expect(baselineForecasts([], [1], [0.5])).toEqual(none);
    expect(baselineForecasts([7], [1], [0.5])).toEqual({
      lastTwo: [7],
      meanOfThree: [7],
      logNormal: null,
      empirical: [7],
      pooled: [1],
    });
  });

  test('of 1, 2, 4 and 8 seconds', () => {
    const { lastTwo, meanOfThree, logNormal, empirical } = baselineForecasts(
      [1, 2, 4, 8],
      [1, 1],
      [0.25, 0.5],
    );
    expect(lastTwo).toEqual([6, 6]);
    expect(meanOfThree).toEqual([14 / 3, 14 / 3]);
    expect(empirical).toEqual([1.75, 3]);
    // Mean of the logarithms 1.5 ln 2, standard deviation ln 2 sqrt(5 / 3); quartile at -0.67449.
    expect(logNormal?.[1]).toBeCloseTo(2 ** 1.5, 9);
    expect(logNormal?.[0]).toBeCloseTo(2 ** (1.5 - 0.6744897502 * Math.sqrt(5 / 3)), 6);
  });
});

test('a log-histogram has the quantiles of what was put in, to a per cent', () => {
  const histogram = new LogHistogram();
  for (let ms = 1; ms <= 1_000; ms += 1) histogram.add(ms * 100);
  const [p10 = 0, p50 = 0, p90 = 0] = histogram.quantiles([0.1, 0.5, 0.9]);
  for (const [found, want] of [
    [p10, 10_000],
    [p50, 50_000],
    [p90, 90_000],
  ] as const) {
    expect(Math.abs(found / want - 1)).toBeLessThan(0.01);
  }
});

describe('the walk', () => {
  const histories = (last: number) => [
    {
      workflow: 'a',
      runs: [10, 20, 30, last].map((s, place) => ({ seq: 3 * place, durationMs: 1_000 * s })),
    },
    { workflow: 'b', runs: [500, 600].map((s, place) => ({ seq: place, durationMs: 1_000 * s })) },
  ];
  const walked = (last: number): readonly ForecastRun[] => [...walkForward(histories(last))];

  test('takes all first runs, then all second ones, each with what came before', () => {
    const runs = walked(40);
    expect(runs.map(({ workflow, seq, history }) => `${workflow} ${seq} ${history}`)).toEqual([
      'a 0 0',
      'b 0 0',
      'a 3 1',
      'b 1 1',
      'a 6 2',
      'a 9 3',
    ]);
    expect(runs.map(({ baselines }) => baselines?.lastTwo?.[0] ?? null)).toEqual([
      null,
      null,
      10_000,
      500_000,
      15_000,
      25_000,
    ]);
  });

  test('no forecast knows what comes later: another last run changes no forecast', () => {
    const forecasts = (last: number) =>
      walked(last).map(({ quantilesMs, baselines }) => ({ quantilesMs, baselines }));
    expect(forecasts(40)).toEqual(forecasts(4_000_000));
  });

  test('scores by earlier samples, and all with earlier ones together', () => {
    const scored = new DurationBacktest();
    for (const run of walked(40)) scored.add(run);
    const rows = scored.rows();
    expect(rows.map((row) => [row.earlierSamples, row.penstock?.forecasts ?? 0])).toEqual([
      ['0', 2],
      ['1', 2],
      ['2', 1],
      ['3-4', 1],
      ['5-9', 0],
      ['10-19', 0],
      ['20-59', 0],
      ['1-59', 4],
    ]);
    // With one earlier run the last two are that run: half of ln(20 / 10) and of ln(600 / 500).
    expect(rows[1]?.baselines.lastTwo?.logPinball).toBeCloseTo((Math.log(2) + Math.log(1.2)) / 4, 12);
    expect(rows[1]?.baselines.logNormal).toBeNull();
  });
});

describe('makespans', () => {
  test('CRPS of draws 1, 2, 3 against 2: 2/3 - 4/9', () => {
    expect(crps(Float64Array.of(1, 2, 3), 2)).toBeCloseTo(2 / 3 - 4 / 9, 12);
  });

  test('CRPS of a point is its error', () => {
    expect(crps(Float64Array.of(5), 2)).toBe(3);
  });

  test('coverage, error and CRPS in units of the real time', () => {
    const all = (ms: number) => ({ finishMs: ms, lastStartMs: ms, mostDoneMs: ms });
    const scores = momentScores(
      [
        { actual: all(100), drawn: [90, 110, 130].map(all), lastTwo: all(50), hindsight: [all(100)] },
        { actual: all(200), drawn: [90, 110, 130].map(all), lastTwo: all(200), hindsight: [all(100)] },
      ],
      'finishMs',
    );
    // P10, P50 and P90 are 94, 110 and 126.
    expect(scores.coverageP90).toBe(0.5);
    expect(scores.coverage80).toBe(0.5);
    expect(scores.medianError).toBeCloseTo((0.1 + 0.45) / 2, 12);
    expect(scores.medianBias).toBeCloseTo((0.1 - 0.45) / 2, 12);
    expect(scores.lastTwo).toEqual({ medianError: 0.25, crps: 0.25 });
    expect(scores.hindsight).toEqual({ medianError: 0.25, crps: 0.25 });
    const first = (50 / 3 - 80 / 9) / 100;
    const second = (90 - 80 / 9) / 200;
    expect(scores.crps).toBeCloseTo((first + second) / 2, 12);
  });
});
