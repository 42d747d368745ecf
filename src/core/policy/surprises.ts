/**
 * What is legal in a policy and will still surprise its author: each with the field it is
 * about and what will happen.
 *
 * Always true: nothing here makes a policy invalid. What GitLab does with a schedule is
 * modelled after its source and documentation of versions 18.9 to 19.3.
 */
import { dateText } from '../schedule/calendar.ts';
import { occurrencesBetween, shortestGapDays, skippedDates } from '../schedule/recurrence.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { nextClockChangeMs } from '../schedule/time-zone.ts';
import { gitlabSurprises } from './gitlab-surprises.ts';
import type { Policy } from './model.ts';
import { DAY_MS, hours, type Surprise } from './surprise.ts';

/** How far ahead the clocks are looked at: every change of a year, and next year's once more. */
const CLOCKS_AHEAD_MS = 500 * DAY_MS;

export function surprisesOf(policy: Policy, nowMs: number): readonly Surprise[] {
  return [
    ...dates(policy),
    ...clocks(policy, nowMs),
    ...snooze(policy, nowMs),
    ...(policy.format === 'gitlab' ? gitlabSurprises(policy, nowMs) : ownWindow(policy)),
  ];
}

const MONTHS_WITH: Readonly<Record<number, string>> = {
  29: 'is missing in February of most years',
  30: 'is missing in February',
  31: 'exists in seven months only',
};

function* dates({ format, schedule: { recurrence } }: Policy): Generator<Surprise> {
  if (recurrence.kind !== 'monthly') return;
  // Whoever also names the last day has thought of it.
  if (recurrence.daysOfMonth.includes('last')) return;
  const latest = recurrence.daysOfMonth.findLast((day) => Number(day) > 28);
  const missing = MONTHS_WITH[Number(latest)];
  if (missing === undefined) return;
  const remedy = format === 'penstock' ? '; "last" is the last day of every month' : '';
  const message = `names day ${latest}, which ${missing}: there the policy does not run${remedy}`;
  yield { code: 'date-not-in-every-month', field: 'daysOfMonth', message };
}

function* clocks({ schedule }: Policy, nowMs: number): Generator<Surprise> {
  const found = { skipped: false, repeated: false };
  for (const changeMs of clockChanges(schedule.timeZone, nowMs)) {
    for (const surprise of aroundChange(schedule, Math.max(nowMs, changeMs - DAY_MS), changeMs + DAY_MS)) {
      const kind = surprise.code === 'start-time-skipped' ? 'skipped' : 'repeated';
      if (!found[kind]) yield surprise;
      found[kind] = true;
    }
  }
}

function* clockChanges(timeZone: string, nowMs: number): Generator<number> {
  let changeMs = nextClockChangeMs(timeZone, nowMs);
  while (changeMs !== null && changeMs < nowMs + CLOCKS_AHEAD_MS) {
    yield changeMs;
    changeMs = nextClockChangeMs(timeZone, changeMs);
  }
}

function* aroundChange(schedule: Schedule, fromMs: number, untilMs: number): Generator<Surprise> {
  const { timeZone, clockChanges: rule } = schedule;
  const [skipped] = skippedDates(schedule, fromMs, untilMs);
  const odd = occurrencesBetween(schedule, fromMs, untilMs);
  const moved = skipped ?? odd.find(({ clock }) => clock === 'moved');
  if (moved !== undefined) {
    const then =
      rule === 'run-once' ? 'the window opens when they have' : 'GitLab does not run the policy that day';
    const message = `does not exist on ${dateText(moved.day)} in ${timeZone}, where the clocks go forward over it: ${then}`;
    yield { code: 'start-time-skipped', field: 'startTime', message };
  }
  const twice = odd.find(({ clock }) => clock === 'first-pass' || clock === 'second-pass');
  if (twice !== undefined) {
    const then =
      rule === 'run-once' ? 'the window opens the first time only' : 'GitLab runs the policy both times';
    const message = `comes twice on ${dateText(twice.day)} in ${timeZone}, where the clocks go back over it: ${then}`;
    yield { code: 'start-time-repeated', field: 'startTime', message };
  }
}

function* snooze({ snooze: until, schedule, window }: Policy, nowMs: number): Generator<Surprise> {
  if (until === null) return;
  const { untilMs } = until;
  if (untilMs <= nowMs) {
    const message = 'is over already and changes nothing';
    yield { code: 'snooze-over', field: 'snooze', message };
    return;
  }
  const cut = occurrencesBetween(schedule, untilMs - window.lengthMs, untilMs).findLast(
    ({ startsAtMs }) => startsAtMs < untilMs && untilMs < startsAtMs + window.lengthMs,
  );
  if (cut === undefined || window.spread === 'paced') return;
  const share = Math.round((100 * (cut.startsAtMs + window.lengthMs - untilMs)) / window.lengthMs);
  const message = `ends inside the window of ${dateText(cut.day)}: about ${share} % of its launches happen after all`;
  yield { code: 'snooze-ends-in-window', field: 'snooze', message };
}

function* ownWindow({ schedule, window, catchUp }: Policy): Generator<Surprise> {
  const gapMs = shortestGapDays(schedule.recurrence) * DAY_MS;
  if (window.lengthMs > gapMs) {
    const message = `is longer than the ${hours(gapMs)} to the next occurrence: launches of both mix, and a project may have two runs at once`;
    yield { code: 'windows-overlap', field: 'windowLength', message };
  }
  if (catchUp.mode === 'run-late' && catchUp.limitMs > gapMs) {
    const message = `allows launches later than the next occurrence, ${hours(gapMs)} on: a project may be launched for both at once`;
    yield { code: 'catch-up-overlaps', field: 'catchUp', message };
  }
}
