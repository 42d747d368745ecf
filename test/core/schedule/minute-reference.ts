/**
 * A slow second opinion on when a schedule fires, that shares nothing with the code under
 * test: it asks Intl for the clock of every single minute, and states the rules as what is
 * seen on a clock on the wall.
 *
 * - `skip-and-repeat`: it fires whenever the clock shows a date of the recurrence and the start time.
 * - `run-once`: it fires when the clock shows that moment or a later one for the first time.
 */
import type { Schedule } from '../../../src/core/schedule/schedule.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export interface WallClock {
  readonly fromMs: number;
  /** The reading in minutes since 1970-01-01T00:00 of the wall clock, one for each minute. */
  readonly readings: Int32Array;
  /** The latest reading up to then. */
  readonly latest: Int32Array;
}

export function wallClock(timeZone: string, fromMs: number, untilMs: number): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const count = Math.floor((untilMs - fromMs) / MINUTE_MS);
  const readings = new Int32Array(count);
  const latest = new Int32Array(count);
  for (let index = 0; index < count; index += 1) {
    // "10/25/2026, 02:30"
    const text = format.format(fromMs + index * MINUTE_MS);
    const [month, day, year, hour, minute] = (text.match(/\d+/g) ?? []).map(Number);
    const reading = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute) / MINUTE_MS;
    readings[index] = reading;
    latest[index] = Math.max(reading, latest[index - 1] ?? 0);
  }
  return { fromMs, readings, latest };
}

/** The first `count` instants at or after `fromMs`; fewer where the clock's record ends. */
export function slowOccurrences(
  clock: WallClock,
  schedule: Schedule,
  fromMs: number,
  count: number,
): readonly number[] {
  const found: number[] = [];
  const first = Math.ceil((fromMs - clock.fromMs) / MINUTE_MS);
  for (let index = Math.max(1, first); index < clock.readings.length && found.length < count; index += 1) {
    if (fires(clock, schedule, index)) found.push(clock.fromMs + index * MINUTE_MS);
  }
  return found;
}

function fires({ readings, latest }: WallClock, schedule: Schedule, index: number): boolean {
  if (schedule.clockChanges === 'skip-and-repeat') return isMoment(schedule, readings[index] ?? 0);
  for (let seen = (latest[index - 1] ?? 0) + 1; seen <= (latest[index] ?? 0); seen += 1) {
    if (isMoment(schedule, seen)) return true;
  }
  return false;
}

function isMoment({ startMinute, recurrence }: Schedule, reading: number): boolean {
  if (reading % DAY_MINUTES !== startMinute) return false;
  const date = new Date(reading * MINUTE_MS);
  switch (recurrence.kind) {
    case 'daily':
      return true;
    case 'weekly':
      return recurrence.days.some((day) => day === NAMES[date.getUTCDay()]);
    case 'monthly': {
      const isLast = new Date(reading * MINUTE_MS + 86_400_000).getUTCDate() === 1;
      return recurrence.daysOfMonth.some((day) => (day === 'last' ? isLast : day === date.getUTCDate()));
    }
  }
}
