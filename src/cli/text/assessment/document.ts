/**
 * The report of an assessment, the most important first: does it fit, when is it over, how
 * much runs at once; then how sure that is, and what it takes for granted.
 */
import type { Assessment } from '../../../core/assessment/report.ts';
import type { Gathered } from '../../assessment/gather.ts';
import type { Block } from './blocks.ts';
import { comparedBlocks, recommendationBlocks } from './compared.ts';
import { confidenceLines } from './confidence.ts';
import { figureRows } from './figures.ts';
import { count, counted, dateAndTime, length, timeOfDay } from './said.ts';
import { timelineLines } from './timeline.ts';
import { answerCell, checkRows } from './verdict.ts';

export type Gathering = Pick<Gathered, 'file' | 'histories' | 'areProjectsAssumed' | 'guessFactor'> & {
  readonly guess: Gathered['question']['guess'];
  /** What waits and runs now, and launches of other policies, were simulated along. */
  readonly isWithQueue: boolean;
};

export function assessmentBlocks(assessment: Assessment, gathering: Gathering): readonly Block[] {
  const { policy, evidence, warnings } = assessment;
  return [
    { kind: 'title', text: policy.displayName, answer: answerCell(assessment.verdict) },
    { kind: 'text', lines: [what(assessment)] },
    { kind: 'heading', text: 'Does it fit' },
    {
      kind: 'table',
      titles: ['', 'HAS TO HOLD', 'HOLDS IN', 'P10 TO P90'],
      right: [],
      rows: checkRows(assessment),
    },
    { kind: 'heading', text: 'What will happen' },
    { kind: 'table', titles: ['', 'LIKELY', 'P10 TO P90', ''], right: [1], rows: figureRows(assessment) },
    { kind: 'heading', text: 'Over time' },
    { kind: 'drawing', lines: timelineLines(assessment) },
    ...limits(assessment),
    ...recommendationBlocks(assessment),
    ...comparedBlocks(assessment),
    { kind: 'heading', text: `How sure is this: ${SURE[evidence.confidence]}` },
    { kind: 'text', lines: confidenceLines(evidence, gathering) },
    ...list('Worth knowing', [...histories(gathering), ...warnings.map(({ message }) => message)]),
    ...list('Taken for granted', assumptions(assessment, gathering)),
  ];
}

const SURE = {
  none: 'not at all',
  guess: 'as sure as the guess',
  low: 'little',
  fair: 'fairly',
  good: 'quite',
} as const;

function what({ policy, occurrence, scope }: Assessment): string {
  const { timeZone } = policy;
  const branches = scope.branches.length > 1 ? `, ${scope.branches.length} branches each` : '';
  const out = scope.out.length === 0 ? '' : `, ${count(scope.out.length)} more out of scope`;
  const less = [
    ...(scope.snoozed === 0 ? [] : [`${count(scope.snoozed)} snoozed`]),
    ...(scope.jumpedOver === 0 ? [] : [`about ${count(scope.jumpedOver)} lost, as GitLab jumps over them`]),
  ];
  const but = less.length === 0 ? '' : ` (${less.join(', ')})`;
  const opens = dateAndTime(timeZone, occurrence.opensAtMs);
  const closes = timeOfDay(timeZone, occurrence.closesAtMs, occurrence.day);
  const draft = policy.enabled ? '' : ' It is not enabled; this is what enabling it would do.';
  return `${counted(scope.launches, 'pipeline')} for ${counted(scope.projects, 'project')}${branches}${out}${but}, launched from ${opens} to ${closes} (${timeZone}).${draft}`;
}

function limits(assessment: Assessment): readonly Block[] {
  const lines = [...limitLine(assessment), ...overlapLines(assessment), ...gitlabLine(assessment)];
  return lines.length === 0
    ? []
    : [
        { kind: 'heading', text: 'Why' },
        { kind: 'list', items: lines },
      ];
}

function limitLine({ limit, finish, occurrence }: Assessment): readonly string[] {
  if (limit === null) return [];
  if (limit.kind === 'nothing') {
    return ['Nothing waits for a slot: the window and the pipelines themselves decide when it is over.'];
  }
  if (limit.slots === 0) return [`The pool ${limit.pool} has room for none of these pipelines.`];
  const where = `The pool ${limit.pool} is what they wait for: it has room for ${counted(limit.slots ?? 0, 'of them', 'of them')} at once`;
  if (limit.oneMore === null) return [`${where}.`];
  const { soonerMs, lessWaitMs } = limit.oneMore;
  const isLast = finish !== null && finish.lastStartAtMs.p50 > occurrence.closesAtMs;
  const sooner = soonerMs.p50 >= 60_000 && isLast ? `all is done ${length(soonerMs.p50)} sooner` : '';
  const wait = lessWaitMs.p50 >= 1_000 ? `one in ten waits ${length(lessWaitMs.p50)} less` : '';
  const brings = [sooner, wait].filter((text) => text !== '').join(' and ');
  return [`${where}. Room for one more: ${brings === '' ? 'hardly a difference' : brings}.`];
}

function overlapLines({ overlaps, policy, occurrence }: Assessment): readonly string[] {
  return overlaps.map(({ policy: name, opensAtMs, closesAtMs, launches }) => {
    const at = (ms: number): string => timeOfDay(policy.timeZone, ms, occurrence.day);
    return `${name} is launched around the same time, from ${at(opensAtMs)} to ${at(closesAtMs)}: ${counted(launches, 'pipeline')} more want the same slots, and are simulated along.`;
  });
}

function gitlabLine({ gitlabEstimate, policy, execution }: Assessment): readonly string[] {
  if (gitlabEstimate === null || policy.format !== 'gitlab') return [];
  const { totalMs, launchesPerHour } = gitlabEstimate;
  const ratio = execution.totalMs.p50 / totalMs;
  const apart =
    ratio > 1.25 || ratio < 0.8 ? ', which leaves out branches, spread and everything but one run' : '';
  return [
    `GitLab's own estimate would be ${length(totalMs)} in total, ${count(launchesPerHour)} launches an hour${apart}.`,
  ];
}

function histories({ histories: files }: Gathering): readonly string[] {
  return files.flatMap(({ file, samples, zeros, leftOut }) => {
    const reasons = Object.entries(leftOut.byReason).map(
      ([reason, rows]) => `${count(rows)} ${LEFT_OUT[reason] ?? reason}`,
    );
    const [first] = leftOut.first;
    const named =
      first === undefined
        ? ''
        : `; the first in line ${first.line}${first.column === '' ? '' : `, ${first.column}`}: ${first.reason}`;
    return [
      ...(zeros === 0 ? [] : [`${file}: ${counted(zeros, 'run')} of 0 seconds counted as 1 second.`]),
      ...(leftOut.rows === 0
        ? []
        : [
            `${file}: ${counted(leftOut.rows, 'row')} left out beside ${counted(samples, 'sample')} (${reasons.join(', ')})${named}.`,
          ]),
    ];
  });
}

const LEFT_OUT: Readonly<Record<string, string>> = {
  malformed: 'malformed',
  'no-duration': 'without a duration',
  'negative-duration': 'negative',
  'too-long': 'longer than any run can be',
  'in-future': 'in the future',
  duplicate: 'there twice',
  unfinished: 'not finished',
  skipped: 'skipped',
};

function assumptions(
  { policy, occurrence, overlaps, replications, seed }: Assessment,
  gathering: Gathering,
): readonly string[] {
  return [
    ...(gathering.areProjectsAssumed ? ['All projects named by number are in scope and alike.'] : []),
    ...(occurrence.areMomentsKnown
      ? []
      : [
          policy.format === 'gitlab'
            ? 'Moments are drawn as GitLab draws them since 18.10; each future has its own.'
            : 'Moments are drawn anew in each future, as the policy is not registered yet.',
        ]),
    elseOnTheSlots(overlaps.length > 0, gathering.isWithQueue),
    `Each pipeline occupies its slot from start to end. ${count(replications)} futures, seed ${seed}.`,
  ];
}

function elseOnTheSlots(areOthers: boolean, isWithQueue: boolean): string {
  if (isWithQueue)
    return 'Nothing else runs on these slots but what waits and runs now, and what policies launch.';
  return areOthers ? 'Nothing but these policies runs on these slots.' : 'Nothing else runs on these slots.';
}

function list(title: string, items: readonly string[]): readonly Block[] {
  return items.length === 0
    ? []
    : [
        { kind: 'heading', text: title },
        { kind: 'list', items },
      ];
}
