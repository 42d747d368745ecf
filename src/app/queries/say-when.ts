/**
 * Instants and lengths of time in words, in one time zone. It is apart because the app
 * has no other business with calendars: everything else counts milliseconds.
 *
 * Always true: the same instants and zone give the same words, whatever the machine's
 * language; seconds are shown only within ten minutes of now, where they mean something.
 */
import type { Quantiles } from '../../core/forecast/types.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Nearer to now than this, a minute is too coarse. */
const SECONDS_MATTER_MS = 10 * MINUTE_MS;

export interface SayWhen {
  /** "16:40", "16:40:05" when close to now, "tomorrow 09:10", "Monday 16 March 09:10". */
  instant(nowMs: number, atMs: number): string;
  /** "about 16:40 (between 16:25 and 17:10 in 8 of 10 forecasts)", or just "about 16:40". */
  range(nowMs: number, atMs: Quantiles): string;
}

interface LocalTime {
  /** Days since the epoch of the local calendar date. */
  readonly day: number;
  readonly year: string;
  readonly date: string;
  readonly minutes: string;
  readonly seconds: string;
}

/** @throws RangeError if there is no such time zone. */
export function sayWhenIn(timeZone: string): SayWhen {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const local = (atMs: number): LocalTime => localTime(format, atMs);
  const say = (now: LocalTime, atMs: number, exact: boolean): string => {
    const at = local(atMs);
    const time = exact ? at.seconds : at.minutes;
    const day = sayDay(now, at);
    return day === '' ? time : `${day} ${time}`;
  };
  return {
    instant: (nowMs, atMs) => say(local(nowMs), atMs, isNear(nowMs, atMs)),
    range: (nowMs, atMs) => {
      const now = local(nowMs);
      const exact = isNear(nowMs, atMs.p50);
      const [low, middle, high] = [atMs.p10, atMs.p50, atMs.p90].map((ms) => say(now, ms, exact));
      if (low === high) return `about ${middle}`;
      return `about ${middle} (between ${low} and ${high} in 8 of 10 forecasts)`;
    },
  };
}

/** A machine without a proper time zone of its own ("Etc/Unknown", or none) says it in UTC. */
export function knownZone(timeZone: string | undefined): string {
  if (timeZone === undefined) return 'UTC';
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

/** "less than a second", "40 seconds", "12 minutes", "2 hours 5 minutes", "3 days 4 hours": the two largest units. */
export function sayDuration(ms: number): string {
  if (ms < SECOND_MS) return 'less than a second';
  if (ms < MINUTE_MS) return units(Math.round(ms / SECOND_MS), 'second');
  if (ms < SECONDS_MATTER_MS) return twoUnits(ms, [MINUTE_MS, 'minute'], [SECOND_MS, 'second']);
  if (ms < HOUR_MS) return units(Math.round(ms / MINUTE_MS), 'minute');
  if (ms < DAY_MS) return twoUnits(ms, [HOUR_MS, 'hour'], [MINUTE_MS, 'minute']);
  return twoUnits(ms, [DAY_MS, 'day'], [HOUR_MS, 'hour']);
}

/** "1 run", "2 runs". */
export function units(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** "1st", "2nd", "11th", "23rd". */
export function ordinal(place: number): string {
  const teens = place % 100 >= 11 && place % 100 <= 13;
  const ending = teens ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${ending}`;
}

type Unit = readonly [lengthMs: number, noun: string];

function twoUnits(ms: number, large: Unit, small: Unit): string {
  const smalls = Math.round(ms / small[0]);
  const smallsInLarge = large[0] / small[0];
  const larges = Math.floor(smalls / smallsInLarge);
  const rest = smalls % smallsInLarge;
  return rest === 0 ? units(larges, large[1]) : `${units(larges, large[1])} ${units(rest, small[1])}`;
}

function isNear(nowMs: number, atMs: number): boolean {
  return Math.abs(atMs - nowMs) < SECONDS_MATTER_MS;
}

function sayDay(now: LocalTime, at: LocalTime): string {
  if (at.day === now.day) return '';
  if (at.day === now.day + 1) return 'tomorrow';
  if (at.day === now.day - 1) return 'yesterday';
  return at.year === now.year ? at.date : `${at.date} ${at.year}`;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

function localTime(format: Intl.DateTimeFormat, atMs: number): LocalTime {
  const parts = new Map(format.formatToParts(atMs).map((part) => [part.type, part.value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const year = part('year');
  const month = part('month');
  const day = part('day');
  const minutes = `${part('hour')}:${part('minute')}`;
  return {
    day: daysSinceEpoch(Number(year), MONTHS.indexOf(month), Number(day)),
    year,
    date: `${part('weekday')} ${day} ${month}`,
    minutes,
    seconds: `${minutes}:${part('second')}`,
  };
}

function daysSinceEpoch(year: number, month: number, day: number): number {
  return Date.UTC(year, month, day) / DAY_MS;
}
