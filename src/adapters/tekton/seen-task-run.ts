/**
 * A TaskRun as far as Penstock uses it: which run it belongs to, on which platform it works,
 * and when. From it comes who else uses a platform, and how a run's work was spread over time.
 */
import { instant } from './instants.ts';
import type { RawObject } from './kubernetes/api.ts';

export interface SeenTaskRun {
  readonly uid: string;
  readonly namespace: string;
  /** uid of its PipelineRun; null for a TaskRun on its own. */
  readonly runUid: string | null;
  /** Its name in the pipeline, or its own. */
  readonly task: string;
  /** As the TaskRun writes it; null when it needs no particular one. */
  readonly platform: string | null;
  readonly isDone: boolean;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
}

const TARGET_PLATFORM_LABEL = 'build.appstudio.redhat.com/target-platform';
const PIPELINE_TASK_LABEL = 'tekton.dev/pipelineTask';

interface TaskRunSpec {
  readonly params?: readonly { readonly name?: string; readonly value?: unknown }[];
}
interface TaskRunStatus {
  readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  readonly startTime?: string;
  readonly completionTime?: string;
}
interface Owner {
  readonly kind?: string;
  readonly uid?: string;
}

export function seenTaskRun(raw: RawObject): SeenTaskRun {
  const { metadata } = raw;
  const status = (raw.status ?? {}) as TaskRunStatus;
  const owners = (metadata as { ownerReferences?: readonly Owner[] }).ownerReferences ?? [];
  const succeeded = status.conditions?.find((one) => one.type === 'Succeeded')?.status;
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    runUid: owners.find((owner) => owner.kind === 'PipelineRun')?.uid ?? null,
    task: metadata.labels?.[PIPELINE_TASK_LABEL] ?? metadata.name,
    platform: platformOf(raw),
    isDone: succeeded === 'True' || succeeded === 'False',
    startedAtMs: instant(status.startTime),
    finishedAtMs: instant(status.completionTime),
  };
}

/** Of one object: Tekton writes on it for each step of each container. */
export function isOtherTaskRun(before: SeenTaskRun, after: SeenTaskRun): boolean {
  return (
    before.platform !== after.platform ||
    before.isDone !== after.isDone ||
    before.startedAtMs !== after.startedAtMs ||
    before.finishedAtMs !== after.finishedAtMs
  );
}

/** The controller's label once it has looked at it, before that the param it looks at. */
function platformOf(raw: RawObject): string | null {
  const labelled = raw.metadata.labels?.[TARGET_PLATFORM_LABEL];
  if (labelled !== undefined && labelled !== '') return labelled;
  const params = ((raw.spec ?? {}) as TaskRunSpec).params;
  const value = Array.isArray(params) ? params.find((param) => param?.name === 'PLATFORM')?.value : null;
  return typeof value === 'string' && value !== '' ? value : null;
}
