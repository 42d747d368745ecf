/** Back-tests in tables: ours beside what others do, by how much was known. */
import { units as count } from '../../app/queries/say-when.ts';
import { BASELINES, type Baseline } from '../../core/backtest/baselines.ts';
import type { DurationScoreRow } from '../../core/backtest/duration-backtest.ts';
import type { MakespanRow } from '../../core/backtest/makespan-backtest.ts';
import type { MomentScores } from '../../core/backtest/makespan-scores.ts';
import { leftOutText } from '../../documents/table/rows.ts';
import type { HistoryFile } from '../history/history-file.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { type Column, table } from './table.ts';

type Read = Omit<HistoryFile, 'histories'> & { readonly file: string; readonly workflows: number };

export function durationBacktestText(report: Read & { readonly rows: readonly DurationScoreRow[] }): string {
  return [
    ...readText(report),
    'Score of each forecast: log-pinball, 0 is perfect; of 100 runs, 90 should be within P90, 80 from P10 to P90.',
    '',
    table(DURATION_COLUMNS, report.rows, stdoutPaper()),
  ].join('\n');
}

export function makespanBacktestText(
  report: Read & { readonly slots: number; readonly rows: readonly MakespanRow[] },
): string {
  const lines = report.rows.flatMap((row) =>
    (['makespan', 'lastStart', 'mostDone'] as const).map((moment) => ({ row, moment, scores: row[moment] })),
  );
  return [
    ...readText(report),
    `Batches behind ${count(report.slots, 'slot')}. Error: of P50, median; bias: with its sign, + is too late; CRPS: in units of the real time, 0 is perfect.`,
    '',
    table(MAKESPAN_COLUMNS, lines, stdoutPaper()),
  ].join('\n');
}

function readText({ runs, workflows, zeros, leftOut }: Read): readonly string[] {
  const first = leftOut.first.map((one) => `  ${leftOutText(one)}`);
  return [
    `${count(runs, 'run')} of ${count(workflows, 'workflow')}.`,
    ...(zeros === 0 ? [] : [`${count(zeros, 'run')} of 0 seconds counted as 1 second.`]),
    ...(leftOut.rows === 0 ? [] : [`${count(leftOut.rows, 'row')} left out:`, ...first]),
  ];
}

const TITLES: Readonly<Record<Baseline, string>> = {
  lastTwo: 'LAST TWO',
  meanOfThree: 'MEAN OF 3',
  logNormal: 'LOG-NORMAL',
  empirical: 'EMPIRICAL',
  pooled: 'POOLED',
};

const DURATION_COLUMNS: readonly Column<DurationScoreRow>[] = [
  { title: 'EARLIER', text: (row) => row.earlierSamples },
  right('FORECASTS', (row) => String(row.penstock?.forecasts ?? 0)),
  right('PENSTOCK', (row) => score(row.penstock?.logPinball)),
  right('+-', (row) => score(row.penstock?.standardError ?? undefined)),
  right('WITHIN P90', (row) => percent(row.penstock?.coverageP90)),
  right('P10-P90', (row) => percent(row.penstock?.coverage80)),
  ...BASELINES.map((name) =>
    right(TITLES[name], (row: DurationScoreRow) => score(row.baselines[name]?.logPinball)),
  ),
];

interface MakespanLine {
  readonly row: MakespanRow;
  readonly moment: 'makespan' | 'lastStart' | 'mostDone';
  readonly scores: MomentScores | null;
}

const MOMENT_TEXT = { makespan: 'all done', lastStart: 'last start', mostDone: '9 of 10 done' } as const;

const MAKESPAN_COLUMNS: readonly Column<MakespanLine>[] = [
  { title: 'EARLIER', text: ({ row, moment }) => (moment === 'makespan' ? row.earlierRuns : '') },
  right('RUNS', ({ row, moment }) => (moment === 'makespan' ? String(row.runs) : '')),
  { title: 'FORECAST OF', text: ({ moment }) => MOMENT_TEXT[moment] },
  right('WITHIN P90', ({ scores }) => percent(scores?.coverageP90)),
  right('P10-P90', ({ scores }) => percent(scores?.coverage80)),
  right('ERROR', ({ scores }) => score(scores?.medianError)),
  right('BIAS', ({ scores }) => signed(scores?.medianBias)),
  right('CRPS', ({ scores }) => score(scores?.crps)),
  right('LAST TWO: ERROR', ({ scores }) => score(scores?.lastTwo.medianError)),
  right('CRPS', ({ scores }) => score(scores?.lastTwo.crps)),
  right('HINDSIGHT: ERROR', ({ scores }) => score(scores?.hindsight.medianError)),
  right('CRPS', ({ scores }) => score(scores?.hindsight.crps)),
];

function right<Row>(title: string, text: (row: Row) => string): Column<Row> {
  return { title, text, align: 'right' };
}

function score(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(3);
}

/** With its sign. */
export function signed(value: number | undefined): string {
  return value === undefined ? '-' : `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`;
}

function percent(value: number | undefined): string {
  return value === undefined ? '-' : `${(100 * value).toFixed(1)} %`;
}
