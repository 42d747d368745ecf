/**
 * Cancelling a run: Tekton's own `spec.status: Cancelled`, with the reason beside it. A held
 * one ends at once and never runs.
 */
import type { RunId } from '../../../core/model/run.ts';
import type { CancelOptions, CancelOutcome } from '../../../ports/engine.ts';
import type { ApiOutcome, Cluster, RawObject } from '../kubernetes/api.ts';
import { CANCEL_REASON_ANNOTATION, CONTROLLER, PENDING, pipelineRunPath } from '../names.ts';
import { endingOf } from './ending.ts';
import { placeOf, type RunPlace } from './run-ids.ts';
import { annotate, type PatchStep } from './start-patch.ts';

const REQUEST_LIMIT_MS = 10_000;
/** The object changes while we look at it; it has few states to change through. */
const LOOKS = 5;
const REASON_LENGTH_MAX = 300;

export interface Cancellation extends CancelOptions {
  readonly id: RunId;
  readonly reason: string;
}

export async function cancelRun(
  cluster: Cluster,
  { id, reason, onlyHeld }: Cancellation,
  signal: AbortSignal,
): Promise<CancelOutcome> {
  const place = placeOf(id);
  if (place === null) return { kind: 'missing' };
  for (let look = 0; look < LOOKS; look += 1) {
    const raw = await read(cluster, place, signal);
    if (raw === null) return { kind: 'missing' };
    if (endingOf(raw, null, null) !== null) return { kind: 'finished' };
    if (onlyHeld && !isPending(raw)) return { kind: 'started' };
    const answer = await cluster.request({
      method: 'PATCH',
      path: pipelineRunPath(place.namespace, place.name),
      query: { fieldManager: CONTROLLER },
      contentType: 'application/json-patch+json',
      body: cancelPatch(raw, reason, onlyHeld),
      timeoutMs: REQUEST_LIMIT_MS,
      signal,
    });
    if (answer.kind === 'ok') return { kind: 'accepted' };
    const changedMeanwhile = answer.kind === 'api-status' && [400, 409, 422].includes(answer.code);
    if (!changedMeanwhile) throw new Error(`cancelling ${id}: ${why(answer)}`);
  }
  throw new Error(`cancelling ${id}: it kept changing`);
}

function isPending(raw: RawObject): boolean {
  return (raw.spec as { readonly status?: string } | undefined)?.status === PENDING;
}

function cancelPatch(raw: RawObject, reason: string, onlyHeld: boolean): readonly PatchStep[] {
  const hasAnnotations = Object.keys(raw.metadata.annotations ?? {}).length > 0;
  return [
    { op: 'test', path: '/metadata/uid', value: raw.metadata.uid },
    ...(onlyHeld ? [{ op: 'test', path: '/spec/status', value: PENDING } as const] : []),
    ...annotate({ hasAnnotations }, { [CANCEL_REASON_ANNOTATION]: reason.slice(0, REASON_LENGTH_MAX) }),
    { op: 'add', path: '/spec/status', value: 'Cancelled' },
  ];
}

/** Null when that very object is gone. */
async function read(cluster: Cluster, place: RunPlace, signal: AbortSignal): Promise<RawObject | null> {
  const answer = await cluster.request({
    method: 'GET',
    path: pipelineRunPath(place.namespace, place.name),
    timeoutMs: REQUEST_LIMIT_MS,
    signal,
  });
  if (answer.kind === 'api-status' && answer.code === 404) return null;
  if (answer.kind !== 'ok') throw new Error(`reading ${place.namespace}/${place.name}: ${why(answer)}`);
  const raw = answer.body as RawObject;
  return raw.metadata.uid.startsWith(place.uidPrefix) ? raw : null;
}

/** One line about an answer that is none. */
export function why(answer: ApiOutcome): string {
  if (answer.kind === 'ok') return 'done';
  return answer.kind === 'api-status' ? `${answer.code} ${answer.message}` : answer.why;
}
