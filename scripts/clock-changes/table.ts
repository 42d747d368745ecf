/**
 * The table of docs/guides/policies.md that shows what changes of the clocks do to a policy,
 * made by the very functions that plan. A test checks that the guide has the current one.
 */
import { dateText, timeText } from '../../src/core/schedule/calendar.ts';
import { occurrencesBetween } from '../../src/core/schedule/recurrence.ts';
import type { ClockChangeRule } from '../../src/core/schedule/schedule.ts';
import { nextClockChangeMs, readingAt } from '../../src/core/schedule/time-zone.ts';

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kolkata'];
const FROM_MS = Date.parse('2026-01-01T00:00:00Z');
const UNTIL_MS = Date.parse('2027-01-01T00:00:00Z');
const HALF_DAY_MS = 43_200_000;
const DAY_MINUTES = 1440;

export const BEGIN = '<!-- clock changes: written by "npm run docs:clock-changes" -->';
export const END = '<!-- end of clock changes -->';

/** The guide with the table between its marks renewed. */
export function withTable(guide: string): string {
  const [begin, end] = [guide.indexOf(BEGIN), guide.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`the guide lacks ${BEGIN} or ${END}`);
  return `${guide.slice(0, begin + BEGIN.length)}\n\n${table()}\n\n${guide.slice(end)}`;
}

function table(): string {
  return [
    '| zone | date | the clocks | daily at | Penstock | GitLab |',
    '| --- | --- | --- | --- | --- | --- |',
    ...ZONES.flatMap(rows),
  ].join('\n');
}

function rows(zone: string): readonly string[] {
  const found: string[] = [];
  let changeMs = nextClockChangeMs(zone, FROM_MS);
  while (changeMs !== null && changeMs < UNTIL_MS) {
    found.push(row(zone, changeMs));
    changeMs = nextClockChangeMs(zone, changeMs);
  }
  return found.length > 0 ? found : [`| ${zone} | | never change | any time | once a day | once a day |`];
}

/** With a start time in the middle of what is skipped or repeated. */
function row(zone: string, changeMs: number): string {
  const before = readingAt(zone, changeMs - 60_000);
  const after = readingAt(zone, changeMs);
  const minutes = Math.round(after.offsetMinutes - before.offsetMinutes);
  const whole = after.day * DAY_MINUTES + after.minute - Math.max(0, minutes);
  const middle = whole + Math.abs(minutes) / 2;
  const [day, start] = [Math.floor(middle / DAY_MINUTES), middle % DAY_MINUTES];
  const what = `${timeText(whole % DAY_MINUTES)} to ${timeText((whole + Math.abs(minutes)) % DAY_MINUTES)} ${minutes > 0 ? 'is skipped' : 'comes twice'}`;
  const fires = (rule: ClockChangeRule) => moments(zone, { start, day, rule, changeMs });
  const cells = [zone, dateText(day), what, timeText(start), fires('run-once'), fires('skip-and-repeat')];
  return `| ${cells.join(' | ')} |`;
}

interface Asked {
  readonly start: number;
  readonly day: number;
  readonly rule: ClockChangeRule;
  readonly changeMs: number;
}

function moments(timeZone: string, { start, day, rule, changeMs }: Asked): string {
  const schedule = {
    recurrence: { kind: 'daily' },
    startMinute: start,
    timeZone,
    clockChanges: rule,
  } as const;
  const fired = occurrencesBetween(schedule, changeMs - HALF_DAY_MS, changeMs + HALF_DAY_MS)
    .filter((occurrence) => occurrence.day === day)
    .map(({ startsAtMs }) => `${timeText(readingAt(timeZone, startsAtMs).minute)} (${utc(startsAtMs)})`);
  return fired.length === 0 ? 'does not run' : fired.join(' and ');
}

function utc(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 16).concat('Z');
}
