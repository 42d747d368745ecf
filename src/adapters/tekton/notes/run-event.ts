/**
 * A Kubernetes Event about a run, as `kubectl describe pipelinerun` shows it.
 * Shape: Event v1 of the core API; names are made so that a repeated write finds its first.
 */
import { createHash } from 'node:crypto';
import { wholeSeconds } from '../instants.ts';
import type { Write } from '../kubernetes/writer/writer.ts';
import type { SeenRun } from '../runs/seen-run.ts';

export type RunEventReason = 'Held' | 'StillHeld' | 'Started';

const NAME_LENGTH_MAX = 200;
const HASH_DIGITS = 16;

export function eventWrite(
  run: Pick<SeenRun, 'uid' | 'name' | 'namespace'>,
  event: { readonly reason: RunEventReason; readonly message: string; readonly atMs: number },
): Write {
  const at = wholeSeconds(event.atMs);
  const hash = createHash('sha256')
    .update(`${run.uid} ${event.reason} ${at}`)
    .digest('hex')
    .slice(0, HASH_DIGITS);
  return {
    method: 'POST',
    path: `/api/v1/namespaces/${encodeURIComponent(run.namespace)}/events`,
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${run.name.slice(0, NAME_LENGTH_MAX)}.${hash}`, namespace: run.namespace },
      involvedObject: {
        apiVersion: 'tekton.dev/v1',
        kind: 'PipelineRun',
        name: run.name,
        namespace: run.namespace,
        uid: run.uid,
      },
      reason: event.reason,
      message: event.message,
      type: 'Normal',
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
      source: { component: 'penstock' },
      reportingComponent: 'penstock.dev/penstock',
    },
  };
}
