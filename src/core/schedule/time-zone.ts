/**
 * The one place that knows the rules of time zones: which instants a local time means.
 *
 * It is the only module of the core with a library behind it (ADR 40): temporal-polyfill is
 * synchronous, reads no clock in what is used here, and takes its rules from the time zone
 * database that Node carries. The same database gives the same answers.
 */
import { Temporal } from 'temporal-polyfill';
import { calendarDate, dayNumber } from './calendar.ts';

/** A wall clock reading: the date in days since 1970-01-01, the time in minutes after midnight. */
export interface WallTime {
  readonly day: number;
  readonly minute: number;
}

/** What a wall time is in a zone. Milliseconds since the epoch. */
export type Instants =
  | { readonly kind: 'once'; readonly atMs: number }
  /** The clocks jump over it; `nextMs` is when they have jumped: the first valid moment after it. */
  | { readonly kind: 'skipped'; readonly nextMs: number }
  /** The clocks go back and show it twice. */
  | { readonly kind: 'repeated'; readonly firstMs: number; readonly secondMs: number };

export interface LocalReading extends WallTime {
  readonly second: number;
  /** East of Greenwich. */
  readonly offsetMinutes: number;
}

const LONGEST_ID = 64;

/**
 * The id as the IANA database writes it (`europe/berlin` gives `Europe/Berlin`, links stay
 * links); null for what is none, such as an offset.
 */
export function knownTimeZone(text: string): string | null {
  if (text.length > LONGEST_ID || !/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text)) return null;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch {
    return null;
  }
}

/** @throws RangeError when the zone is not known or the date is out of the library's range. */
export function instantsOf(timeZone: string, { day, minute }: WallTime): Instants {
  const { year, month, dayOfMonth } = calendarDate(day);
  const wall = new Temporal.PlainDateTime(year, month, dayOfMonth, Math.floor(minute / 60), minute % 60);
  const earlier = wall.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const later = wall.toZonedDateTime(timeZone, { disambiguation: 'later' });
  const [firstMs, secondMs] = [earlier.epochMilliseconds, later.epochMilliseconds];
  if (firstMs === secondMs) return { kind: 'once', atMs: firstMs };
  if (earlier.toPlainDateTime().equals(wall)) return { kind: 'repeated', firstMs, secondMs };
  // "Earlier" reads the clock as it is after the jump, which is before the jump.
  const jump = earlier.getTimeZoneTransition('next');
  return { kind: 'skipped', nextMs: jump?.epochMilliseconds ?? secondMs };
}

/** @throws RangeError when the zone is not known. */
export function readingAt(timeZone: string, atMs: number): LocalReading {
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  return {
    day: dayNumber({ year: local.year, month: local.month, dayOfMonth: local.day }),
    minute: local.hour * 60 + local.minute,
    second: local.second,
    offsetMinutes: local.offsetNanoseconds / 60_000_000_000,
  };
}

/** The first change of the zone's clocks after an instant; null when none is known. */
export function nextClockChangeMs(timeZone: string, afterMs: number): number | null {
  const at = Temporal.Instant.fromEpochMilliseconds(afterMs).toZonedDateTimeISO(timeZone);
  return at.getTimeZoneTransition('next')?.epochMilliseconds ?? null;
}
