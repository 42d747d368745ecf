/** The shadow report for somebody who has a minute: what would have been better, what worse, and why to believe it. */
import type { z } from 'zod';
import type { ShadowReportSchema } from '../../api/contract/shadow.ts';
import { units as count } from '../../app/queries/say-when.ts';
import { waitsFor } from './queue.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { paint } from './style.ts';
import { type Column, table } from './table.ts';
import { type NamedWaits, percent, scoreRows, scoreTable, waitTable } from './waits.ts';
import { clock, span } from './when.ts';

type Report = z.output<typeof ShadowReportSchema>;
type Changes = Report['changes']['sooner'];

/** Tenants in the table; --json has more. */
const TENANTS_SHOWN = 10;

export function shadowReportText(report: Report): string {
  const window = `from ${clock(report.madeAtMs, report.fromMs)} to ${clock(report.madeAtMs, report.toMs)}`;
  const { all } = report.waits;
  if (all === null) {
    return [
      `No run that has finished started ${window}, so there is nothing to compare.`,
      restsOn(report),
    ].join('\n\n');
  }
  const sections = [
    [
      paint('bold', `${count(all.runs, 'run')} ${window}, and the same runs with Penstock`),
      ...headline(report),
    ].join('\n'),
    waitTable(waitRows(report, all)),
    poolSection(report),
    changeSection('Would have started sooner', report, report.changes.sooner),
    changeSection('Would have started later', report, report.changes.later),
    forecastSection(report),
    restsOn(report),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function headline({
  changes,
  allDoneAtMs,
  madeAtMs,
  timeouts,
  fairness,
  neverStart,
}: Report): readonly string[] {
  const { sooner, later, same } = changes;
  const lines = [
    `${sooner.runs} would have started sooner, by ${span(sooner.totalMs)} in all; ${later.runs} later, by ${span(later.totalMs)}; ${same} at the same moment.`,
  ];
  if (allDoneAtMs !== null) {
    const { real, penstock } = allDoneAtMs;
    lines.push(`All were done at ${clock(madeAtMs, real)}; with Penstock at ${clock(madeAtMs, penstock)}.`);
  }
  if (timeouts.real > 0) lines.push(timeoutLine(timeouts));
  if (fairness !== null) {
    lines.push(
      `Waiting falls on ${fairness.tenants} tenants: evenness ${fairness.real.toFixed(2)}, with Penstock ${fairness.penstock.toFixed(2)} (1 is even).`,
    );
  }
  for (const { id, reason } of neverStart.first)
    lines.push(`Never starts with Penstock: ${id}, ${waitsFor(reason)}.`);
  if (neverStart.runs > neverStart.first.length) {
    lines.push(`Never start with Penstock: ${neverStart.runs - neverStart.first.length} more.`);
  }
  return lines;
}

function timeoutLine({ real, neverStarted, crowded, wouldNotHave, first }: Report['timeouts']): string {
  const of = `${count(real, 'run')} timed out, ${neverStarted} unstarted and ${crowded} in a pool used beyond its size`;
  if (wouldNotHave === 0) return `${of}; with Penstock they would have, too.`;
  return `${of}; ${wouldNotHave} would not have with Penstock: ${first.join(', ')}${wouldNotHave > first.length ? ', ...' : ''}.`;
}

function waitRows({ waits }: Report, all: NamedWaits['row']): readonly NamedWaits[] {
  const group = (what: string, rows: readonly NamedWaits['row'][]): readonly NamedWaits[] =>
    rows.length < 2 ? [] : rows.map((row) => ({ title: `${what} ${row.name}`, row }));
  return [
    { title: 'all', row: all },
    ...group('tenant', waits.tenants.slice(0, TENANTS_SHOWN)),
    ...group('priority', waits.priorities),
    ...group('pool', waits.pools),
  ];
}

function poolSection({ pools, busy, madeAtMs }: Report): string {
  const rows = pools
    .filter(({ real, penstock }) => real.peak > 0 || penstock.peak > 0)
    .flatMap(({ name, size, real, penstock }): readonly PoolLine[] => {
      const top = Math.max(size, real.peak, penstock.peak);
      return [
        { pool: name, size: String(size), who: 'really', top, use: real },
        { pool: '', size: '', who: 'Penstock', top, use: penstock },
      ];
    });
  if (rows.length === 0) return '';
  const line = `The line is the use from ${clock(madeAtMs, busy.fromMs)} to ${clock(madeAtMs, busy.toMs)}.`;
  return [table(POOL_COLUMNS, rows, stdoutPaper()), line].join('\n');
}

interface PoolLine {
  readonly pool: string;
  readonly size: string;
  readonly who: string;
  readonly top: number;
  readonly use: Report['pools'][number]['real'];
}

const POOL_COLUMNS: readonly Column<PoolLine>[] = [
  { title: 'POOL', text: ({ pool }) => pool },
  right('SIZE', ({ size }) => size),
  { title: '', text: ({ who }) => who },
  right('PEAK', ({ use }) => String(use.peak)),
  right('ABOVE SIZE', ({ use }) => (use.overMs === 0 ? 'never' : span(use.overMs))),
  right('IN USE', ({ use }) => percent(use.meanShare)),
  right('FREE WHILE WAITED FOR', ({ use }) => span(use.idleWhileWaitingMs)),
  { title: '', text: ({ use, top }) => `|${picture(use.line, top)}|` },
];

const BARS = ' ▁▂▃▄▅▆▇█';

function picture(line: readonly number[], top: number): string {
  return line.map((used) => BARS[Math.min(8, Math.ceil((8 * used) / top))]).join('');
}

function changeSection(title: string, { madeAtMs }: Report, { runs, largest }: Changes): string {
  if (runs === 0) return '';
  const rows = largest.map(({ id, tenant, realStartMs, penstockStartMs, soonerMs }) => ({
    id,
    tenant,
    real: clock(madeAtMs, realStartMs),
    penstock: clock(madeAtMs, penstockStartMs),
    by: span(Math.abs(soonerMs)),
  }));
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { title: 'RUN', text: (row) => row.id },
    { title: 'TENANT', text: (row) => row.tenant, yieldsTo: 8 },
    right('STARTED', (row) => row.real),
    right('WITH PENSTOCK', (row) => row.penstock),
    right('BY', (row) => row.by),
  ];
  const named = runs > largest.length ? ` (the ${largest.length} by most, of ${runs})` : '';
  return [paint('bold', `${title}${named}`), table(columns, rows, stdoutPaper())].join('\n');
}

function forecastSection({ forecasts: { penstock, real }, mode }: Report): string {
  const whose = mode === 'shadow' ? ', which others decided' : '';
  const ours = [...scoreRows('start', penstock), ...scoreRows('finish', penstock)];
  const theirs = [...scoreRows('start', real), ...scoreRows('finish', real)];
  const isEmpty = (rows: typeof ours): boolean => rows.every(({ scores }) => scores === null);
  return [
    ...(isEmpty(ours)
      ? []
      : [
          paint(
            'bold',
            'Forecasts Penstock would have given for its own starts (of 100, 90 should be within P90)',
          ),
          scoreTable(ours),
        ]),
    ...(isEmpty(theirs)
      ? []
      : [
          paint('bold', `And of the queue as it really was, against what really happened${whose}`),
          scoreTable(theirs),
        ]),
  ].join('\n');
}

function restsOn({ assumptions }: Report): string {
  return [paint('bold', 'This takes for granted'), ...assumptions.map((line) => `- ${line}`)].join('\n');
}

function right<Row>(title: string, text: (row: Row) => string): Column<Row> {
  return { title, text, align: 'right' };
}
