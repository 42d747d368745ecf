/**
 * What one row of a queue's history says, in either format: CSV with named columns, or the
 * Standard Workload Format (Feitelson et al., version 2.2) with its 18 numbered fields.
 */
import { numberOf, shown } from '../../documents/table/rows.ts';

export interface QueueRow {
  readonly submitS: number;
  readonly startS: number;
  readonly endS: number;
  readonly procs: number;
  readonly user: string;
  readonly queue: string;
  /** Null where nothing limits it. */
  readonly limitS: number | null;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
}

/** What is wrong with a field. */
export interface Wrong {
  readonly column: string;
  readonly reason: string;
}

export type ReadRow = (fields: readonly string[]) => QueueRow | Wrong;

export const NEEDED_COLUMNS = ['submit_s', 'start_s', 'end_s'] as const;
const PROCS_MAX = 1_000_000;
/** Until far beyond the year 9999; what is beyond is no time in seconds. */
const INSTANT_S_MAX = 1e12;

/** Null with the name of the column that is missing. */
export function csvRows(header: readonly string[]): ReadRow | { readonly missing: string } {
  const at = new Map(header.map((name, place) => [name.trim(), place]));
  for (const name of NEEDED_COLUMNS) if (!at.has(name)) return { missing: name };
  return (fields) => {
    const text = (column: string, otherwise = ''): string => {
      const place = at.get(column);
      return place === undefined ? otherwise : (fields[place] ?? '').trim();
    };
    const times: number[] = [];
    for (const column of NEEDED_COLUMNS) {
      const value = numberOf(text(column));
      if (Number.isNaN(value)) return { column, reason: `"${shown(text(column))}" is not a number` };
      if (Math.abs(value) > INSTANT_S_MAX)
        return { column, reason: `${shown(text(column))} is no time in seconds` };
      times.push(value);
    }
    const [submitS = 0, startS = 0, endS = 0] = times;
    const procs = numberOf(text('procs', '1'));
    if (!isCount(procs)) {
      return {
        column: 'procs',
        reason: `"${shown(text('procs'))}" is not a whole number from 1 to ${PROCS_MAX}`,
      };
    }
    const row = { submitS, startS, endS, procs, user: text('user'), queue: text('queue') };
    return { ...row, limitS: null, outcome: 'succeeded' };
  };
}

/** Places of fields in a line of SWF, from 0. */
const SWF = {
  submit: 1,
  wait: 2,
  run: 3,
  used: 4,
  asked: 7,
  limit: 8,
  status: 10,
  user: 11,
  queue: 14,
} as const;
export const SWF_FIELDS = 18;
const STATUS: Readonly<Record<string, QueueRow['outcome']>> = { '0': 'failed', '5': 'cancelled' };

/** In SWF -1 stands for what is not known. */
export const swfRow: ReadRow = (fields) => {
  const numbers = fields.map(numberOf);
  const of = (place: number): number => numbers[place] ?? Number.NaN;
  for (const [column, place] of Object.entries(SWF)) {
    if (Number.isNaN(of(place))) return { column, reason: `"${shown(fields[place] ?? '')}" is not a number` };
  }
  if (of(SWF.submit) < 0) return { column: 'submit', reason: 'is not known' };
  if (of(SWF.wait) < 0) return { column: 'wait', reason: 'is not known: it never started' };
  if (of(SWF.run) < 0) return { column: 'run', reason: 'is not known: it never ended' };
  const procs = of(SWF.used) > 0 ? of(SWF.used) : of(SWF.asked);
  if (!isCount(procs)) return { column: 'used', reason: 'is not known, nor how many were asked for' };
  const submitS = of(SWF.submit);
  const startS = submitS + of(SWF.wait);
  return {
    submitS,
    startS,
    endS: startS + of(SWF.run),
    procs,
    user: fields[SWF.user] ?? '',
    queue: fields[SWF.queue] ?? '',
    limitS: of(SWF.limit) > 0 ? of(SWF.limit) : null,
    outcome: STATUS[fields[SWF.status] ?? ''] ?? 'succeeded',
  };
};

function isCount(procs: number): boolean {
  return Number.isInteger(procs) && procs >= 1 && procs <= PROCS_MAX;
}
