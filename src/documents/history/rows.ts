/** Rows that are samples by themselves: GitLab's pipelines, Penstock's own export, and plain tables. */
import { hash32 } from '../../core/random/random.ts';
import { shown } from '../table/rows.ts';
import { betweenMoments, durationOf } from './duration-field.ts';
import { type Entry, instantOf, isNoSample } from './entry.ts';
import { outcomeOf } from './gitlab-status.ts';
import { profileField, usageOf } from './measures.ts';
import { projectOf } from './project-field.ts';
import { type HistorySample, NOTHING_SAID, type NotASample } from './sample.ts';

export type ReadSample = (entry: Entry) => HistorySample | NotASample;

const SECOND_MS = 1_000;
const NO_DURATION: NotASample = {
  because: 'no-duration',
  column: 'duration',
  reason: 'there is no duration, nor when it started and finished',
};

/** As `GET /projects/:id/pipelines/:pipeline` or GraphQL tell of it. */
export function pipelineSample(entry: Entry): HistorySample | NotASample {
  const id = entry.text('id') ?? entry.text('pipeline_id');
  if (id === null) return { because: 'malformed', column: 'id', reason: 'there is none' };
  return sampleOf(entry, { key: pipelineKey(id), duration: 'duration', unitMs: SECOND_MS });
}

/** The same for REST's `771204` and GraphQL's `gid://gitlab/Ci::Pipeline/771204`. */
export function pipelineKey(id: string): string {
  return `gitlab-pipeline-${id.slice(id.lastIndexOf('/') + 1)}`;
}

/** As `penstock history export` writes it. */
export function penstockSample(entry: Entry): HistorySample | NotASample {
  const id = entry.text('id') ?? entry.text('run_id');
  if (id === null) return { because: 'malformed', column: 'id', reason: 'there is none' };
  return sampleOf(entry, { key: id, duration: 'durationMs', unitMs: 1 });
}

/** Any table with a project (or workflow) and `duration_s`. */
export function tableSample(entry: Entry): HistorySample | NotASample {
  const named = projectOf(entry);
  if (isNoSample(named)) return named;
  const seq = entry.text('seq') ?? entry.text('id') ?? entry.text('started_at');
  const all = ['branch', 'duration_s', 'status'].map((name) => entry.text(name)).join('\n');
  const key = `table-${hash32(`${named.project}\n${seq ?? all}`)}-${named.project}-${seq ?? hash32(all)}`;
  const number = entry.number('seq');
  if (number !== null && !(Number.isInteger(number) && number >= 0)) {
    const reason = `"${shown(entry.text('seq') ?? '')}" is not a whole number from 0 on`;
    return { because: 'malformed', column: 'seq', reason };
  }
  return sampleOf(entry, { key, duration: 'duration_s', unitMs: SECOND_MS });
}

interface How {
  readonly key: string;
  readonly duration: string;
  readonly unitMs: number;
}

function sampleOf(entry: Entry, { key, duration, unitMs }: How): HistorySample | NotASample {
  const named = projectOf(entry);
  if (isNoSample(named)) return named;
  const failureReason = entry.text('failure_reason');
  const outcome = outcomeOf(entry.text('status') ?? entry.text('outcome'), failureReason);
  if (isNoSample(outcome)) return outcome;
  const said = durationOf(entry, duration, unitMs) ?? betweenMoments(entry, 'started_at', 'finished_at');
  if (said === null) return NO_DURATION;
  if (isNoSample(said)) return said;
  const startedAtMs = instantOf(entry, 'started_at') ?? instantOf(entry, 'started_at_ms') ?? createdMs(entry);
  if (isNoSample(startedAtMs)) return startedAtMs;
  const queuedMs = durationOf(entry, 'queued_duration', SECOND_MS) ?? durationOf(entry, 'queuedMs', 1);
  const jobMs = durationOf(entry, 'job_seconds', SECOND_MS);
  return {
    ...NOTHING_SAID,
    key,
    ...named,
    branch: entry.text('ref') ?? entry.text('branch'),
    contentHash: entry.text('content_hash'),
    configHash: entry.text('config_hash'),
    startedAtMs,
    durationMs: said,
    queuedMs: isNoSample(queuedMs) ? null : queuedMs,
    outcome,
    failureReason,
    cause: causeOf(entry.text('cause')),
    jobMs: isNoSample(jobMs) ? null : jobMs,
    usage: usageOf(entry),
    profile: profileField(entry),
  };
}

/** Lists of pipelines have no start; when they were created orders them as well. */
function createdMs(entry: Entry): number | null | NotASample {
  return instantOf(entry, 'created_at');
}

function causeOf(text: string | null): HistorySample['cause'] {
  return text === 'launch' || text === 'test-run' ? text : null;
}
