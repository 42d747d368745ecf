/** Each surprise, on a policy that has it and on the same policy just short of it. */
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/core/policy/model.ts';
import type { SurpriseCode } from '../../../src/core/policy/surprise.ts';
import { surprisesOf } from '../../../src/core/policy/surprises.ts';
import type { Recurrence } from '../../../src/core/schedule/schedule.ts';
import { GITLAB_POLICY, OWN_POLICY } from './policies.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2026-11-25T08:00:00Z');

interface Changes {
  readonly recurrence?: Recurrence;
  readonly time?: string;
  readonly zone?: string;
  readonly hours?: number;
  readonly more?: Partial<Policy>;
}

function changed(policy: Policy, { recurrence, time, zone, hours, more }: Changes): Policy {
  const schedule = {
    ...policy.schedule,
    ...(recurrence === undefined ? {} : { recurrence }),
    ...(time === undefined ? {} : { startMinute: 60 * Number(time.slice(0, 2)) + Number(time.slice(3)) }),
    ...(zone === undefined ? {} : { timeZone: zone }),
  };
  const window = {
    ...policy.window,
    lengthMs: hours === undefined ? policy.window.lengthMs : hours * HOUR_MS,
  };
  return { ...policy, schedule, window, ...more };
}

const DAILY: Recurrence = { kind: 'daily' };
const TWO_DAYS: Recurrence = { kind: 'weekly', days: ['Monday', 'Tuesday'] };
const monthly = (...daysOfMonth: (number | 'last')[]): Recurrence => ({ kind: 'monthly', daysOfMonth });
const until = (text: string) => ({ snooze: { untilMs: Date.parse(text), reason: null } });

type Case = readonly [code: SurpriseCode, has: Changes, hasNot: Changes, says: RegExp];

function checkCases(policy: Policy, cases: readonly Case[]): void {
  test.each(cases)('%s %j, but not %j', (code, has, hasNot, says) => {
    const found = surprisesOf(changed(policy, has), NOW_MS).filter((one) => one.code === code);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toMatch(says);
    expect(surprisesOf(changed(policy, hasNot), NOW_MS).map((one) => one.code)).not.toContain(code);
  });
}

test('a plain policy has none', () => {
  expect(surprisesOf(OWN_POLICY, NOW_MS)).toEqual([]);
  expect(surprisesOf(GITLAB_POLICY, NOW_MS)).toEqual([]);
});

const OWN_CASES: readonly Case[] = [
  [
    'windows-overlap',
    { recurrence: TWO_DAYS, hours: 25 },
    { recurrence: TWO_DAYS, hours: 24 },
    /longer than the 24 h/,
  ],
  [
    'date-not-in-every-month',
    { recurrence: monthly(1, 31) },
    { recurrence: monthly(31, 'last') },
    /day 31, which exists in seven months only/,
  ],
  [
    'date-not-in-every-month',
    { recurrence: monthly(30) },
    { recurrence: monthly(28) },
    /day 30, which is missing in February/,
  ],
  [
    'date-not-in-every-month',
    { recurrence: monthly(29) },
    { recurrence: DAILY },
    /"last" is the last day of every month/,
  ],
  [
    'start-time-skipped',
    { time: '02:30', zone: 'Europe/Berlin' },
    { time: '03:00', zone: 'Europe/Berlin' },
    /does not exist on 2027-03-28 in Europe\/Berlin.*opens when they have/,
  ],
  [
    'start-time-repeated',
    { time: '02:00', zone: 'Europe/Berlin' },
    { time: '01:59', zone: 'Europe/Berlin' },
    /comes twice on 2027-10-31.*first time only/,
  ],
  [
    'start-time-skipped',
    { time: '02:15', zone: 'Australia/Lord_Howe' },
    { time: '02:15', zone: 'Asia/Kolkata' },
    /2027-10-03/,
  ],
  // The clocks change on Sundays.
  [
    'start-time-skipped',
    { time: '02:30', zone: 'America/New_York' },
    { time: '02:30', zone: 'America/New_York', recurrence: TWO_DAYS },
    /2027-03-14/,
  ],
  [
    'snooze-over',
    { more: until('2026-11-25T07:59:59Z') },
    { more: until('2026-11-25T08:00:01Z') },
    /is over already/,
  ],
  [
    'snooze-ends-in-window',
    { time: '12:00', hours: 4, more: until('2026-12-01T13:00:00Z') },
    { time: '12:00', hours: 4, more: until('2026-12-01T12:00:00Z') },
    /inside the window of 2026-12-01: about 75 % of its launches/,
  ],
  [
    'snooze-ends-in-window',
    { time: '12:00', hours: 4, more: until('2026-12-01T15:59:00Z') },
    { time: '12:00', hours: 4, more: until('2026-12-01T16:00:00Z') },
    /about 0 %/,
  ],
  [
    'catch-up-overlaps',
    { more: { catchUp: { mode: 'run-late', limitMs: 25 * HOUR_MS } } },
    { more: { catchUp: { mode: 'run-late', limitMs: 24 * HOUR_MS } } },
    /later than the next occurrence/,
  ],
];

describe("of Penstock's own", () => checkCases(OWN_POLICY, OWN_CASES));

const { scope } = GITLAB_POLICY;
if (scope.kind !== 'gitlab') throw new Error('the policy of the test is no policy of GitLab');
const anyOf = { ...scope, matchMode: 'any' as const, frameworkIds: [1] };
const excluding = { ...anyOf, projects: { including: [], excluding: [5], excludingTypes: [] } };

const GITLAB_CASES: readonly Case[] = [
  [
    'occurrences-lost',
    { recurrence: TWO_DAYS, hours: 36 },
    { recurrence: TWO_DAYS, hours: 24 },
    /late launches jump over an occurrence/,
  ],
  [
    'window-front-loaded',
    { recurrence: DAILY, hours: 13 },
    { recurrence: DAILY, hours: 12 },
    /more than half of the 24 h/,
  ],
  [
    'first-window-squeezed',
    { time: '08:05', hours: 3 },
    { time: '11:00', hours: 3 },
    /opens in 5 min, and GitLab squeezes all its launches into 5 min/,
  ],
  [
    'first-window-squeezed',
    { time: '08:05', hours: 3 },
    { time: '08:05', hours: 3, more: { enabled: false } },
    /if the file is saved now/,
  ],
  [
    'first-window-squeezed',
    { time: '10:00', hours: 3 },
    { time: '10:00', hours: 3, more: until('2027-01-01T00:00:00Z') },
    /into 2 h/,
  ],
  [
    'edit-drops-launches',
    { time: '07:00', hours: 2 },
    { time: '06:00', hours: 2 },
    /window of 2026-11-25 open right now/,
  ],
  ['branches-together', { more: { branches: ['a', 'b'] } }, { more: { branches: ['a'] } }, /same second/],
  [
    'branch-pattern',
    { more: { branches: ['release/*'] } },
    { more: { branches: ['release/1'] } },
    /names only/,
  ],
  [
    'exclusion-undone',
    { more: { scope: excluding } },
    { more: { scope: { ...excluding, matchMode: 'all' } } },
    /comes back when another rule holds/,
  ],
  [
    'exclusion-undone',
    {
      more: {
        scope: { ...anyOf, projects: { including: [], excluding: [], excludingTypes: ['archived'] } },
      },
    },
    { more: { scope: { ...excluding, frameworkIds: [] } } },
    /comes back/,
  ],
  [
    'start-time-skipped',
    { time: '02:30', zone: 'Europe/Berlin' },
    { time: '02:30', zone: 'UTC' },
    /GitLab does not run the policy that day/,
  ],
  [
    'start-time-repeated',
    { time: '02:30', zone: 'Europe/Berlin' },
    { time: '02:30', zone: 'UTC' },
    /GitLab runs the policy both times/,
  ],
];

describe("of GitLab's", () => checkCases(GITLAB_POLICY, GITLAB_CASES));
