/** The history of a policy as tables, and what importing runs came to. */
import type { HistoryFiguresBody, PolicyHistoryBody } from '../../api/contract/history.ts';
import type { History } from '../../documents/history/sample.ts';
import { leftOutText } from '../../documents/table/rows.ts';
import type { SentRuns } from '../history/send-runs.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { paint } from './style.ts';
import { type Column, table } from './table.ts';
import { span } from './when.ts';

type Line = HistoryFiguresBody & { readonly what: string };

const PROJECTS_SHOWN = 20;
const PERIODS_SHOWN = 12;
const CONTENTS_SHOWN = 5;
const HASH_SHOWN = 12;
const NOTHING = 'No run of this policy that you may see was started and has ended yet.';

export function policyHistoryText(view: PolicyHistoryBody): string {
  if (view.all.runs === 0) return `${view.policy}\n\n${NOTHING}`;
  return [
    `${view.policy}: ${counted(view.all.runs, 'run')} that were started and have ended`,
    block('RUNS', causes(view), 0),
    block(
      'CONTENT',
      view.contents.slice(0, CONTENTS_SHOWN).map(contentLine),
      view.contents.length - CONTENTS_SHOWN,
    ),
    block(
      view.period === 'day' ? 'DAY (UTC)' : 'WEEK FROM (UTC)',
      view.periods.slice(0, PERIODS_SHOWN).map((one) => ({ what: dateOf(one.fromMs), ...one })),
      view.periods.length - PERIODS_SHOWN + view.periodsLeftOut,
    ),
    block(
      'PROJECT',
      view.projects.slice(0, PROJECTS_SHOWN).map((one) => ({ what: one.project, ...one })),
      view.projects.length - PROJECTS_SHOWN + view.projectsLeftOut,
    ),
  ].join('\n\n');
}

function causes({ all, launches, testRuns, unknownCause }: PolicyHistoryBody): readonly Line[] {
  const kinds = [
    { what: 'launched', ...launches },
    { what: 'test runs', ...testRuns },
    { what: 'imported', ...unknownCause },
  ].filter(({ runs }) => runs > 0);
  return kinds.length === 1 ? kinds : [{ what: 'all', ...all }, ...kinds];
}

function contentLine(content: PolicyHistoryBody['contents'][number]): Line {
  const { contentHash, isPresent } = content;
  const note = isPresent ? 'as it is now' : `older, until ${dateOf(content.lastStartedAtMs)}`;
  return { ...content, what: `${contentHash.slice(0, HASH_SHOWN)} ${note}` };
}

function block(title: string, lines: readonly Line[], more: number): string {
  const shown = table(columns(title), lines, stdoutPaper());
  return more > 0 ? `${shown}\nand ${more} more; --json has them` : shown;
}

function columns(title: string): readonly Column<Line>[] {
  return [
    { title, text: ({ what }) => what, yieldsTo: 12 },
    { title: 'COUNT', align: 'right', text: ({ runs }) => `${runs}` },
    { title: 'FAILED', align: 'right', text: ({ outcomes }) => `${outcomes.failed}` },
    { title: 'TIMED OUT', align: 'right', text: ({ outcomes }) => `${outcomes['timed-out']}` },
    { title: 'CANCELLED', align: 'right', text: ({ outcomes }) => `${outcomes.cancelled}` },
    { title: 'SUCCESS (95 %)', text: rateText },
    { title: 'P50', align: 'right', text: ({ durationMs }) => lengthText(durationMs?.p50) },
    { title: 'P90', align: 'right', text: ({ durationMs }) => lengthText(durationMs?.p90) },
    { title: 'MAX', align: 'right', text: ({ durationMs }) => lengthText(durationMs?.max) },
  ];
}

function rateText({ successRate }: Line): string {
  if (successRate === null) return '-';
  const [share, low, high] = [successRate.share, successRate.low, successRate.high].map(percent);
  return `${share} % (${low} to ${high})`;
}

/** Never rounded to a certainty that was not counted. */
function percent(share: number): string {
  const rounded = (100 * share).toFixed(1).replace(/\.0$/, '');
  if (rounded === '100' && share < 1) return '99.9';
  return rounded === '0' && share > 0 ? '0.1' : rounded;
}

function lengthText(ms: number | undefined): string {
  return ms === undefined ? '-' : span(ms);
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

export type Imported = Pick<History, 'format' | 'rows' | 'zeros' | 'leftOut'> &
  SentRuns & { readonly policy: string; readonly unnamed: readonly string[] };

export function importedText(imported: Imported): string {
  const { policy, rows, added, known, tooOld, zeros, leftOut, unnamed } = imported;
  const reasons = Object.entries(leftOut.byReason).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${counted(rows, 'row')}: ${counted(added, 'run')} added to the history of ${policy}, ${known} known before.`,
    ...(tooOld > 0 ? [paint('warn', `${tooOld} older than what is kept (history.keep).`)] : []),
    ...(zeros > 0 ? [`${zeros} of duration 0 count as one second.`] : []),
    ...(unnamed.length > 0 ? [paint('warn', unnamedText(unnamed))] : []),
    ...(leftOut.rows > 0
      ? [
          paint('warn', `${counted(leftOut.rows, 'row')} left out: ${reasons.join(', ')}. The first:`),
          ...leftOut.first.map((one) => `  ${leftOutText(one)}`),
        ]
      : []),
  ].join('\n');
}

function unnamedText(unnamed: readonly string[]): string {
  const shown = unnamed.slice(0, 3).join(', ');
  return `Of ${counted(unnamed.length, 'project')} the file has only GitLab's id (${shown}${unnamed.length > 3 ? ', ...' : ''}): they count as projects of their own. An export with web_url or path_with_namespace names them.`;
}
