/**
 * A schedule as data: which days, what time of day, in which time zone, and what happens
 * to local times that a change of the clocks skips or repeats.
 *
 * Always true: it fires at most once per local date, except that `skip-and-repeat` fires
 * twice on a date whose start time comes twice.
 */
import type { Weekday } from './calendar.ts';

/** `last` is the last day of each month, whatever its number. */
export type DayOfMonth = number | 'last';

export type Recurrence =
  | { readonly kind: 'daily' }
  /** At least one day, each once. */
  | { readonly kind: 'weekly'; readonly days: readonly Weekday[] }
  /** At least one day, each once. A date that a month lacks is left out. */
  | { readonly kind: 'monthly'; readonly daysOfMonth: readonly DayOfMonth[] };

/**
 * `run-once`: a skipped start time fires at the first valid moment after it, a repeated one
 * the first time only. `skip-and-repeat`: a skipped one does not fire, a repeated one fires
 * both times; so does GitLab, whose schedules are cron expressions read by fugit.
 */
export type ClockChangeRule = 'run-once' | 'skip-and-repeat';

export interface Schedule {
  readonly recurrence: Recurrence;
  /** Minutes after local midnight, 0 to 1439. */
  readonly startMinute: number;
  /** An id of the IANA time zone database that `knownTimeZone` knows. */
  readonly timeZone: string;
  readonly clockChanges: ClockChangeRule;
}
