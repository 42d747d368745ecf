/** What GitLab's status of a pipeline or job means for a sample, after its REST and GraphQL APIs. */
import type { Outcome } from '../../core/model/run.ts';
import { shown } from '../table/rows.ts';
import type { NotASample } from './sample.ts';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  success: 'succeeded',
  succeeded: 'succeeded',
  complete: 'succeeded',
  failed: 'failed',
  failure: 'failed',
  canceled: 'cancelled',
  cancelled: 'cancelled',
  'timed-out': 'timed-out',
  timedout: 'timed-out',
  timed_out: 'timed-out',
};

/** Reasons that mean that time ran out. */
const TIMEOUT_REASONS = new Set([
  'job_execution_timeout',
  'job_execution_server_timeout',
  'stuck_or_timeout_failure',
]);

const UNFINISHED = new Set(
  'created waiting_for_resource preparing waiting_for_callback pending running canceling manual scheduled held starting'.split(
    ' ',
  ),
);

/** Without a status a run is taken to have succeeded: whoever lists durations lists runs that ended. */
export function outcomeOf(status: string | null, failureReason: string | null): Outcome | NotASample {
  if (status === null) return 'succeeded';
  const text = status.toLowerCase();
  const outcome = OUTCOMES[text];
  if (outcome !== undefined) return outcome === 'failed' && ranOut(failureReason) ? 'timed-out' : outcome;
  if (text === 'skipped') return { because: 'skipped', column: 'status', reason: 'it was skipped' };
  if (UNFINISHED.has(text)) {
    return { because: 'unfinished', column: 'status', reason: `it is ${text}: not finished` };
  }
  return { because: 'malformed', column: 'status', reason: `"${shown(status)}" is no status` };
}

export function ranOut(failureReason: string | null): boolean {
  return failureReason !== null && TIMEOUT_REASONS.has(failureReason.toLowerCase());
}
