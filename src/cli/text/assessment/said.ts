/** Numbers of an assessment in words: short, with units, as exact as they deserve. */
import type { Quantiles } from '../../../core/forecast/types.ts';
import { dateText, timeText, weekdayOf } from '../../../core/schedule/calendar.ts';
import { readingAt } from '../../../core/schedule/time-zone.ts';
import { zonedText } from '../policy-words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** "40 s", "7 min", "2 h 5 min", "189 h": two significant digits where it is much. */
export function length(ms: number): string {
  if (ms < 1_000) return ms <= 0 ? '0' : '1 s';
  if (ms < 2 * MINUTE_MS) return `${Math.round(ms / 1_000)} s`;
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms >= 20 * HOUR_MS) return `${count(roundedTo(ms / HOUR_MS, 3))} h`;
  const minutes = Math.round(ms / MINUTE_MS);
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

function roundedTo(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** "1,624" */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

export function share(value: number): string {
  const percent = 100 * value;
  if (percent > 0 && percent < 1) return percent < 0.1 ? 'under 0.1 %' : `${percent.toFixed(1)} %`;
  return percent > 99 && percent < 99.95 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, value)) / 10)));
  return `${roundedTo(value / 1024 ** step, 3)} ${units[step]}`;
}

/** "04:12"; "Wed 04:12" on another day than the occurrence's, with the date a week away. */
export function timeOfDay(timeZone: string, atMs: number, day: number): string {
  const reading = readingAt(timeZone, Math.round(atMs));
  const time = timeText(reading.minute);
  if (reading.day === day) return time;
  const weekday = weekdayOf(reading.day).slice(0, 3);
  return Math.abs(reading.day - day) < 7
    ? `${weekday} ${time}`
    : `${weekday} ${dateText(reading.day)} ${time}`;
}

/** "Tue 2026-03-31 01:15 +00:00" */
export const dateAndTime = zonedText;

/** The ends of a band, or nothing where they read the same. */
export function range(band: Quantiles, said: (value: number) => string): string {
  const [low, high] = [said(band.p10), said(band.p90)];
  return low === high ? low : `${low} to ${high}`;
}

/** "1 pipeline", "1,624 pipelines" */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${Math.round(value) === 1 ? noun : plural}`;
}
