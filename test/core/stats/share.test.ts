/** The interval of a share that was counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../../../src/core/assert.ts';
import { shareInterval } from '../../../src/core/stats/share.ts';

// By hand from Wilson's formula with z = 1.959964.
test.each([
  [0, 1, 0, 0.7935],
  [1, 1, 0.2065, 1],
  [9, 10, 0.5958, 0.9821],
  [50, 100, 0.4038, 0.5962],
])('%d of %d: from %d to %d', (hits, count, low, high) => {
  const interval = shareInterval(hits, count);
  expect(interval.low).toBeCloseTo(low, 3);
  expect(interval.high).toBeCloseTo(high, 3);
});

test('it holds the share, stays within 0 to 1, and narrows with more counts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (count, part) => {
        const hits = Math.round(part * count);
        const { low, high } = shareInterval(hits, count);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(hits / count + 1e-12);
        expect(high).toBeGreaterThanOrEqual(hits / count - 1e-12);
        const more = shareInterval(10 * hits, 10 * count);
        expect(more.high - more.low).toBeLessThan(high - low);
      },
    ),
  );
});

test('more hits than counts are a mistake', () => {
  expect(() => shareInterval(2, 1)).toThrow(AssertionError);
});
