/** Runs as a table, one run in full, and the logs of one. */
import type { z } from 'zod';
import type { LogsSchema, RunDetailSchema, RunSchema, RunsSchema } from '../../api/contract.ts';
import { stdoutPaper } from './stdout-paper.ts';
import type { Style } from './style.ts';
import { type Column, table } from './table.ts';
import { moment, span } from './when.ts';

type Run = z.output<typeof RunSchema>;
type RunDetail = z.output<typeof RunDetailSchema>;
type Profile = NonNullable<RunDetail['profile']>;

const STATE_STYLES: Readonly<Record<Run['state'], Style>> = {
  held: 'plain',
  starting: 'plain',
  running: 'bold',
  succeeded: 'good',
  failed: 'bad',
  'timed-out': 'bad',
  cancelled: 'warn',
};

export function runsText(page: z.output<typeof RunsSchema>, nowMs: number): string {
  if (page.runs.length === 0) return 'There are no runs yet; "penstock run create -f FILE" makes some.';
  const more = page.next === null ? '' : `\n\nMore with --limit, or --before ${page.next}`;
  return `${table(columns(nowMs), page.runs, stdoutPaper())}${more}`;
}

function columns(nowMs: number): readonly Column<Run>[] {
  return [
    { title: 'RUN', text: (run) => run.id },
    { title: 'STATE', text: (run) => run.state, style: (run) => STATE_STYLES[run.state] },
    { title: 'TENANT', text: (run) => run.tenant, yieldsTo: 8 },
    { title: 'PROJECT', text: (run) => run.project, yieldsTo: 8 },
    { title: 'SINCE', text: (run) => moment(nowMs, sinceMs(run)) },
    { title: 'RAN', align: 'right', text: (run) => ranFor(run, nowMs) },
  ];
}

function sinceMs(run: Run): number {
  return run.finishedAtMs ?? run.startedAtMs ?? run.heldSinceMs;
}

function ranFor(run: Run, nowMs: number): string {
  return run.startedAtMs === null ? '' : span((run.finishedAtMs ?? nowMs) - run.startedAtMs);
}

export function runText(run: RunDetail, nowMs: number): string {
  const requests = Object.entries(run.requests).map(([pool, units]) => `${pool}=${units}`);
  const rows: readonly (readonly [string, string | null])[] = [
    ['run', run.id],
    ['state', run.outcomeReason === null ? run.state : `${run.state}: ${run.outcomeReason}`],
    ['project', run.project],
    ['tenant', run.tenant],
    ['priority', run.priority],
    ['requests', requests.join(', ')],
    ['held since', moment(nowMs, run.heldSinceMs)],
    ['started', run.startedAtMs === null ? null : moment(nowMs, run.startedAtMs)],
    ['finished', run.finishedAtMs === null ? null : moment(nowMs, run.finishedAtMs)],
    ['waited', run.startedAtMs === null ? null : span(run.startedAtMs - run.heldSinceMs)],
    ['ran', run.startedAtMs === null ? null : ranFor(run, nowMs)],
    ['timeout', run.timeoutMs === null ? 'none' : `${span(run.timeoutMs)} from its start`],
    ['used', run.usage === null ? null : usageText(run.usage)],
    ['content', run.contentHash],
  ];
  const facts = rows
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(12)}${value}`)
    .join('\n');
  return run.profile === null ? facts : `${facts}\n\n${profileText(run.profile)}`;
}

function profileText({ tasks, tasksLeftOut }: Profile): string {
  const shown = table(spanColumns(tasks), tasks, stdoutPaper());
  return tasksLeftOut === 0 ? shown : `${shown}\nand ${tasksLeftOut} shorter ones`;
}

/** Only columns that say something. */
function spanColumns(tasks: Profile['tasks']): readonly Column<Profile['tasks'][number]>[] {
  const all: readonly Column<Profile['tasks'][number]>[] = [
    { title: 'TASK', text: ({ task }) => task },
    { title: 'FROM', align: 'right', text: ({ fromMs }) => `+${span(fromMs)}` },
    { title: 'TO', align: 'right', text: ({ toMs }) => `+${span(toMs)}` },
    { title: 'PLATFORM', text: ({ platform }) => platform ?? '' },
    {
      title: 'CPU',
      align: 'right',
      text: ({ cpuRequestMillis }) => (cpuRequestMillis === null ? '' : `${cpuRequestMillis / 1000}`),
    },
    {
      title: 'MEMORY',
      align: 'right',
      text: ({ memoryRequestBytes }) => (memoryRequestBytes === null ? '' : mebibytes(memoryRequestBytes)),
    },
  ];
  return all.filter((column) => tasks.some((task) => column.text(task) !== ''));
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

function usageText(usage: NonNullable<Run['usage']>): string {
  return `${usage.cpuSeconds.toFixed(2)} s of CPU, ${mebibytes(usage.peakMemoryBytes)} of memory at the peak`;
}

export function logsText(logs: z.output<typeof LogsSchema>): string {
  if (logs.steps.length === 0) return 'It has written nothing yet.';
  return logs.steps
    .map(({ task, step, text }) => `== ${task} / ${step}\n${text.replace(/\n$/, '')}`)
    .join('\n\n');
}

export function createdText(ids: readonly string[]): string {
  const [first] = ids;
  if (ids.length === 1) return `Created ${first}, held until it fits. "penstock explain ${first}" says when.`;
  return `Created ${ids.length} runs, ${first} to ${ids.at(-1)}, held until they fit. "penstock queue" says when.`;
}
