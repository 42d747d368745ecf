/**
 * How a PipelineRun ended.
 *
 * Always true: ended is what its condition `Succeeded` says with True or False, never what a
 * list of reasons says; one that never ran a task (cancelled while held, its pipeline not to
 * be found) is no measured duration, though Tekton gives it a start and an end.
 */
import type { Outcome } from '../../../core/model/run.ts';
import { instant } from '../instants.ts';
import type { RawObject } from '../kubernetes/api.ts';

export interface Ending {
  readonly outcome: Outcome;
  /** For a person, one line; null for a plain success. */
  readonly reason: string | null;
  readonly atMs: number | null;
  readonly neverRan: boolean;
}

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

interface EndedStatus {
  readonly conditions?: readonly Condition[];
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly childReferences?: readonly unknown[];
}

const REASON_LENGTH_MAX = 300;
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  Cancelled: 'cancelled',
  StoppedRunFinally: 'cancelled',
  CancelledRunFinally: 'cancelled',
  PipelineRunCancelled: 'cancelled',
  PipelineRunTimeout: 'timed-out',
};

export function endingOf(
  raw: RawObject,
  startedAtMs: number | null,
  cancelReason: string | null,
): Ending | null {
  const status = (raw.status ?? {}) as EndedStatus;
  if (neverBegan(raw, status))
    return { outcome: 'cancelled', reason: cancelReason ?? 'Cancelled', atMs: null, neverRan: true };
  const condition = status.conditions?.find((one) => one.type === 'Succeeded');
  if (condition?.status !== 'True' && condition?.status !== 'False') return null;
  const atMs = instant(status.completionTime) ?? instant(condition.lastTransitionTime);
  if (condition.status === 'True') return { outcome: 'succeeded', reason: null, atMs, neverRan: false };
  const outcome = OUTCOMES[condition.reason ?? ''] ?? 'failed';
  const neverRan = ranNothing(status) && tookNoTime(startedAtMs, atMs);
  return { outcome, reason: reasonOf(condition, outcome, cancelReason), atMs, neverRan };
}

/** Cancelled while held: Tekton has only to say so, and nothing of it will run. */
function neverBegan(raw: RawObject, { startTime, conditions = [] }: EndedStatus): boolean {
  const asked = (raw.spec as { readonly status?: string } | undefined)?.status;
  const isSaid = conditions.some(({ status }) => status === 'True' || status === 'False');
  return asked === 'Cancelled' && startTime === undefined && !isSaid;
}

function ranNothing({ childReferences = [] }: EndedStatus): boolean {
  return childReferences.length === 0;
}

function tookNoTime(startedAtMs: number | null, endedAtMs: number | null): boolean {
  return startedAtMs === null || endedAtMs === null || endedAtMs <= startedAtMs;
}

function reasonOf(condition: Condition, outcome: Outcome, cancelReason: string | null): string {
  if (outcome === 'cancelled' && cancelReason !== null) return cancelReason;
  const title = outcome === 'timed-out' ? 'timeout' : (condition.reason ?? 'Failed');
  const text = [title, condition.message].filter(Boolean).join(': ').replaceAll(/\s+/g, ' ');
  return text.length <= REASON_LENGTH_MAX ? text : `${text.slice(0, REASON_LENGTH_MAX - 3)}...`;
}
