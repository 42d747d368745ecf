/** What `policy show` prints: each policy in words, its next occurrences, and the first one's launches. */
import type { Launch } from '../../core/policy/launches.ts';
import { launchesByPart, type OccurrencePreview } from '../../core/policy/preview.ts';
import type { FilePreview, PolicyPreview } from '../policy-preview.ts';
import { PARTS } from '../policy-preview-document.ts';
import { problemLine } from './policy-problems.ts';
import {
  contentWords,
  scheduleWords,
  scopeWords,
  windowWords,
  zonedText,
  zonedTimeText,
} from './policy-words.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { paint } from './style.ts';
import { type Column, table } from './table.ts';
import { span } from './when.ts';

interface Shown {
  readonly launches: number;
  readonly fromMs: number;
}

export function previewText(preview: FilePreview, launches: number): string {
  const { file, fromMs, policies, problems } = preview;
  const warnings = problems.map((problem) => problemLine(file, problem)).join('\n');
  const parts = policies.map((policy) => policyText(policy, { launches, fromMs }));
  return [...parts, ...(warnings === '' ? [] : [warnings])].join('\n\n');
}

function policyText(preview: PolicyPreview, { launches, fromMs }: Shown): string {
  const first = preview.occurrences.find((occurrence) =>
    occurrence.launches.some(({ isSnoozed }) => !isSnoozed),
  );
  return [
    headText(preview, fromMs),
    table(occurrenceColumns(preview), preview.occurrences, stdoutPaper()),
    ...(first === undefined ? [] : [launchesText(preview, first, launches)]),
  ].join('\n\n');
}

function headText(preview: PolicyPreview, fromMs: number): string {
  const { policy, isActive, scope, contentHash, configHash } = preview;
  const { snooze } = policy;
  const rows: readonly (readonly [string, string])[] = [
    ['executes', contentWords(policy)],
    ['schedule', scheduleWords(policy)],
    ['window', windowWords(policy)],
    ['branches', policy.branches.length === 0 ? 'the default branch' : policy.branches.join(', ')],
    ['scope', scopeWords(policy.scope)],
    ['projects', projectsText(scope)],
    ...(snooze === null || snooze.untilMs <= fromMs
      ? []
      : [['snoozed', snoozeText(snooze, policy.schedule.timeZone)] as const]),
    ['content', contentHash],
    ['config', configHash],
  ];
  const title = `${paint('bold', policy.displayName)}${stateText(policy.enabled, isActive)}`;
  return [title, ...rows.map(([name, text]) => `  ${name.padEnd(10)}${text}`)].join('\n');
}

function stateText(enabled: boolean, isActive: boolean): string {
  if (!enabled) return paint('warn', '  not enabled: nothing of this happens before it is');
  return isActive ? '' : paint('warn', '  not active: too many policies before it in the file');
}

function snoozeText(snooze: NonNullable<PolicyPreview['policy']['snooze']>, timeZone: string): string {
  return `until ${zonedText(timeZone, snooze.untilMs)}${snooze.reason === null ? '' : `: ${snooze.reason}`}`;
}

function projectsText(scope: PolicyPreview['scope']): string {
  switch (scope.kind) {
    case 'none':
      return 'not known; --projects says how many there are, or which';
    case 'assumed':
      return `${scope.projects.length}, as given`;
    case 'listed': {
      const sure = scope.projects.length - scope.unknown.length;
      const [open] = scope.unknown;
      const unknown =
        open === undefined ? '' : `, ${scope.unknown.length} perhaps (${open.project}: ${open.reason})`;
      const [left] = scope.out;
      const out = left === undefined ? '' : `, ${scope.out.length} out (${left.project}: ${left.reason})`;
      return `${sure} in${unknown}${out}`;
    }
  }
}

function occurrenceColumns({ policy }: PolicyPreview): readonly Column<OccurrencePreview>[] {
  const { timeZone } = policy.schedule;
  return [
    { title: 'WINDOW OPENS', text: ({ startsAtMs }) => zonedText(timeZone, startsAtMs) },
    { title: 'CLOSES', text: ({ endsAtMs, startsAtMs }) => closes(timeZone, startsAtMs, endsAtMs) },
    {
      title: 'IN UTC',
      text: ({ startsAtMs }) => new Date(startsAtMs).toISOString().slice(0, 16).concat('Z'),
    },
    { title: 'LAUNCHES', align: 'right', text: (occurrence) => launchCount(occurrence) },
    { title: 'NOTE', text: noteOf, style: (occurrence) => (noteOf(occurrence) === '' ? 'plain' : 'warn') },
  ];
}

function closes(timeZone: string, startsAtMs: number, endsAtMs: number): string {
  const [opening, closing] = [zonedText(timeZone, startsAtMs), zonedText(timeZone, endsAtMs)];
  return opening.slice(0, 14) === closing.slice(0, 14) ? closing.slice(15, 20) : closing.slice(0, 20);
}

function launchCount({ launches }: OccurrencePreview): string {
  return launches.length === 0 ? '-' : `${launches.filter(({ isSnoozed }) => !isSnoozed).length}`;
}

const CLOCK_NOTES: Readonly<Record<OccurrencePreview['clock'], string>> = {
  none: '',
  moved: 'clocks go forward: the first moment after the gap',
  'first-pass': 'clocks go back: the first of two such times',
  'second-pass': 'clocks go back: the second of two such times',
};

function noteOf({ clock, launches }: OccurrencePreview): string {
  const snoozed = launches.filter(({ isSnoozed }) => isSnoozed).length;
  const parts = [CLOCK_NOTES[clock], snoozed === 0 ? '' : `${snoozed} snoozed`];
  return parts.filter((part) => part !== '').join('; ');
}

function launchesText(preview: PolicyPreview, first: OccurrencePreview, shown: number): string {
  const { policy } = preview;
  const { timeZone } = policy.schedule;
  const title = paint('bold', `Launches of ${zonedText(timeZone, first.startsAtMs)}`);
  const whose =
    policy.format === 'gitlab'
      ? ['(as Penstock draws them; GitLab draws its own moments, one for all branches of a project)']
      : [];
  const bars = policy.window.spread === 'paced' ? [] : [barsText(preview, first)];
  const launches = first.launches.filter(({ isSnoozed }) => !isSnoozed);
  const rows = launches.slice(0, shown);
  const listed = rows.length === 0 ? [] : [table(launchColumns(preview, first), rows, stdoutPaper())];
  const more = launches.length - rows.length;
  const rest = more > 0 ? [`${more} more; --launches ${launches.length} lists all.`] : [];
  return [[title, ...whose].join('\n'), ...bars, ...listed, ...rest].join('\n\n');
}

const BAR_WIDTH = 40;

function barsText({ policy }: PolicyPreview, first: OccurrencePreview): string {
  const counts = launchesByPart(first, PARTS);
  const most = Math.max(1, ...counts);
  const partMs = policy.window.lengthMs / PARTS;
  const lines = counts.map((count, part) => {
    const at = zonedTimeText(policy.schedule.timeZone, first.startsAtMs + part * partMs, first.day);
    return `  ${at.slice(-8)}  ${String(count).padStart(6)}  ${'█'.repeat(Math.round((count / most) * BAR_WIDTH))}`.trimEnd();
  });
  return [`  launches in each ${span(partMs)}`, ...lines].join('\n');
}

function launchColumns({ policy }: PolicyPreview, first: OccurrencePreview): readonly Column<Launch>[] {
  const { timeZone } = policy.schedule;
  return [
    { title: 'AT', text: ({ atMs }) => zonedTimeText(timeZone, atMs, first.day) },
    { title: 'PROJECT', text: ({ project }) => project },
    { title: 'BRANCH', text: ({ branch }) => branch ?? '(default)' },
  ];
}
