/** When others take the fewest slots, where it can be worked out by hand. */
import { describe, expect, test } from 'vitest';
import { plannedByOthers } from '../../../src/core/assessment/others.ts';
import { quietStart } from '../../../src/core/assessment/quiet-start.ts';
import { weekLoad } from '../../../src/core/assessment/week-load.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { PastRun } from '../../../src/core/replay/past-run.ts';
import { aPolicy, aQuestion, HOUR_MS } from './questions.ts';

const DAY_MS = 24 * HOUR_MS;
/** A Monday, 00:00 UTC: now. */
const MONDAY_MS = Date.UTC(2026, 2, 2);

/** Three weeks in which `slots` are taken from `from` to `to` o'clock UTC, every day or on some. */
function busy(from: number, to: number, { slots = 10, on = [0, 1, 2, 3, 4, 5, 6] } = {}) {
  const past = Array.from({ length: 21 }, (_, day) => MONDAY_MS - (21 - day) * DAY_MS)
    .filter((_, day) => on.includes(day % 7))
    .map(
      (dayMs): PastRun => ({
        id: runId(`run ${dayMs} ${from}`),
        project: 'p0',
        tenant: 't0',
        contentHash: 'other',
        priority: 'normal',
        requests: { runs: slots },
        timeoutMs: null,
        heldSinceMs: dayMs,
        startedAtMs: dayMs + from * HOUR_MS,
        finishedAtMs: dayMs + to * HOUR_MS,
        outcome: 'succeeded',
      }),
    );
  return { past, sinceMs: MONDAY_MS - 21 * DAY_MS };
}

function quiet(
  history: ReturnType<typeof busy> | null,
  policy = aPolicy(),
  planned: Parameters<typeof weekLoad>[0]['planned'] = [],
) {
  const week = weekLoad({ nowMs: MONDAY_MS, timeZone: policy.schedule.timeZone, history, planned });
  return { week, start: quietStart({ ...aQuestion({ policy }), week }, 2 * HOUR_MS) };
}

describe('a daily policy at 01:00 over two hours', () => {
  test('beside ten slots taken from 00:00 to 05:00: at 05:00, where none is', () => {
    const { week, start } = quiet(busy(0, 5));
    expect(week?.slots.filter((slots) => slots > 0)).toEqual(Array.from({ length: 35 }, () => 10));
    expect(start).toMatchObject({ weekday: null, startMinute: 300, slots: 0, nowSlots: 10, isNow: false });
    expect(start).toMatchObject({ historyDays: 21, policies: 0, isConclusive: true });
  });

  test('beside others who come at noon: where it is', () => {
    expect(quiet(busy(12, 14)).start).toMatchObject({ startMinute: 60, slots: 0, nowSlots: 0, isNow: true });
  });

  test('that has to be done by 06:00 may not start as late as is quiet', () => {
    const policy = aPolicy();
    const question = aQuestion({ policy });
    const { week } = quiet(busy(0, 5));
    // Done by 06:00, five hours after 01:00: from 22:00 to 24:00 nobody is there either.
    const finishByMs = question.occurrence.startsAtMs + 5 * HOUR_MS;
    const start = quietStart(
      { ...question, week, criteria: { ...question.criteria, finishByMs } },
      2 * HOUR_MS,
    );
    expect(start).toMatchObject({ slots: 0, nowSlots: 10 });
    expect(start?.startMinute).toBeGreaterThanOrEqual(6 * 60);
    expect(start?.startMinute).toBeLessThanOrEqual(22 * 60);
  });

  test('in the time zone of its schedule', () => {
    const policy = aPolicy({ schedule: { ...aPolicy().schedule, timeZone: 'Asia/Tokyo' } });
    // 00:00 to 05:00 UTC is 09:00 to 14:00 there.
    const { week } = quiet(busy(0, 5), policy);
    expect(week?.slots.slice(24, 48).flatMap((slots, hour) => (slots > 0 ? [hour] : []))).toEqual([
      9, 10, 11, 12, 13,
    ]);
  });
});

test('a weekly policy of one day may move to another day, one of two days keeps them', () => {
  const on = (...days: ('Saturday' | 'Sunday')[]) =>
    aPolicy({ schedule: { ...aPolicy().schedule, recurrence: { kind: 'weekly', days } } });
  // The three weeks begin on a Monday: 5 and 6 are Saturday and Sunday.
  const weekend = busy(0, 24, { on: [5, 6] });
  expect(quiet(weekend, on('Saturday')).start).toMatchObject({
    weekday: 'Monday',
    startMinute: 0,
    slots: 0,
    nowSlots: 10,
  });
  // Late on both days is half of the time on a Monday.
  expect(quiet(weekend, on('Saturday', 'Sunday')).start).toMatchObject({
    weekday: null,
    startMinute: 23 * 60,
    slots: 7.5,
    nowSlots: 10,
  });
});

test('plans of other policies count, and alone they are not conclusive', () => {
  const other = {
    ...aPolicy({ name: 'other', window: { lengthMs: HOUR_MS, spread: 'even' } }),
    contentHash: 'other',
  };
  const { targets } = aQuestion({ projects: 30 });
  const planned = plannedByOthers([{ policy: other, contentHash: 'other', targets }], {
    nowMs: MONDAY_MS,
    eachMs: HOUR_MS / 2,
  });
  const { week, start } = quiet(null, aPolicy(), planned);
  // Thirty half hours in the two hours from 01:00 on, every day.
  expect(start?.nowSlots).toBeCloseTo(7.5, 1);
  expect(start).toMatchObject({ slots: 0, historyDays: 0, policies: 1, isConclusive: false, isNow: false });
  expect(week?.slots.every((slots) => slots >= 0)).toBe(true);
});

test('a policy of very many projects weighs as much, though not each is looked at', () => {
  const other = {
    ...aPolicy({ name: 'other', window: { lengthMs: HOUR_MS, spread: 'even' } }),
    contentHash: 'other',
  };
  const { targets } = aQuestion({ projects: 5_000 });
  const planned = plannedByOthers([{ policy: other, contentHash: 'other', targets }], {
    nowMs: MONDAY_MS,
    eachMs: HOUR_MS / 2,
  });
  expect(planned[0]?.length).toBeLessThan(60_000);
  expect(quiet(null, aPolicy(), planned).start?.nowSlots).toBeCloseTo(1_250, -1);
});

test('with nothing known of others there is no answer', () => {
  expect(quiet(null)).toEqual({ week: null, start: null });
  const short = { past: busy(0, 5).past, sinceMs: MONDAY_MS - 3 * DAY_MS };
  expect(quiet(short).week).toBeNull();
});
