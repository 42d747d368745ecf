/** Back-tests of assessments in a table: how far off, how often within, and GitLab's own estimate. */
import { units as count } from '../../app/queries/say-when.ts';
import type { PolicyBacktestRow, PolicyScores } from '../../core/backtest/policy-backtest.ts';
import { signed } from './backtest.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { type Column, table } from './table.ts';

interface Report {
  readonly runs: number;
  readonly workflows: number;
  readonly projects: number;
  readonly slots: number;
  readonly rows: readonly PolicyBacktestRow[];
}

export function policyBacktestText({ runs, workflows, projects, slots, rows }: Report): string {
  return [
    `${count(runs, 'run')} of ${count(workflows, 'workflow')}. Policies over ${count(projects, 'project')} behind ${count(slots, 'slot')}.`,
    'Error: of the median, median over the policies; bias: with its sign, + is too long. Of 100, 90 should be within P90, 80 from P10 to P90.',
    "GitLab's estimate is the newest duration times the projects, of the total execution time.",
    '',
    table(COLUMNS, rows, stdoutPaper()),
  ].join('\n');
}

const COLUMNS: readonly Column<PolicyBacktestRow>[] = [
  { title: 'KNOWN', text: (row) => row.known },
  right('UNTIL DONE: ERROR', ({ scores }) => error(scores?.totalTime)),
  right('BIAS', ({ scores }) => signed(scores?.totalTime.medianBias)),
  right('WITHIN P90', ({ scores }) => percent(scores?.totalTime.coverageP90)),
  right('P10-P90', ({ scores }) => percent(scores?.totalTime.coverage80)),
  right('EXECUTION: ERROR', ({ scores }) => error(scores?.executionTime)),
  right('BIAS', ({ scores }) => signed(scores?.executionTime.medianBias)),
  right('WITHIN P90', ({ scores }) => percent(scores?.executionTime.coverageP90)),
  right('P10-P90', ({ scores }) => percent(scores?.executionTime.coverage80)),
  right("GITLAB'S ERROR", ({ scores }) => scores?.gitlabError.toFixed(2) ?? '-'),
];

function right(title: string, text: (row: PolicyBacktestRow) => string): Column<PolicyBacktestRow> {
  return { title, text, align: 'right' };
}

function error(scores: PolicyScores | undefined): string {
  return scores?.medianError.toFixed(3) ?? '-';
}

function percent(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(100 * value)} %`;
}
