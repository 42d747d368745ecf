/** Waits and forecasts of a replayed history, in tables: how it was, and with Penstock. */
import type { z } from 'zod';
import type { ShadowReportSchema } from '../../api/contract/shadow.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { type Column, table } from './table.ts';
import { span } from './when.ts';

type Report = z.output<typeof ShadowReportSchema>;
type WaitRow = Report['waits']['tenants'][number];
type Scores = Report['forecasts']['real']['asBefore'];

export interface NamedWaits {
  readonly title: string;
  readonly row: WaitRow;
}

export function waitTable(rows: readonly NamedWaits[]): string {
  return table(WAIT_COLUMNS, rows, stdoutPaper());
}

const WAIT_COLUMNS: readonly Column<NamedWaits>[] = [
  { title: 'WAITS', text: ({ title }) => title, yieldsTo: 12 },
  right('RUNS', ({ row }) => String(row.runs)),
  right('MEDIAN', ({ row }) => span(row.real.medianMs)),
  right('PENSTOCK', ({ row }) => span(row.penstock.medianMs)),
  right('P90', ({ row }) => span(row.real.p90Ms)),
  right('PENSTOCK', ({ row }) => span(row.penstock.p90Ms)),
  right('LONGEST', ({ row }) => span(row.real.longestMs)),
  right('PENSTOCK', ({ row }) => span(row.penstock.longestMs)),
];

export interface NamedScores {
  /** Of what the forecast is, and what it expects to arrive. */
  readonly title: string;
  readonly scores: Scores['starts'];
}

/** Rows of forecasts that were never made are left out. */
export function scoreTable(rows: readonly NamedScores[]): string {
  return table(
    SCORE_COLUMNS,
    rows.filter(({ scores }) => scores !== null),
    stdoutPaper(),
  );
}

const SCORE_COLUMNS: readonly Column<NamedScores>[] = [
  { title: 'FORECASTS', text: ({ title }) => title },
  right('RUNS', ({ scores }) => String(scores?.scored ?? 0)),
  right('WITHIN P90', ({ scores }) => percent(scores?.coverageP90)),
  right('P10-P90', ({ scores }) => percent(scores?.coverage80)),
  right('OFF BY', ({ scores }) => (scores === null ? '-' : span(scores.medianErrorMs))),
  right('BIAS', ({ scores }) => (scores === null ? '-' : bias(scores.medianBiasMs))),
];

export function scoreRows(
  of: 'start' | 'finish',
  { nothingNew, asBefore }: { readonly nothingNew: Scores; readonly asBefore: Scores },
): readonly NamedScores[] {
  const scores = (from: Scores): Scores['starts'] => (of === 'start' ? from.starts : from.finishes);
  return [
    { title: `${of}, nothing new arrives`, scores: scores(nothingNew) },
    { title: `${of}, arrivals as before`, scores: scores(asBefore) },
  ];
}

function bias(ms: number): string {
  if (Math.abs(ms) < 500) return 'none';
  return ms > 0 ? `${span(ms)} too early` : `${span(-ms)} too late`;
}

export function percent(share: number | undefined | null): string {
  return share === undefined || share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

function right<Row>(title: string, text: (row: Row) => string): Column<Row> {
  return { title, text, align: 'right' };
}
