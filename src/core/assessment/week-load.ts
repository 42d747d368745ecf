/**
 * What else takes slots, by hour of the week as a policy's time zone has it: by the runs of
 * the last weeks, and by what other policies plan for the next ones.
 *
 * Always true: 168 hours from Sunday 00:00 on, each a finite average >= 0.
 */
import { RUNS_POOL } from '../model/run.ts';
import type { PastRun } from '../replay/past-run.ts';
import { WEEKDAYS, weekdayOf } from '../schedule/calendar.ts';
import { readingAt } from '../schedule/time-zone.ts';

export interface WeekLoad {
  /** Slots that others take on average. */
  readonly slots: readonly number[];
  /** 0: what runs was not seen, or not for a week. */
  readonly historyDays: number;
  /** Others whose plans are in it. */
  readonly policies: number;
}

export const HOURS_OF_WEEK = 168;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/** Slots taken for a time. */
export interface TakenSlots {
  readonly fromMs: number;
  readonly toMs: number;
  readonly slots: number;
}

export interface WeekLoadInput {
  readonly nowMs: number;
  readonly timeZone: string;
  /** Null: not known. Whole since `sinceMs`. */
  readonly history: { readonly past: readonly PastRun[]; readonly sinceMs: number } | null;
  /** See `plannedByOthers`. */
  readonly planned: readonly (readonly TakenSlots[])[];
}

/** Four weeks: most months have one occurrence in them. */
export const PLANNED_MS = 4 * WEEK_MS;

/** Null where nothing is known of others. */
export function weekLoad({ nowMs, timeZone, history, planned }: WeekLoadInput): WeekLoad | null {
  const isSeen = history !== null && nowMs - history.sinceMs >= WEEK_MS;
  if (!isSeen && planned.length === 0) return null;
  const slots = new Float64Array(HOURS_OF_WEEK);
  const add = (load: Float64Array): void => {
    for (const [hour, value] of load.entries()) slots[hour] = (slots[hour] as number) + value;
  };
  if (isSeen) add(averages(spansOf(history.past), { fromMs: history.sinceMs, toMs: nowMs, timeZone }));
  add(averages(planned.flat(), { fromMs: nowMs, toMs: nowMs + PLANNED_MS, timeZone }));
  return {
    slots: [...slots],
    historyDays: isSeen ? Math.floor((nowMs - history.sinceMs) / DAY_MS) : 0,
    policies: planned.length,
  };
}

function spansOf(past: readonly PastRun[]): readonly TakenSlots[] {
  return past.flatMap(({ startedAtMs, finishedAtMs, requests }) =>
    startedAtMs === null
      ? []
      : [{ fromMs: startedAtMs, toMs: finishedAtMs, slots: requests[RUNS_POOL] ?? 1 }],
  );
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly timeZone: string;
}

/** By hour of the week: slots taken, averaged over the times this hour came in the stretch. */
function averages(runs: readonly TakenSlots[], { fromMs, toMs, timeZone }: Stretch): Float64Array {
  const first = Math.floor(fromMs / HOUR_MS);
  const hours = Math.ceil(toMs / HOUR_MS) - first;
  const takenMs = new Float64Array(hours);
  for (const run of runs) {
    const [startMs, endMs] = [Math.max(fromMs, run.fromMs), Math.min(toMs, run.toMs)];
    for (let hour = Math.floor(startMs / HOUR_MS); hour * HOUR_MS < endMs; hour += 1) {
      const insideMs = Math.min(endMs, (hour + 1) * HOUR_MS) - Math.max(startMs, hour * HOUR_MS);
      takenMs[hour - first] = (takenMs[hour - first] as number) + run.slots * insideMs;
    }
  }
  const sums = new Float64Array(HOURS_OF_WEEK);
  const lengthsMs = new Float64Array(HOURS_OF_WEEK);
  for (const [place, ms] of takenMs.entries()) {
    const at = (first + place) * HOUR_MS;
    const hour = hourOfWeek(timeZone, at);
    sums[hour] = (sums[hour] as number) + ms;
    lengthsMs[hour] = (lengthsMs[hour] as number) + Math.min(toMs, at + HOUR_MS) - Math.max(fromMs, at);
  }
  return sums.map((ms, hour) => ms / Math.max(1, lengthsMs[hour] as number));
}

function hourOfWeek(timeZone: string, atMs: number): number {
  const { day, minute } = readingAt(timeZone, atMs);
  return WEEKDAYS.indexOf(weekdayOf(day)) * 24 + Math.floor(minute / 60);
}
