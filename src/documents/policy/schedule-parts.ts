/** Parts of schemas that both policy formats have: start time, instants, days, kinds of recurrence. */
import { z } from 'zod';
import type { Complain } from '../schema-parts.ts';

export const SCHEDULE_TYPES = ['daily', 'weekly', 'monthly'] as const;

/** Minutes after midnight. */
export function startTime(hint: string) {
  const error = `must be a time from 00:00 to 23:59 such as "21:15"${hint}`;
  return z
    .string({ error })
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error })
    .transform((text) => 60 * Number(text.slice(0, 2)) + Number(text.slice(3)));
}

/** Milliseconds since the epoch. */
export const instant = z.iso
  .datetime({
    offset: true,
    error: 'must be a date and time with its offset in quotes, such as "2026-12-27T00:00:00+01:00"',
  })
  .transform((text) => Date.parse(text));

/** A list of things that are all different. */
export function distinct<Item extends z.ZodType>(item: Item, what: string) {
  return z.array(item, { error: `must be a list of ${what}` }).superRefine((items, context) => {
    const seen = new Set<unknown>();
    for (const [place, value] of items.entries()) {
      if (seen.has(value))
        context.addIssue({ code: 'custom', path: [place], message: 'must be there only once' });
      seen.add(value);
    }
  });
}

interface DayKeys {
  readonly weekly: string;
  readonly monthly: string;
}

/** Days belong to weekly schedules and dates to monthly ones, and both must have theirs. */
export function checkDayKeys(
  schedule: Readonly<Record<string, unknown>>,
  keys: DayKeys,
  complain: Complain,
): void {
  const { type } = schedule;
  if (!SCHEDULE_TYPES.some((known) => known === type)) return;
  for (const kind of ['weekly', 'monthly'] as const) {
    const key = keys[kind];
    const isThere = Object.hasOwn(schedule, key);
    if (type === kind && schedule[key] === undefined) complain([key], `must be there in a ${kind} schedule`);
    if (type !== kind && isThere)
      complain([key], `has no place in a ${String(type)} schedule, only in a ${kind} one`);
  }
}

/** Sets sorted, so that the order in which they were written makes no difference. */
export function sorted<Item>(items: readonly Item[], rank: (item: Item) => number | string): readonly Item[] {
  return items.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}
