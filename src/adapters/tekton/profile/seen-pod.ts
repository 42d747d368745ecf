/**
 * A pod of a TaskRun as far as Penstock uses it: which TaskRun it works for, what it reserves,
 * and from when to when.
 */
import { instant } from '../instants.ts';
import type { RawObject } from '../kubernetes/api.ts';
import { type PodRequests, type PodSpec, podRequests } from './pod-requests.ts';

export interface SeenPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly taskRunUid: string;
  /** As its label says it; null where the label is missing, as on pods of older versions of Tekton. */
  readonly runUid: string | null;
  readonly requests: PodRequests;
  /** A node began to work on it; null before. */
  readonly startedAtMs: number | null;
  /** Its last container ended; null before. */
  readonly finishedAtMs: number | null;
}

const RUN_UID_LABEL = 'tekton.dev/pipelineRunUID';

interface PodStatus {
  readonly phase?: string;
  readonly startTime?: string;
  readonly containerStatuses?: readonly {
    readonly state?: { readonly terminated?: { readonly finishedAt?: string } };
  }[];
}

/** Null for a pod that is of no TaskRun. */
export function seenPod(raw: RawObject): SeenPod | null {
  const { metadata } = raw;
  const owners = (metadata as { ownerReferences?: readonly { kind?: string; uid?: string }[] })
    .ownerReferences;
  const taskRunUid = owners?.find(({ kind }) => kind === 'TaskRun')?.uid;
  if (taskRunUid === undefined) return null;
  const status = (raw.status ?? {}) as PodStatus;
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    taskRunUid,
    runUid: metadata.labels?.[RUN_UID_LABEL] ?? null,
    requests: podRequests((raw.spec ?? {}) as PodSpec),
    startedAtMs: instant(status.startTime),
    finishedAtMs: finishedAtMs(status),
  };
}

function finishedAtMs({ phase, containerStatuses = [] }: PodStatus): number | null {
  if (phase !== 'Succeeded' && phase !== 'Failed') return null;
  const ends = containerStatuses.map(({ state }) => instant(state?.terminated?.finishedAt) ?? 0);
  const last = Math.max(0, ...ends);
  return last === 0 ? null : last;
}
