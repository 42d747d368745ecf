/** Instants and lengths of time as people read them, with the calendar's corners. */
import { describe, expect, test } from 'vitest';
import { knownZone, ordinal, sayDuration, sayWhenIn, units } from '../../../src/app/queries/say-when.ts';

const at = (text: string): number => Date.parse(text);
const berlin = sayWhenIn('Europe/Berlin');
const utc = sayWhenIn('UTC');

describe('an instant', () => {
  const table: readonly (readonly [story: string, now: string, at: string, want: string])[] = [
    ['later today is a time of day', '2026-03-12T14:00:00Z', '2026-03-12T15:40:29Z', '16:40'],
    ['within ten minutes shows seconds', '2026-03-12T15:31:00Z', '2026-03-12T15:40:05Z', '16:40:05'],
    ['just past shows seconds too', '2026-03-12T15:40:09Z', '2026-03-12T15:40:05Z', '16:40:05'],
    ['ten minutes off does not', '2026-03-12T15:30:05Z', '2026-03-12T15:40:05Z', '16:40'],
    [
      'after midnight of the zone is tomorrow',
      '2026-03-12T21:00:00Z',
      '2026-03-12T23:30:00Z',
      'tomorrow 00:30',
    ],
    ['near, but across midnight', '2026-03-12T22:58:00Z', '2026-03-12T23:02:03Z', 'tomorrow 00:02:03'],
    [
      'before midnight of the zone was yesterday',
      '2026-03-13T08:00:00Z',
      '2026-03-12T22:30:00Z',
      'yesterday 23:30',
    ],
    ['farther off has its date', '2026-03-13T16:00:00Z', '2026-03-16T08:10:00Z', 'Monday 16 March 09:10'],
    ['another year is named', '2026-12-30T16:00:00Z', '2027-01-04T08:10:00Z', 'Monday 4 January 2027 09:10'],
    [
      'tomorrow is a calendar day even in the short night',
      '2026-03-28T22:45:00Z',
      '2026-03-29T21:50:00Z',
      'tomorrow 23:50',
    ],
    ['the second 02:30 of the long night', '2026-10-24T22:00:00Z', '2026-10-25T01:30:00Z', '02:30'],
    ['new year is tomorrow', '2026-12-31T20:00:00Z', '2026-12-31T23:30:00Z', 'tomorrow 00:30'],
  ];
  test.each(table)('%s', (_story, now, instant, want) => {
    expect(berlin.instant(at(now), at(instant))).toBe(want);
  });

  test('midnight is 00:00, never 24:00', () => {
    expect(utc.instant(at('2026-03-12T00:30:00Z'), at('2026-03-12T00:00:00Z'))).toBe('00:00');
  });

  test('a zone with a half-hour change', () => {
    const now = at('2026-10-03T12:00:00Z');
    expect(sayWhenIn('Australia/Lord_Howe').instant(now, at('2026-10-03T15:45:00Z'))).toBe('tomorrow 02:45');
  });

  test('a zone that does not exist is refused when it is given, not when it is used', () => {
    expect(() => sayWhenIn('Europe/Atlantis')).toThrow(RangeError);
  });
});

describe('a range', () => {
  const now = at('2026-03-12T14:00:00Z');

  test('says the middle and eight forecasts of ten', () => {
    const range = {
      p10: at('2026-03-12T16:25:10Z'),
      p50: at('2026-03-12T16:40:00Z'),
      p90: at('2026-03-12T17:10:59Z'),
    };
    expect(utc.range(now, range)).toBe('about 16:40 (between 16:25 and 17:10 in 8 of 10 forecasts)');
  });

  test('is as exact at its ends as in its middle', () => {
    const range = { p10: now + 20_000, p50: now + 60_000, p90: now + 3_600_000 };
    expect(utc.range(now, range)).toBe('about 14:01:00 (between 14:00:20 and 15:00:00 in 8 of 10 forecasts)');
  });

  test('without a visible width is one instant', () => {
    const soon = now + 3_600_000;
    expect(utc.range(now, { p10: soon + 1, p50: soon + 2, p90: soon + 30_000 })).toBe('about 15:00');
  });

  test('may reach into tomorrow', () => {
    const late = at('2026-03-12T23:00:00Z');
    const range = { p10: late, p50: late + 1_800_000, p90: late + 7_200_000 };
    expect(utc.range(now, range)).toBe('about 23:30 (between 23:00 and tomorrow 01:00 in 8 of 10 forecasts)');
  });
});

test.each([
  [0, 'less than a second'],
  [999, 'less than a second'],
  [1_000, '1 second'],
  [1_499, '1 second'],
  [59_400, '59 seconds'],
  [60_000, '1 minute'],
  [61_000, '1 minute 1 second'],
  [119_700, '2 minutes'],
  [540_000, '9 minutes'],
  [720_000, '12 minutes'],
  [3_599_999, '60 minutes'],
  [3_600_000, '1 hour'],
  [7_500_000, '2 hours 5 minutes'],
  [90_000_000, '1 day 1 hour'],
  [273_600_000, '3 days 4 hours'],
])('%i ms is said as %s', (ms, want) => {
  expect(sayDuration(ms)).toBe(want);
});

test.each([
  [1, '1st'],
  [2, '2nd'],
  [3, '3rd'],
  [4, '4th'],
  [10, '10th'],
  [11, '11th'],
  [12, '12th'],
  [13, '13th'],
  [21, '21st'],
  [102, '102nd'],
  [111, '111th'],
  [113, '113th'],
  [280, '280th'],
])('place %i is the %s', (place, want) => {
  expect(ordinal(place)).toBe(want);
});

test('one run is not "1 runs"', () => {
  expect([0, 1, 2].map((count) => units(count, 'run'))).toEqual(['0 runs', '1 run', '2 runs']);
});

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['Etc/Unknown', 'UTC'],
  ['', 'UTC'],
  [undefined, 'UTC'],
])('a machine that gives its zone as %s speaks in %s', (zone, want) => {
  expect(knownZone(zone)).toBe(want);
});
