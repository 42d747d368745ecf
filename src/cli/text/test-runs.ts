/** Test runs as a table, and one in full. */
import type { TestRunBody } from '../../api/contract/test-runs.ts';
import { stdoutPaper } from './stdout-paper.ts';
import type { Style } from './style.ts';
import { type Column, table } from './table.ts';
import { moment, span } from './when.ts';

function styleOf({ verdict, endedAtMs }: TestRunBody): Style {
  if (verdict === 'success') return 'good';
  if (verdict === 'failure') return 'bad';
  return endedAtMs === null ? 'plain' : 'warn';
}

/** Of one that was just asked for. */
export function askedText({ id, policy, project, state }: TestRunBody): string {
  return `Test run ${id} of ${policy} on ${project}: ${state}. "penstock test-run show ${policy} ${id}" says how it goes.`;
}

export function testRunsText(testRuns: readonly TestRunBody[]): string {
  if (testRuns.length === 0) return 'There are no test runs of this policy that you may see.';
  return table(columns(Date.now()), testRuns, stdoutPaper());
}

function columns(nowMs: number): readonly Column<TestRunBody>[] {
  return [
    { title: 'TEST RUN', text: ({ id }) => id },
    { title: 'STATE', text: ({ state }) => state, style: styleOf },
    { title: 'PROJECT', text: ({ project }) => project, yieldsTo: 8 },
    { title: 'ASKED BY', text: ({ askedBy }) => askedBy, yieldsTo: 8 },
    { title: 'ASKED', text: ({ askedAtMs }) => moment(nowMs, askedAtMs) },
    { title: 'QUEUED', align: 'right', text: ({ queuedMs }) => (queuedMs === null ? '' : span(queuedMs)) },
    { title: 'RAN', align: 'right', text: ({ durationMs }) => (durationMs === null ? '' : span(durationMs)) },
  ];
}

export function testRunText(testRun: TestRunBody): string {
  const { state, reason, resources, queuedMs, durationMs, endedAtMs } = testRun;
  const nowMs = Date.now();
  const { cpuSeconds, peakMemoryBytes, jobSeconds } = resources;
  const rows: readonly (readonly [string, string | null])[] = [
    ['test run', testRun.id],
    ['policy', `${testRun.policy} (content ${testRun.contentHash.slice(0, 12)})`],
    ['state', `${state}${testRun.ending ? ', about to end' : ''}${reason === null ? '' : `: ${reason}`}`],
    ['project', testRun.branch === null ? testRun.project : `${testRun.project}, branch ${testRun.branch}`],
    ['asked', `${moment(nowMs, testRun.askedAtMs)} by ${testRun.askedBy}`],
    ['run', testRun.runId],
    ['queued', queuedMs === null ? null : span(queuedMs)],
    ['ran', durationMs === null ? null : span(durationMs)],
    ['ended', endedAtMs === null ? null : moment(nowMs, endedAtMs)],
    ['CPU time', cpuSeconds === null ? null : `${cpuSeconds.toFixed(2)} s`],
    ['memory', peakMemoryBytes === null ? null : `at most ${Math.ceil(peakMemoryBytes / 1_000_000)} MB`],
    ['tasks ran', jobSeconds === null ? null : `${jobSeconds.toFixed(1)} s together`],
  ];
  const shown = rows.filter((row): row is readonly [string, string] => row[1] !== null);
  return shown.map(([label, text]) => `${`${label}:`.padEnd(11)}${text}`).join('\n');
}
