/** Quantiles and the normal distribution against values known from elsewhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionError } from '../../../src/core/assert.ts';
import { normalBelow, normalQuantile } from '../../../src/core/stats/normal.ts';
import { mean, quantile, standardDeviation } from '../../../src/core/stats/quantile.ts';

describe('quantiles', () => {
  test('lie between neighbours, linearly, as definition 7 says', () => {
    const sorted = [1, 2, 4, 8];
    expect(quantile(sorted, 0)).toBe(1);
    expect(quantile(sorted, 0.5)).toBe(3);
    expect(quantile(sorted, 0.9)).toBeCloseTo(6.8, 12);
    expect(quantile(sorted, 1)).toBe(8);
  });

  test('of one value are that value at every level', () => {
    for (const level of [0, 0.1, 0.5, 1]) expect(quantile([7], level)).toBe(7);
  });

  test('never leave the range of the values and never fall as the level grows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 1 }),
        fc.array(fc.double({ noNaN: true, min: 0, max: 1 }), { minLength: 2 }),
        (values, levels) => {
          const sorted = values.toSorted((a, b) => a - b);
          const found = levels.toSorted((a, b) => a - b).map((level) => quantile(sorted, level));
          const slack = 1e-3;
          expect(Math.min(...found)).toBeGreaterThanOrEqual((sorted[0] as number) - slack);
          expect(Math.max(...found)).toBeLessThanOrEqual((sorted.at(-1) as number) + slack);
          for (let i = 1; i < found.length; i += 1) {
            expect(found[i]).toBeGreaterThanOrEqual((found[i - 1] as number) - slack);
          }
        },
      ),
    );
  });

  test('of nothing, or at a level outside 0..1, are a programming error', () => {
    expect(() => quantile([], 0.5)).toThrow(AssertionError);
    expect(() => quantile([1], 1.01)).toThrow(AssertionError);
    expect(() => quantile([1], -0.01)).toThrow(AssertionError);
    expect(() => quantile([1], Number.NaN)).toThrow(AssertionError);
  });

  test('mean and standard deviation, with n - 1', () => {
    expect(mean([2, 4, 9])).toBe(5);
    expect(standardDeviation([2, 4, 9])).toBeCloseTo(Math.sqrt(13), 12);
    expect(standardDeviation([3])).toBe(0);
    expect(() => mean([])).toThrow(AssertionError);
  });
});

describe('the normal distribution', () => {
  test.each([
    [1e-9, -5.9978070150076865],
    [0.001, -3.090232306167813],
    [0.02425, -1.972961051311],
    [0.05, -1.6448536269514726],
    [0.1, -1.2815515655446008],
    [0.5, 0],
    [0.9, 1.2815515655446008],
    [0.975, 1.9599639845400536],
    [0.999, 3.090232306167813],
  ])('a share %d lies below %d', (share, x) => {
    expect(normalQuantile(share)).toBeCloseTo(x, 7);
  });

  test.each([
    [-6, 9.865876449133282e-10],
    [-3, 0.0013498980316301035],
    [-1.96, 0.024997895148220428],
    [0, 0.5],
    [1, 0.8413447460685429],
    [2, 0.9772498680518208],
  ])('below %d lies a share of %d', (x, share) => {
    expect(Math.abs(normalBelow(x) - share)).toBeLessThan(1e-7);
  });

  test('far out both tails keep their size, since conditional durations divide by them', () => {
    for (const x of [3, 4, 5, 5.9]) {
      const share = normalBelow(-x);
      expect(normalQuantile(share)).toBeCloseTo(-x, 2);
      expect(normalBelow(x)).toBeCloseTo(1 - share, 12);
    }
  });

  test('quantile and share are inverse to each other', () => {
    for (let share = 0.01; share < 1; share += 0.01) {
      expect(normalBelow(normalQuantile(share))).toBeCloseTo(share, 6);
    }
  });

  test('the quantiles of 0 and 1 do not exist', () => {
    for (const share of [0, 1, Number.NaN]) expect(() => normalQuantile(share)).toThrow(AssertionError);
  });
});
