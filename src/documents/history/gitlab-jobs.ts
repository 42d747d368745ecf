/**
 * GitLab's jobs, put together to the pipelines they belong to. As GitLab does, a pipeline's
 * duration is the union of the intervals of its jobs, of each the latest attempt: waiting for
 * a runner is no part of it. The intervals are its profile.
 */
import { profileOf, type TaskSpan } from '../../core/model/profile.ts';
import type { Outcome } from '../../core/model/run.ts';
import { betweenMoments, durationOf } from './duration-field.ts';
import { type Entry, instantOf, isNoSample } from './entry.ts';
import { outcomeOf, ranOut } from './gitlab-status.ts';
import { projectOf } from './project-field.ts';
import { pipelineKey } from './rows.ts';
import { type HistorySample, NOTHING_SAID, type NotASample } from './sample.ts';

/** One attempt of a job that has run. */
export interface Job {
  readonly pipeline: string;
  readonly project: string;
  readonly projectId: number | null;
  readonly branch: string | null;
  readonly name: string;
  readonly id: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly queuedMs: number | null;
  readonly outcome: Outcome;
  readonly mayFail: boolean;
  readonly failureReason: string | null;
  /** Of the pipeline, where the row says it. */
  readonly pipelineStatus: string | null;
}

/** One row; jobs that were skipped or have not run are no part of the pipeline's duration. */
export function jobOf(entry: Entry): Job | NotASample {
  const pipeline = entry.firstText('pipeline.id', 'pipeline_id', 'pipeline');
  if (pipeline === null) {
    return { because: 'malformed', column: 'pipeline', reason: 'does not say which pipeline it is of' };
  }
  const named = projectOf(entry);
  if (isNoSample(named)) return named;
  const failureReason = entry.text('failure_reason');
  const outcome = outcomeOf(entry.text('status'), failureReason);
  if (isNoSample(outcome)) return outcome;
  const times = timesOf(entry);
  if (isNoSample(times)) return times;
  return {
    pipeline,
    ...named,
    ...times,
    branch: entry.firstText('ref', 'pipeline.ref'),
    name: entry.text('name') ?? 'job',
    id: entry.number('id') ?? 0,
    outcome,
    mayFail: entry.text('allow_failure') === 'true',
    failureReason,
    pipelineStatus: entry.firstText('pipeline.status', 'pipeline_status'),
  };
}

function timesOf(entry: Entry): Pick<Job, 'startedAtMs' | 'endedAtMs' | 'queuedMs'> | NotASample {
  const startedAtMs = instantOf(entry, 'started_at');
  if (isNoSample(startedAtMs)) return startedAtMs;
  if (startedAtMs === null)
    return { because: 'unfinished', column: 'started_at', reason: 'it never started' };
  const lasted =
    durationOf(entry, 'duration', 1_000) ?? betweenMoments(entry, 'started_at', 'finished_at') ?? 0;
  if (isNoSample(lasted)) return lasted;
  const queuedMs = durationOf(entry, 'queued_duration', 1_000);
  return {
    startedAtMs,
    endedAtMs: startedAtMs + Math.round(lasted),
    queuedMs: isNoSample(queuedMs) ? null : queuedMs,
  };
}

/** @param jobs of one pipeline, at least one */
export function pipelineOfJobs(jobs: readonly Job[]): HistorySample | NotASample {
  const latest = latestAttempts(jobs);
  const [first] = latest as [Job, ...Job[]];
  const outcome = outcomeOfJobs(latest);
  if (isNoSample(outcome)) return outcome;
  const startedAtMs = Math.min(...latest.map((job) => job.startedAtMs));
  const spans = latest.map(
    ({ name, startedAtMs: fromMs, endedAtMs }): TaskSpan => ({
      task: name,
      fromMs: fromMs - startedAtMs,
      toMs: endedAtMs - startedAtMs,
      platform: null,
      cpuRequestMillis: null,
      memoryRequestBytes: null,
    }),
  );
  const queued = latest.map(({ queuedMs }) => queuedMs ?? 0);
  return {
    ...NOTHING_SAID,
    key: pipelineKey(first.pipeline),
    project: first.project,
    projectId: first.projectId,
    branch: first.branch,
    startedAtMs,
    durationMs: unionMs(spans),
    queuedMs: Math.max(...queued),
    outcome,
    failureReason: latest.find((job) => decides(job))?.failureReason ?? null,
    jobMs: jobs.reduce((sum, job) => sum + job.endedAtMs - job.startedAtMs, 0),
    profile: profileOf(withoutGaps(spans)),
  };
}

function latestAttempts(jobs: readonly Job[]): readonly Job[] {
  const byName = new Map<string, Job>();
  for (const job of jobs) {
    const known = byName.get(job.name);
    if (known === undefined || job.id > known.id) byName.set(job.name, job);
  }
  return [...byName.values()];
}

function outcomeOfJobs(jobs: readonly Job[]): Outcome | NotASample {
  const status = jobs.find((job) => job.pipelineStatus !== null)?.pipelineStatus ?? null;
  const failed = jobs.filter((job) => decides(job));
  const isLate = failed.some((job) => job.outcome === 'timed-out' || ranOut(job.failureReason));
  if (status !== null) {
    const outcome = outcomeOf(status, null);
    return outcome === 'failed' && isLate ? 'timed-out' : outcome;
  }
  if (failed.length > 0) return isLate ? 'timed-out' : 'failed';
  return jobs.some(({ outcome }) => outcome === 'cancelled') ? 'cancelled' : 'succeeded';
}

/** Whether the pipeline failed by it. */
function decides({ outcome, mayFail }: Job): boolean {
  return (outcome === 'failed' || outcome === 'timed-out') && !mayFail;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function unionMs(spans: readonly Span[]): number {
  return covered(spans).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** What is covered by any of them, in pieces, ascending. */
function covered(spans: readonly Span[]): readonly Span[] {
  const pieces: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = pieces.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else pieces.push({ fromMs, toMs });
  }
  return pieces;
}

/** The spans as they would lie had nothing waited: the gaps in which no job ran are closed. */
function withoutGaps(spans: readonly TaskSpan[]): readonly TaskSpan[] {
  const pieces = covered(spans);
  const moved = (ms: number): number => {
    let before = 0;
    for (const { fromMs, toMs } of pieces) {
      if (ms <= toMs) return before + Math.max(0, ms - fromMs);
      before += toMs - fromMs;
    }
    return before;
  };
  return spans.map((span) => ({ ...span, fromMs: moved(span.fromMs), toMs: moved(span.toMs) }));
}
