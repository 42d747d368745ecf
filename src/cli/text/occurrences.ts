/** Occurrences of a policy and their launches as tables, with what became of each. */
import type { z } from 'zod';
import type {
  LaunchesSchema,
  OccurrenceBody,
  OccurrencesSchema,
  OrderedOccurrenceSchema,
} from '../../api/contract/policies.ts';
import { stdoutPaper } from './stdout-paper.ts';
import { type Column, table } from './table.ts';
import { clock, moment, span } from './when.ts';

type Launches = z.output<typeof LaunchesSchema>;
type Launch = Launches['launches'][number];

export function orderedText(name: string, ordered: z.output<typeof OrderedOccurrenceSchema>): string {
  const { created, occurrence } = ordered;
  const { key, startsAtMs, endsAtMs, launches } = occurrence;
  const count = Object.values(launches).reduce((sum, one) => sum + one, 0);
  const projects = `${count} ${count === 1 ? 'launch' : 'launches'} over ${span(endsAtMs - startsAtMs)}`;
  const head = created
    ? `${name} runs now: ${projects}.`
    : `${name} was ordered with this key before: ${projects}.`;
  return `${head}\n"penstock policy launches ${name} ${key}" shows what becomes of them.`;
}

export function occurrencesText(page: z.output<typeof OccurrencesSchema>, nowMs: number): string {
  if (page.occurrences.length === 0) return 'There was no occurrence yet, and there is none within the hour.';
  const more = page.next === null ? '' : '\n\nThere are more; --limit shows them.';
  return `${table(occurrenceColumns(nowMs), page.occurrences, stdoutPaper())}${more}`;
}

function occurrenceColumns(nowMs: number): readonly Column<OccurrenceBody>[] {
  return [
    { title: 'OCCURRENCE', text: ({ key }) => key },
    { title: 'OPENS', text: ({ startsAtMs }) => moment(nowMs, startsAtMs) },
    { title: 'CLOSES', text: ({ endsAtMs }) => clock(nowMs, endsAtMs) },
    { title: 'BECAUSE OF', text: ({ cause, askedBy }) => (cause === 'order' ? `${askedBy}` : 'schedule') },
    { title: 'LAUNCHES', text: countsText },
    { title: 'NOTE', text: ({ reason }) => reason ?? '', yieldsTo: 20 },
  ];
}

/** "14 planned, 2 launched (1 succeeded)" */
function countsText({ launches, outcomes }: OccurrenceBody): string {
  const ended = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  const parts = Object.entries(launches).map(([state, count]) => {
    const how = state === 'launched' && ended.length > 0 ? ` (${ended.join(', ')})` : '';
    return `${count} ${state}${how}`;
  });
  return parts.length === 0 ? '-' : parts.join(', ');
}

export function launchesText({ occurrence, launches, next }: Launches, nowMs: number): string {
  const more = next === null ? '' : `\n\nThere are more: --after ${next}`;
  const head = `${occurrence.key}: ${countsText(occurrence)}`;
  if (launches.length === 0) return [head, occurrence.reason ?? ''].join('\n').trimEnd();
  return `${head}\n\n${table(launchColumns(nowMs), launches, stdoutPaper())}${more}`;
}

function launchColumns(nowMs: number): readonly Column<Launch>[] {
  return [
    { title: 'AT', text: ({ atMs }) => clock(nowMs, atMs) },
    { title: 'PROJECT', text: ({ project }) => project },
    { title: 'BRANCH', text: ({ branch }) => branch ?? '(default)' },
    {
      title: 'STATE',
      text: ({ state, outcome }) => outcome ?? state,
      style: ({ state }) => (['missed', 'failed'].includes(state) ? 'warn' : 'plain'),
    },
    { title: 'RUN', text: ({ runId }) => runId ?? '-' },
    { title: 'WHY', text: ({ reason }) => reason ?? '', yieldsTo: 20 },
  ];
}
