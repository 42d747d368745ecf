/** Ten thousand random schedules at random instants, against the minute-by-minute reference. */
import { describe, expect, test } from 'vitest';
import { below, type Random, randomStream } from '../../../src/core/random/random.ts';
import { WEEKDAYS } from '../../../src/core/schedule/calendar.ts';
import { firstOccurrences } from '../../../src/core/schedule/recurrence.ts';
import type { DayOfMonth, Recurrence, Schedule } from '../../../src/core/schedule/schedule.ts';
import { slowOccurrences, type WallClock, wallClock } from './minute-reference.ts';

const SEED = Number(process.env.SEED ?? 20_261_125);
const SCHEDULES = 10_000;
const OCCURRENCES = 4;
const DAY_MS = 86_400_000;

/** Each with what its clocks did in that time: an hour, half an hour, at midnight, a whole day, nothing. */
const CLOCKS: readonly (readonly [timeZone: string, from: string, days: number])[] = [
  ['Europe/Berlin', '2026-02-10', 330],
  ['America/New_York', '2026-02-10', 330],
  ['Australia/Lord_Howe', '2026-02-10', 330],
  ['Africa/Cairo', '2026-02-10', 330],
  ['Asia/Kolkata', '2026-02-10', 200],
  ['Pacific/Apia', '2011-09-01', 240],
];

function anyOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[below(random, items.length)] as Item;
}

function anyDays<Item>(random: Random, items: readonly Item[]): readonly Item[] {
  const most = 1 + below(random, 3);
  const days = new Set<Item>();
  while (days.size < most) days.add(anyOf(random, items));
  return [...days];
}

const DATES: readonly DayOfMonth[] = ['last', ...Array.from({ length: 31 }, (_, index) => index + 1)];

function anyRecurrence(random: Random): Recurrence {
  switch (below(random, 4)) {
    case 0:
      return { kind: 'weekly', days: anyDays(random, WEEKDAYS) };
    case 1:
      return { kind: 'monthly', daysOfMonth: anyDays(random, DATES) };
    default:
      return { kind: 'daily' };
  }
}

function anySchedule(random: Random, timeZone: string): Schedule {
  return {
    recurrence: anyRecurrence(random),
    // Half of them in the hours in which clocks are changed.
    startMinute: random.next() < 0.5 ? below(random, 4 * 60) : below(random, 24 * 60),
    timeZone,
    clockChanges: random.next() < 0.5 ? 'run-once' : 'skip-and-repeat',
  };
}

/** Near a change of the clocks, where all the mistakes are, or anywhere. */
function anyInstant(random: Random, clock: WallClock, changes: readonly number[]): number {
  const change = anyOf(random, changes);
  if (changes.length > 0 && random.next() < 0.6) return change + Math.floor((random.next() * 4 - 3) * DAY_MS);
  return clock.fromMs + DAY_MS + Math.floor(random.next() * (clock.readings.length * 60_000 - 120 * DAY_MS));
}

function changesOf({ fromMs, readings }: WallClock): readonly number[] {
  const changes: number[] = [];
  for (let index = 1; index < readings.length; index += 1) {
    if (readings[index] !== (readings[index - 1] ?? 0) + 1) changes.push(fromMs + index * 60_000);
  }
  return changes;
}

describe('occurrences are those of a reference that looks at every minute', () => {
  test.each(CLOCKS)('%s', { timeout: 300_000 }, (timeZone, from, days) => {
    const fromMs = Date.parse(`${from}T00:00:00Z`);
    const clock = wallClock(timeZone, fromMs, fromMs + days * DAY_MS);
    const changes = changesOf(clock);
    const random = randomStream(SEED, timeZone);
    const count = Math.ceil(SCHEDULES / CLOCKS.length);
    let compared = 0;
    for (let round = 0; round < count; round += 1) {
      const schedule = anySchedule(random, timeZone);
      const atMs = anyInstant(random, clock, changes);
      const want = slowOccurrences(clock, schedule, atMs, OCCURRENCES);
      const got = firstOccurrences(schedule, atMs, want.length).map(({ startsAtMs }) => startsAtMs);
      expect(got, `SEED=${SEED} ${JSON.stringify(schedule)} from ${new Date(atMs).toISOString()}`).toEqual(
        want,
      );
      compared += want.length;
    }
    expect(compared).toBeGreaterThan(2 * count);
  });
});
