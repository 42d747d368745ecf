/** Durations as histories give them, and which of them no run can have had. */
import { shown } from '../table/rows.ts';
import { type Entry, instantOf, isNoSample } from './entry.ts';
import type { NotASample } from './sample.ts';

/** No engine lets a run go on for longer; what a file says beyond is a mistake, or a job that somebody forgot. */
const DURATION_MAX_MS = 31 * 86_400_000;

/** Milliseconds, 0 and fractions included. Null: not said. */
export function durationOf(entry: Entry, name: string, unitMs: number): number | null | NotASample {
  const value = entry.number(name);
  if (value === null) return null;
  if (Number.isNaN(value)) {
    const reason = `"${shown(entry.text(name) ?? '')}" is not a number`;
    return { because: 'malformed', column: name, reason };
  }
  return plausible(value * unitMs, name, value);
}

/** From two moments, where there is no duration: wall time. */
export function betweenMoments(entry: Entry, from: string, to: string): number | null | NotASample {
  const startMs = instantOf(entry, from);
  const endMs = instantOf(entry, to);
  if (isNoSample(startMs)) return startMs;
  if (isNoSample(endMs)) return endMs;
  return startMs === null || endMs === null
    ? null
    : plausible(endMs - startMs, to, (endMs - startMs) / 1_000);
}

function plausible(ms: number, column: string, said: number): number | NotASample {
  if (ms < 0) return { because: 'negative-duration', column, reason: `${said} is below 0` };
  if (ms > DURATION_MAX_MS) return { because: 'too-long', column, reason: `${said} is longer than 31 days` };
  return ms;
}
