/** Random streams: the same numbers everywhere and for ever, independent of each other, of the shape they claim. */
import { describe, expect, test } from 'vitest';
import { gamma } from '../../../src/core/random/gamma.ts';
import { normal } from '../../../src/core/random/normal.ts';
import { below, hash32, type Random, randomStream } from '../../../src/core/random/random.ts';
import { normalBelow } from '../../../src/core/stats/normal.ts';

const DRAWS = 20_000;

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

function integers(random: Random, count: number): number[] {
  return draws(random, count).map((value) => value * 2 ** 32);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** 2));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const covariance = meanOf(a.map((value, i) => (value - meanA) * ((b[i] as number) - meanB)));
  return covariance / Math.sqrt(varianceOf(a) * varianceOf(b));
}

describe('known answers, computed from the definitions in another language', () => {
  test('the generator is sfc32 after 15 rounds', () => {
    expect(integers(randomStream(1, 'durations'), 5)).toEqual([
      3790636460, 1814606170, 2627025679, 3309853076, 1798415274,
    ]);
    expect(integers(randomStream(-7, 'arrivals', 3), 5)).toEqual([
      510215101, 176294333, 1353388051, 1584424295, 2283879537,
    ]);
  });

  test('the hash is 32-bit FNV-1a', () => {
    expect(hash32('')).toBe(0x811c9dc5);
    expect(hash32('a')).toBe(0xe40c292c);
    expect(hash32('foobar')).toBe(0xbf9cf968);
  });
});

describe('streams', () => {
  test('the same seed, purpose and index give the same numbers, however many streams there are', () => {
    const alone = draws(randomStream(5, 'shock', 2), 50);
    const others = [randomStream(5, 'shock', 1), randomStream(5, 'drift', 2)];
    const again = randomStream(5, 'shock', 2);
    const mixed = Array.from({ length: 50 }, () => {
      for (const other of others) other.next();
      return again.next();
    });
    expect(mixed).toEqual(alone);
  });

  test.each([
    ['seed', randomStream(1, 'duration', 0), randomStream(2, 'duration', 0)],
    ['purpose', randomStream(1, 'duration', 0), randomStream(1, 'duratioo', 0)],
    ['index', randomStream(1, 'duration', 0), randomStream(1, 'duration', 1)],
    ['sign of the seed', randomStream(1, 'duration', 0), randomStream(-1, 'duration', 0)],
  ])('streams that differ in their %s are not correlated', (_, one, other) => {
    // Three standard errors of a correlation of independent values.
    expect(Math.abs(correlation(draws(one, DRAWS), draws(other, DRAWS)))).toBeLessThan(3 / Math.sqrt(DRAWS));
  });

  test('first draws of consecutive indexes are uniform and not correlated with their neighbours', () => {
    const first = Array.from({ length: DRAWS }, (_, index) => randomStream(9, 'duration', index).next());
    const bins = Array.from({ length: 20 }, () => 0);
    for (const value of first) bins[Math.floor(value * 20)] = (bins[Math.floor(value * 20)] as number) + 1;
    const expected = DRAWS / 20;
    const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // The 99.9 % quantile of chi-square with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.8);
    expect(Math.abs(correlation(first.slice(1), first.slice(0, -1)))).toBeLessThan(3 / Math.sqrt(DRAWS));
  });
});

describe('distributions', () => {
  test('uniform numbers lie in [0, 1) with the moments of a uniform', () => {
    const values = draws(randomStream(1, 'uniform'), DRAWS);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(meanOf(values)).toBeCloseTo(0.5, 2);
    expect(varianceOf(values)).toBeCloseTo(1 / 12, 2);
  });

  test('normals have mean 0, variance 1, no skew, kurtosis 3', () => {
    const random = randomStream(2, 'normal');
    const values = Array.from({ length: DRAWS }, () => normal(random));
    expect(Math.abs(meanOf(values))).toBeLessThan(3 / Math.sqrt(DRAWS));
    expect(Math.abs(varianceOf(values) - 1)).toBeLessThan(3 * Math.sqrt(2 / DRAWS));
    expect(Math.abs(meanOf(values.map((value) => value ** 3)))).toBeLessThan(3 * Math.sqrt(15 / DRAWS));
    expect(Math.abs(meanOf(values.map((value) => value ** 4)) - 3)).toBeLessThan(3 * Math.sqrt(96 / DRAWS));
  });

  test('as many normals lie below each place as should, in the tails too', () => {
    const random = randomStream(5, 'normal');
    const count = 400_000;
    const values = Float64Array.from({ length: count }, () => normal(random)).sort();
    for (const place of [-3.6, -3.443, -2.5, -1, -0.2, 0, 0.2, 1, 2.5, 3.443, 3.6]) {
      const want = normalBelow(place);
      const below = values.findIndex((value) => value >= place) / count;
      expect(Math.abs(below - want)).toBeLessThan(4 * Math.sqrt((want * (1 - want)) / count));
    }
  });

  test.each([0.05, 0.5, 1, 2.5, 40])('gammas of shape %d have that mean and that variance', (shape) => {
    const random = randomStream(3, 'gamma');
    const values = Array.from({ length: DRAWS }, () => gamma(random, shape));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(meanOf(values) - shape)).toBeLessThan(4 * Math.sqrt(shape / DRAWS));
    // The fourth central moment of a gamma is 3 k^2 + 6 k.
    const varianceError = Math.sqrt((2 * shape ** 2 + 6 * shape) / DRAWS);
    expect(Math.abs(varianceOf(values) - shape)).toBeLessThan(4 * varianceError);
  });

  test('whole numbers below a count are all reached and equally likely', () => {
    const random = randomStream(4, 'below');
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < DRAWS; i += 1) {
      const value = below(random, 5);
      counts[value] = (counts[value] as number) + 1;
    }
    expect(counts).toHaveLength(5);
    for (const count of counts) expect(Math.abs(count / DRAWS - 0.2)).toBeLessThan(0.01);
  });
});
