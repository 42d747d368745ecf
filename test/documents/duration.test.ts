import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationText, parseDuration } from '../../src/documents/duration.ts';

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['250ms', 250],
  ['1d2h3m4s5ms', 93_784_005],
  ['1m500ms', 60_500],
  ['0s', 0],
])('%s is %i ms', (text, wantMs) => {
  expect(parseDuration(text)).toBe(wantMs);
});

test.each([
  '',
  '5',
  's',
  '5 m',
  '1.5h',
  '-5m',
  '5M',
  '30m1h',
  '5m5m',
  '5min',
  '1e3s',
  ' 5m',
  '5m\n',
  '٥m',
  '9'.repeat(20).concat('s'),
])('%j is no length of time', (text) => {
  expect(parseDuration(text)).toBeNull();
});

test('what is written is read as the same length', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_999 * 86_400_000 }), (ms) => {
      expect(parseDuration(durationText(ms))).toBe(ms);
    }),
    { seed: 7 },
  );
});
