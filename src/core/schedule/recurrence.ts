/**
 * When a schedule fires. Planning, preview and forecast all ask here, so they cannot
 * disagree about a date.
 *
 * Always true: occurrences come in strictly rising order of `startsAtMs`; the same schedule
 * gives the same ones from wherever one begins to look.
 */
import { calendarDate, dateText, isLastOfMonth, weekdayOf } from './calendar.ts';
import type { Recurrence, Schedule } from './schedule.ts';
import { instantsOf, readingAt } from './time-zone.ts';

/** How the clocks of that date bear on the occurrence. */
export type ClockEffect =
  | 'none'
  /** The start time does not exist on that date; it fires right after the gap. */
  | 'moved'
  /** The start time comes twice on that date: this is the first, or the second, time. */
  | 'first-pass'
  | 'second-pass';

export interface Occurrence {
  /** The local date, `2026-10-25`; with `#2` after it for a second pass. One of its kind in a schedule. */
  readonly key: string;
  /** Days since 1970-01-01 of the local date it belongs to. */
  readonly day: number;
  readonly startsAtMs: number;
  readonly clock: ClockEffect;
}

/** A date that the schedule names and on which, because of the clocks, it does not fire. */
export interface SkippedDate {
  readonly day: number;
  /** Where the clocks jumped over it. */
  readonly jumpsAtMs: number;
}

/**
 * Zones have skipped a whole day, so that an instant may belong to the date before its own,
 * and one more for the border of the date itself.
 */
const LOOK_BACK_DAYS = 2;
/** No zone has rules for later, and nobody plans for then. */
const LAST_YEAR = 9999;

/** Occurrences that start at or after an instant, without end: take what is needed. */
export function* occurrencesFrom(schedule: Schedule, fromMs: number): Generator<Occurrence> {
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const day of datesFrom(schedule, fromMs)) {
    for (const occurrence of occurrencesOn(schedule, day)) {
      // A skipped time may fall on the same instant as the next date's own.
      if (occurrence.startsAtMs <= lastMs) continue;
      lastMs = occurrence.startsAtMs;
      if (occurrence.startsAtMs >= fromMs) yield occurrence;
    }
  }
}

export function firstOccurrences(schedule: Schedule, fromMs: number, count: number): readonly Occurrence[] {
  const found: Occurrence[] = [];
  if (count < 1) return found;
  for (const occurrence of occurrencesFrom(schedule, fromMs)) {
    if (found.push(occurrence) === count) break;
  }
  return found;
}

/** Those with `fromMs <= startsAtMs < untilMs`. */
export function occurrencesBetween(
  schedule: Schedule,
  fromMs: number,
  untilMs: number,
): readonly Occurrence[] {
  const found: Occurrence[] = [];
  for (const occurrence of occurrencesFrom(schedule, fromMs)) {
    if (occurrence.startsAtMs >= untilMs) break;
    found.push(occurrence);
  }
  return found;
}

/** Dates in the given range that drop out: none under `run-once`. */
export function skippedDates(schedule: Schedule, fromMs: number, untilMs: number): readonly SkippedDate[] {
  if (schedule.clockChanges === 'run-once') return [];
  const last = readingAt(schedule.timeZone, untilMs).day;
  const skipped: SkippedDate[] = [];
  for (const day of datesFrom(schedule, fromMs)) {
    if (day > last) break;
    const instants = instantsOf(schedule.timeZone, { day, minute: schedule.startMinute });
    if (instants.kind !== 'skipped' || instants.nextMs < fromMs || instants.nextMs >= untilMs) continue;
    skipped.push({ day, jumpsAtMs: instants.nextMs });
  }
  return skipped;
}

/** Fewest days from one date of the recurrence to the next. */
export function shortestGapDays(recurrence: Recurrence): number {
  let [before, shortest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  // Four years hold every length of a month and every pair of neighbours.
  for (let day = 0; day < 4 * 366; day += 1) {
    if (!isDateOf(recurrence, day)) continue;
    shortest = Math.min(shortest, day - before);
    before = day;
  }
  return shortest;
}

function* datesFrom(schedule: Schedule, fromMs: number): Generator<number> {
  const first = readingAt(schedule.timeZone, fromMs).day - LOOK_BACK_DAYS;
  for (let day = first; calendarDate(day).year <= LAST_YEAR; day += 1) {
    if (isDateOf(schedule.recurrence, day)) yield day;
  }
}

function isDateOf(recurrence: Recurrence, day: number): boolean {
  switch (recurrence.kind) {
    case 'daily':
      return true;
    case 'weekly':
      return recurrence.days.includes(weekdayOf(day));
    case 'monthly':
      return (
        recurrence.daysOfMonth.includes(calendarDate(day).dayOfMonth) ||
        (recurrence.daysOfMonth.includes('last') && isLastOfMonth(day))
      );
  }
}

function occurrencesOn(schedule: Schedule, day: number): readonly Occurrence[] {
  const { timeZone, startMinute, clockChanges } = schedule;
  const key = dateText(day);
  const instants = instantsOf(timeZone, { day, minute: startMinute });
  switch (instants.kind) {
    case 'once':
      return [{ key, day, startsAtMs: instants.atMs, clock: 'none' }];
    case 'skipped':
      return clockChanges === 'run-once' ? [{ key, day, startsAtMs: instants.nextMs, clock: 'moved' }] : [];
    case 'repeated': {
      const first: Occurrence = { key, day, startsAtMs: instants.firstMs, clock: 'first-pass' };
      if (clockChanges === 'run-once') return [first];
      return [first, { key: `${key}#2`, day, startsAtMs: instants.secondMs, clock: 'second-pass' }];
    }
  }
}
