/**
 * A run as one line of an export.
 *
 * Always true: `documents/history` reads back what stands here, and to the same id; CSV has
 * all of it but the profile.
 */
import type { PastRunBody } from '../../api/contract/history.ts';

const COLUMNS = [
  'id',
  'project',
  'branch',
  'contentHash',
  'configHash',
  'cause',
  'outcome',
  'failureReason',
  'startedAt',
  'queuedMs',
  'durationMs',
  'jobSeconds',
  'cpuSeconds',
  'peakMemoryBytes',
] as const;

export const CSV_HEADER = COLUMNS.join(',');

export function csvLine(run: PastRunBody): string {
  const flat = flatOf(run);
  return COLUMNS.map((column) => field(flat[column])).join(',');
}

export function jsonLine(run: PastRunBody): string {
  const flat = flatOf(run);
  const columns = COLUMNS.filter((column) => flat[column] !== null).map((column) => [column, flat[column]]);
  return JSON.stringify({
    ...Object.fromEntries(columns),
    ...(run.profile === null ? {} : { profile: run.profile }),
  });
}

function flatOf(run: PastRunBody): Readonly<Record<(typeof COLUMNS)[number], string | number | null>> {
  const { usage, startedAtMs } = run;
  return {
    ...run,
    startedAt: new Date(startedAtMs).toISOString(),
    cpuSeconds: usage?.cpuSeconds ?? null,
    peakMemoryBytes: usage?.peakMemoryBytes ?? null,
  };
}

/** A row is one line. */
function field(value: string | number | null): string {
  const text = String(value ?? '').replaceAll(/\s*[\r\n]+\s*/g, ' ');
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
