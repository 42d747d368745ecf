/** Quantiles by selection are those of the sorted values, to the last bit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantile } from '../../../src/core/stats/quantile.ts';
import { selectQuantiles } from '../../../src/core/stats/select.ts';

const LEVELS = [0.1, 0.5, 0.9] as const;

function selected(values: readonly number[], levels: readonly number[] = LEVELS): number[] {
  return [...selectQuantiles(Float64Array.from(values), levels, new Float64Array(levels.length))];
}

function sorted(values: readonly number[], levels: readonly number[] = LEVELS): number[] {
  const inOrder = Float64Array.from(values).sort();
  return levels.map((level) => quantile(inOrder, level));
}

test('any values, few or many, alike or not, at any levels', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 5 }),
    fc.double({ noNaN: true, min: -1e12, max: 1e12 }).map((x) => x + 0),
  );
  const levels = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 300 }),
      levels.map((all) => all.toSorted((a, b) => a - b)),
      (values, at) => {
        expect(selected(values, at)).toEqual(sorted(values, at));
      },
    ),
  );
});

test('in order, backwards, all equal, and in the form of an organ pipe', () => {
  const up = Array.from({ length: 1_000 }, (_, nth) => nth);
  for (const values of [up, up.toReversed(), up.map(() => 7), up.map((nth) => Math.min(nth, 999 - nth))]) {
    expect(selected(values)).toEqual(sorted(values));
  }
});
