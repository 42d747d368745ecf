/** When schedules fire, on the dates on which libraries disagree. */
import { describe, expect, test } from 'vitest';
import { calendarDate, dateText, dayNumber, weekdayOf } from '../../../src/core/schedule/calendar.ts';
import {
  firstOccurrences,
  occurrencesBetween,
  shortestGapDays,
  skippedDates,
} from '../../../src/core/schedule/recurrence.ts';
import type { ClockChangeRule, Recurrence, Schedule } from '../../../src/core/schedule/schedule.ts';
import { knownTimeZone } from '../../../src/core/schedule/time-zone.ts';

const DAILY: Recurrence = { kind: 'daily' };

function schedule(
  timeZone: string,
  time: string,
  clockChanges: ClockChangeRule = 'run-once',
  recurrence = DAILY,
): Schedule {
  const startMinute = 60 * Number(time.slice(0, 2)) + Number(time.slice(3));
  return { recurrence, startMinute, timeZone, clockChanges };
}

function instants(of: Schedule, from: string, until: string): readonly string[] {
  return occurrencesBetween(of, Date.parse(from), Date.parse(until)).map(({ startsAtMs, clock }) => {
    const text = new Date(startsAtMs).toISOString().slice(0, 16);
    return clock === 'none' ? text : `${text} ${clock}`;
  });
}

describe('a start time that the clocks skip', () => {
  test.each([
    ['Europe/Berlin', '02:30', '2026-03-29', '2026-03-29T01:00 moved'],
    ['Europe/Berlin', '02:00', '2026-03-29', '2026-03-29T01:00 moved'],
    ['America/New_York', '02:30', '2026-03-08', '2026-03-08T07:00 moved'],
    ['Australia/Lord_Howe', '02:15', '2026-10-04', '2026-10-03T15:30 moved'],
    ['Africa/Cairo', '00:30', '2026-04-24', '2026-04-23T22:00 moved'],
  ])('%s at %s on %s', (timeZone, time, date, want) => {
    const day = Date.parse(`${date}T00:00Z`);
    const [from, until] = [
      new Date(day - 43_200_000).toISOString(),
      new Date(day + 43_200_000).toISOString(),
    ];
    expect(instants(schedule(timeZone, time), from, until)).toEqual([want]);
    const asGitlab = schedule(timeZone, time, 'skip-and-repeat');
    expect(instants(asGitlab, from, until)).toEqual([]);
    expect(
      skippedDates(asGitlab, Date.parse(from), Date.parse(until)).map(({ day: on }) => dateText(on)),
    ).toEqual([date]);
    expect(skippedDates(schedule(timeZone, time), Date.parse(from), Date.parse(until))).toEqual([]);
  });

  test('the ends of the gap are no part of it', () => {
    const day = ['2026-03-28T12:00Z', '2026-03-29T12:00Z'] as const;
    expect(instants(schedule('Europe/Berlin', '01:59'), ...day)).toEqual(['2026-03-29T00:59']);
    expect(instants(schedule('Europe/Berlin', '03:00'), ...day)).toEqual(['2026-03-29T01:00']);
  });
});

describe('a start time that comes twice', () => {
  test.each<readonly [string, string, string, readonly [string, string]]>([
    ['Europe/Berlin', '02:30', '2026-10-25', ['2026-10-25T00:30', '2026-10-25T01:30']],
    ['America/New_York', '01:30', '2026-11-01', ['2026-11-01T05:30', '2026-11-01T06:30']],
    ['Australia/Lord_Howe', '01:45', '2026-04-05', ['2026-04-04T14:45', '2026-04-04T15:15']],
    ['Africa/Cairo', '23:30', '2026-10-29', ['2026-10-29T20:30', '2026-10-29T21:30']],
  ])('%s at %s on %s: %j', (timeZone, time, date, [first, second]) => {
    const from = new Date(Date.parse(`${first}Z`) - 43_200_000).toISOString();
    const until = new Date(Date.parse(`${second}Z`) + 36_000_000).toISOString();
    expect(instants(schedule(timeZone, time), from, until)).toEqual([`${first} first-pass`]);
    const twice = schedule(timeZone, time, 'skip-and-repeat');
    expect(instants(twice, from, until)).toEqual([`${first} first-pass`, `${second} second-pass`]);
    const keys = occurrencesBetween(twice, Date.parse(from), Date.parse(until)).map(({ key }) => key);
    expect(keys).toEqual([date, `${date}#2`]);
  });
});

test('Asia/Kolkata has one clock all year, half an hour off', () => {
  const year = instants(schedule('Asia/Kolkata', '02:30'), '2026-01-01T00:00Z', '2027-01-01T00:00Z');
  expect(year).toHaveLength(365);
  expect(new Set(year.map((text) => text.slice(11)))).toEqual(new Set(['21:00']));
});

test('a day that a zone left out runs at the first moment after it, and once only', () => {
  const apia = schedule('Pacific/Apia', '00:00');
  expect(instants(apia, '2011-12-29T00:00Z', '2012-01-01T00:00Z')).toEqual([
    '2011-12-29T10:00',
    '2011-12-30T10:00 moved',
    '2011-12-31T10:00',
  ]);
});

describe('dates', () => {
  const monthly = (...daysOfMonth: (number | 'last')[]): Recurrence => ({ kind: 'monthly', daysOfMonth });

  test.each([
    [
      'a date that a month lacks is left out',
      monthly(31),
      ['01-31', '03-31', '05-31', '07-31', '08-31', '10-31', '12-31'],
    ],
    [
      'February of a common year lacks the 29th',
      monthly(29),
      ['01-29', '03-29', '04-29', '05-29', '06-29', '07-29', '08-29', '09-29', '10-29', '11-29', '12-29'],
    ],
    [
      'the last day of each month, named twice in some',
      monthly(30, 'last'),
      [
        '01-30',
        '01-31',
        '02-28',
        '03-30',
        '03-31',
        '04-30',
        '05-30',
        '05-31',
        '06-30',
        '07-30',
        '07-31',
        '08-30',
        '08-31',
        '09-30',
        '10-30',
        '10-31',
        '11-30',
        '12-30',
        '12-31',
      ],
    ],
  ])('%s', (_, recurrence, want) => {
    const year = instants(
      schedule('UTC', '12:00', 'run-once', recurrence),
      '2026-01-01T00:00Z',
      '2027-01-01T00:00Z',
    );
    expect(year.map((text) => text.slice(5, 10))).toEqual(want);
  });

  test('weekdays are those of the zone, not of UTC', () => {
    const mondays = schedule('Pacific/Auckland', '06:00', 'run-once', { kind: 'weekly', days: ['Monday'] });
    expect(instants(mondays, '2026-06-01T00:00Z', '2026-06-15T00:00Z')).toEqual([
      '2026-06-07T18:00',
      '2026-06-14T18:00',
    ]);
  });

  test('an occurrence at the very instant counts, the one a millisecond before does not', () => {
    const noon = schedule('UTC', '12:00');
    const at = Date.parse('2026-06-01T12:00Z');
    expect(firstOccurrences(noon, at, 1)[0]?.startsAtMs).toBe(at);
    expect(firstOccurrences(noon, at + 1, 1)[0]?.startsAtMs).toBe(at + 86_400_000);
    expect(firstOccurrences(noon, at, 0)).toEqual([]);
  });

  test.each([
    [DAILY, 1],
    [{ kind: 'weekly', days: ['Wednesday'] }, 7],
    [{ kind: 'weekly', days: ['Monday', 'Tuesday'] }, 1],
    [{ kind: 'weekly', days: ['Monday', 'Thursday'] }, 3],
    [monthly(1, 31), 1],
    [monthly(15), 28],
    [monthly('last'), 28],
  ] satisfies readonly (readonly [Recurrence, number])[])(
    'the shortest gap of %j is %d days',
    (recurrence, want) => {
      expect(shortestGapDays(recurrence)).toBe(want);
    },
  );

  test('day numbers are those of Date, for 400 years', () => {
    const wrong: number[] = [];
    for (let day = -80_000; day < 70_000; day += 1) {
      const date = new Date(day * 86_400_000);
      const want = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()].join();
      const got = calendarDate(day);
      if (want !== [got.year, got.month, got.dayOfMonth].join() || dayNumber(got) !== day) wrong.push(day);
    }
    expect(wrong).toEqual([]);
    expect(weekdayOf(dayNumber({ year: 2026, month: 11, dayOfMonth: 25 }))).toBe('Wednesday');
  });
});

describe('a time zone', () => {
  test.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['US/Eastern', 'US/Eastern'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['UTC', 'UTC'],
    ['Etc/GMT+12', 'Etc/GMT+12'],
    ['Europe/Atlantis', null],
    ['Berlin', null],
    ['+02:00', null],
    ['', null],
    ['../etc/passwd', null],
    ['x'.repeat(100_000), null],
  ])('%s', (text, want) => {
    expect(knownTimeZone(text)).toBe(want);
  });
});
