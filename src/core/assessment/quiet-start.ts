/**
 * So do this: start when others take the fewest slots. Found among the full hours of the
 * days the schedule has, or of the whole week for one that has a single day of it.
 */
import { WEEKDAYS, type Weekday } from '../schedule/calendar.ts';
import type { Recurrence } from '../schedule/schedule.ts';
import type { AssessmentQuestion } from './question.ts';
import { HOURS_OF_WEEK, type WeekLoad } from './week-load.ts';

export interface QuietStart {
  /** Null: on the days it has. */
  readonly weekday: Weekday | null;
  /** Of the local day. */
  readonly startMinute: number;
  /** Others take so many slots on average, from the opening of the window until all is done. */
  readonly slots: number;
  /** The same from the start that the policy has. */
  readonly nowSlots: number;
  /** Whether no other is much quieter. */
  readonly isNow: boolean;
  readonly historyDays: number;
  readonly policies: number;
  /** False: what runs was seen for less than two weeks, or not at all. */
  readonly isConclusive: boolean;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MINUTES = 1_440;
const HISTORY_DAYS_MIN = 14;
/** Less of a difference is no reason to change a start. */
const WORTH = { share: 0.1, slots: 0.5 } as const;

/** @param lastsMs from the opening of the window until all is done. Null: nothing is known of others. */
export function quietStart(
  question: Pick<AssessmentQuestion, 'policy' | 'week' | 'criteria' | 'occurrence'>,
  lastsMs: number,
): QuietStart | null {
  const { policy, week } = question;
  if (week === null) return null;
  const { recurrence, startMinute } = policy.schedule;
  const hours = Math.max(1, Math.min(HOURS_OF_WEEK, lastsMs / HOUR_MS));
  const days = daysOf(recurrence);
  const [onlyDay] = days;
  const mayMoveDay = days.length === 1 && onlyDay !== undefined;
  const loadAt = (minute: number, on: readonly number[]): number =>
    on.reduce((sum, day) => sum + meanFrom(week, 24 * day + minute / 60, hours), 0) / on.length;
  const nowSlots = loadAt(startMinute, days);
  let best = { day: null as number | null, minute: startMinute, slots: nowSlots };
  for (const day of mayMoveDay ? WEEKDAYS.keys() : [null]) {
    for (let minute = 0; minute < DAY_MINUTES; minute += 60) {
      if (!isInTime(question, minute, lastsMs)) continue;
      const slots = loadAt(minute, day === null ? days : [day]);
      if (slots < best.slots) best = { day, minute, slots };
    }
  }
  const isNow = nowSlots - best.slots < Math.max(WORTH.slots, WORTH.share * nowSlots);
  return {
    weekday: isNow || best.day === null || best.day === onlyDay ? null : (WEEKDAYS[best.day] as Weekday),
    startMinute: isNow ? startMinute : best.minute,
    slots: isNow ? nowSlots : best.slots,
    nowSlots,
    isNow,
    historyDays: week.historyDays,
    policies: week.policies,
    isConclusive: week.historyDays >= HISTORY_DAYS_MIN,
  };
}

/** Whether all is done by the time of day that it has to be. */
function isInTime(
  { policy, criteria, occurrence }: Pick<AssessmentQuestion, 'policy' | 'criteria' | 'occurrence'>,
  startMinute: number,
  lastsMs: number,
): boolean {
  if (criteria.finishByMs === null) return true;
  const leftMinutes = (criteria.finishByMs - occurrence.startsAtMs) / MINUTE_MS;
  if (leftMinutes >= DAY_MINUTES) return true;
  const shifted = leftMinutes + policy.schedule.startMinute - startMinute;
  return (((shifted % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES) * MINUTE_MS >= lastsMs;
}

function daysOf(recurrence: Recurrence): readonly number[] {
  if (recurrence.kind === 'weekly') return recurrence.days.map((day) => WEEKDAYS.indexOf(day));
  return [...WEEKDAYS.keys()];
}

/** Average over some hours of the week, from an hour on that need not be full. */
function meanFrom({ slots }: WeekLoad, fromHour: number, hours: number): number {
  const to = fromHour + hours;
  let sum = 0;
  for (let hour = Math.floor(fromHour); hour < to; hour += 1) {
    const inside = Math.min(to, hour + 1) - Math.max(fromHour, hour);
    sum += inside * (slots[hour % HOURS_OF_WEEK] as number);
  }
  return sum / hours;
}
