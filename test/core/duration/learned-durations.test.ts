/** What the duration model says about series with none, few, many and strange samples. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import type { DurationModel, DurationSample, Series } from '../../../src/core/duration/model.ts';
import { type Estimate, OUTCOMES } from '../../../src/core/model/run.ts';
import { randomStream } from '../../../src/core/random/random.ts';
import { mean } from '../../../src/core/stats/quantile.ts';
import { aSeries, FIRST, logNormal, samplerOf, samplesOf } from './history.ts';

const LEVELS = [0, 0.05, 0.1, 0.5, 0.9, 0.95, 1];

function expectNear(value: number, want: number, share: number): void {
  expect(value).toBeGreaterThan(want / (1 + share));
  expect(value).toBeLessThan(want * (1 + share));
}

describe('before anything is measured', () => {
  test.each<Estimate>([FIRST, { p50Ms: 10_000, p90Ms: 12_000 }, { p50Ms: 1_000, p90Ms: 60_000 }])(
    'the first estimate is taken at its word: $p50Ms and $p90Ms',
    (first) => {
      const estimate = learnDurations([], first).estimate(aSeries('new'));
      expectNear(estimate.p50Ms, first.p50Ms, 0.03);
      expectNear(estimate.p90Ms, first.p90Ms, 0.03);
    },
  );

  test('there is no evidence', () => {
    expect(learnDurations([], FIRST).evidence(aSeries('new'))).toEqual({ ownSamples: 0, pooledSamples: 0 });
  });
});

describe('few samples', () => {
  test('one sample moves the middle nearly to it, and leaves the range wide', () => {
    const model = learnDurations(samplesOf('one', [900_000]), FIRST);
    const [p10 = 0, p50 = 0, p90 = 0] = model.quantiles(aSeries('one'), [0.1, 0.5, 0.9]);
    expectNear(p50, 900_000, 0.1);
    // Unrelated pipelines are shorter, so the doubt lies below more than above.
    expect(p90 / p50).toBeGreaterThan(1.25);
    expect(p90 / p10).toBeGreaterThan(3);
  });

  test('one sample among series of other lengths moves the middle nearly all the way', () => {
    const others = Array.from({ length: 10 }, (_, place) =>
      samplesOf(`other-${place}`, logNormal(5, { seed: place, medianMs: 1_000 * 2 ** place, spread: 0.2 })),
    ).flat();
    const model = learnDurations([...others, ...samplesOf('one', [900_000])], FIRST);
    expectNear(model.estimate(aSeries('one')).p50Ms, 900_000, 0.15);
  });

  test('a series without samples is expected where the others lie, not where the first estimate is', () => {
    const others = Array.from({ length: 10 }, (_, place) =>
      samplesOf(`other-${place}`, logNormal(5, { seed: place, medianMs: 2_000, spread: 0.2 })),
    ).flat();
    const model = learnDurations(others, FIRST);
    expectNear(model.estimate(aSeries('new')).p50Ms, 2_000, 0.2);
    expect(model.evidence(aSeries('new'))).toEqual({ ownSamples: 0, pooledSamples: 50 });
    expect(model.evidence(aSeries('other-3'))).toEqual({ ownSamples: 5, pooledSamples: 50 });
  });

  test('a dozen steady series teach that the next runs are steady too; a dozen wild ones that they are not', () => {
    const rangeWith = (spread: number): number => {
      const samples = Array.from({ length: 12 }, (_, place) =>
        samplesOf(`p${place}`, logNormal(3, { seed: place, medianMs: 1_000 * (place + 1), spread })),
      ).flat();
      const ranges = Array.from({ length: 12 }, (_, place) => {
        const { p50Ms, p90Ms } = learnDurations(samples, FIRST).estimate(aSeries(`p${place}`));
        return p90Ms / p50Ms;
      });
      return mean(ranges);
    };
    // The truth is exp(1.28 * spread): 1.07 and 2.8.
    expect(rangeWith(0.05)).toBeLessThan(1.3);
    expect(rangeWith(0.8)).toBeGreaterThan(1.8);
  });
});

describe('many samples', () => {
  test('of two lengths by turns: the quantiles are those two', () => {
    const durations = Array.from({ length: 400 }, (_, place) => (place % 2 === 0 ? 10_000 : 100_000));
    const [p10 = 0, p90 = 0] = learnDurations(samplesOf('p', durations), FIRST).quantiles(
      aSeries('p'),
      [0.1, 0.9],
    );
    expectNear(p10, 10_000, 0.1);
    expectNear(p90, 100_000, 0.1);
  });

  test('the quantiles are, over series, those of the samples', () => {
    const levels = [0.1, 0.25, 0.5, 0.75, 0.9];
    // Anywhere from 10 s to 40 s, each equally likely.
    const found = Array.from({ length: 30 }, (_, seed) => {
      const random = randomStream(seed, 'anywhere');
      const durations = Array.from({ length: 300 }, () => 10_000 + Math.round(30_000 * random.next()));
      return learnDurations(samplesOf('p', durations), FIRST).quantiles(aSeries('p'), levels);
    });
    [13_000, 17_500, 25_000, 32_500, 37_000].forEach((want, place) => {
      expectNear(mean(found.map((quantiles) => quantiles[place] as number)), want, 0.15);
    });
  });

  test('what is newer counts more, by start and not by the order of the list', () => {
    const durations = [
      ...Array.from({ length: 30 }, () => 10_000),
      ...Array.from({ length: 12 }, () => 40_000),
    ];
    const samples = samplesOf('p', durations);
    const model = learnDurations(samples, FIRST);
    expectNear(model.estimate(aSeries('p')).p50Ms, 40_000, 0.1);
    const reversed = learnDurations(samples.toReversed(), FIRST);
    expect(reversed.quantiles(aSeries('p'), LEVELS)).toEqual(model.quantiles(aSeries('p'), LEVELS));
  });

  test('of one length: that length, with little doubt', () => {
    const estimate = learnDurations(
      samplesOf(
        'p',
        Array.from({ length: 50 }, () => 7_000),
      ),
      FIRST,
    ).estimate(aSeries('p'));
    expectNear(estimate.p50Ms, 7_000, 0.02);
    expectNear(estimate.p90Ms, 7_000, 0.05);
  });
});

describe('outcomes', () => {
  test('a run that was cancelled says nothing of how long it would have run: it is no sample', () => {
    const kept = samplesOf('p', [50_000, 52_000, 49_000]);
    const cut = samplesOf('p', [100, 200, 100, 150, 120], 'cancelled');
    const model = learnDurations([...kept, ...cut], FIRST);
    expect(model.estimate(aSeries('p'))).toEqual(learnDurations(kept, FIRST).estimate(aSeries('p')));
    expect(model.evidence(aSeries('p'))).toEqual({ ownSamples: 3, pooledSamples: 3 });
  });

  test('only cancelled runs are as good as none', () => {
    const model = learnDurations(samplesOf('p', [100, 200], 'cancelled'), FIRST);
    expect(model.estimate(aSeries('p'))).toEqual(learnDurations([], FIRST).estimate(aSeries('p')));
  });

  test('a run that failed occupied its slot for as long as it took', () => {
    const samples = samplesOf('p', [50_000, 52_000, 49_000], 'failed');
    expectNear(learnDurations(samples, FIRST).estimate(aSeries('p')).p50Ms, 50_000, 0.05);
  });

  test('a run that hit its timeout would have taken longer: nobody knows how much', () => {
    const samples = samplesOf('p', [60_000, 60_000, 60_000, 60_000], 'timed-out');
    const [p10 = 0, p50 = 0, p90 = 0] = learnDurations(samples, FIRST).quantiles(
      aSeries('p'),
      [0.1, 0.5, 0.9],
    );
    expect(p10).toBeGreaterThan(60_000 * 0.9);
    expect(p50).toBeGreaterThan(60_000);
    expect(p90).toBeGreaterThan(75_000);
  });

  test('the outcome comes first: a pipeline that fails quickly half the time has two lengths', () => {
    const samples = Array.from({ length: 40 }, (_, place) =>
      samplesOf(
        'p',
        [place % 2 === 0 ? 600_000 + 1_000 * place : 5_000 + 100 * place],
        place % 2 === 0 ? 'succeeded' : 'failed',
      ).map((sample) => ({ ...sample, startedAtMs: place * 3_600_000 })),
    ).flat();
    const [p10 = 0, p25 = 0, p75 = 0, p90 = 0] = learnDurations(samples, FIRST).quantiles(
      aSeries('p'),
      [0.1, 0.25, 0.75, 0.9],
    );
    expect(p10).toBeGreaterThan(4_000);
    expect(p25).toBeLessThan(10_000);
    expect(p75).toBeGreaterThan(590_000);
    expect(p90).toBeLessThan(700_000);
  });
});

describe('strange input', () => {
  const anyDuration = fc.oneof(
    fc.constantFrom(0, 1, -5, 1e15, 2 ** 53),
    fc.integer({ min: 0, max: 10_000_000 }),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
  );
  const anySample: fc.Arbitrary<DurationSample> = fc.record({
    project: fc.constantFrom('p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x'),
    tenant: fc.constant('a'),
    contentHash: fc.constantFrom('one', 'two'),
    startedAtMs: fc.integer({ min: 0, max: 1_000 }),
    durationMs: anyDuration,
    outcome: fc.constantFrom(...OUTCOMES),
  });
  const anyFirst = fc.record({
    p50Ms: fc.constantFrom(0, 1, 1_000, 1e12),
    p90Ms: fc.constantFrom(0, 1, 5_000, 1e12),
  });

  function expectSane(model: DurationModel, series: Series, seed: number): void {
    const quantiles = model.quantiles(series, LEVELS);
    for (const [place, value] of quantiles.entries()) {
      expect(Number.isFinite(value) && value > 0).toBe(true);
      if (place > 0) expect(value).toBeGreaterThanOrEqual(quantiles[place - 1] as number);
    }
    const { p50Ms, p90Ms } = model.estimate(series);
    expect(Number.isInteger(p50Ms) && p50Ms >= 1).toBe(true);
    expect(Number.isInteger(p90Ms) && p90Ms >= p50Ms).toBe(true);
    const random = randomStream(seed, 'strange');
    const sampler = samplerOf(model, series, random);
    for (const elapsedMs of [0, 1, 30, 70_000, 1e13]) {
      const drawn = sampler.draw(random, elapsedMs);
      expect(Number.isFinite(drawn)).toBe(true);
      expect(drawn).toBeGreaterThan(elapsedMs);
    }
  }

  test('no sample, however odd, makes a number that is not one', () => {
    fc.assert(
      fc.property(
        fc.array(anySample, { maxLength: 60, size: 'max' }),
        anyFirst,
        fc.integer(),
        (samples, first, seed) => {
          const model = learnDurations(samples, first);
          expectSane(model, { ...aSeries('p'), contentHash: 'one' }, seed);
          expectSane(model, aSeries('unseen'), seed);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('runs of no measurable length are real', () => {
    const model = learnDurations(samplesOf('p', [0, 1, 0, 1, 1]), FIRST);
    expect(model.estimate(aSeries('p')).p50Ms).toBe(1);
    expectSane(model, aSeries('p'), 1);
  });

  test('a thousand samples of a series, old ones as good as weightless, are no trouble', () => {
    const model = learnDurations(
      samplesOf('p', logNormal(10_000, { seed: 1, medianMs: 5_000, spread: 0.5 })),
      FIRST,
    );
    for (let seed = 0; seed < 20; seed += 1) expectSane(model, aSeries('p'), seed);
  });
});
