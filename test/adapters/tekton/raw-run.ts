/** PipelineRuns as an API server shows them. */
import type { RawObject } from '../../../src/adapters/tekton/kubernetes/api.ts';

export interface RawRunChanges {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly generateName?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export const CREATED_AT = '2026-11-20T14:00:00Z';

export function rawRun(changes: RawRunChanges = {}): RawObject {
  const { name = 'build-x', namespace = 'shop', uid = '429faf3a-620d-4ccd-ac89-c7ba4db11c90' } = changes;
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: '7',
      creationTimestamp: CREATED_AT,
      ...(changes.labels === undefined ? {} : { labels: changes.labels }),
      ...(changes.annotations === undefined ? {} : { annotations: changes.annotations }),
      ...(changes.generateName === undefined ? {} : { generateName: changes.generateName }),
    },
    spec: { pipelineRef: { name: 'build' }, timeouts: { pipeline: '1h0m0s' }, ...changes.spec },
    ...(changes.status === undefined ? {} : { status: changes.status }),
  };
}

/** A status as Tekton writes it when a run has ended. */
export function ended(
  condition: { readonly status: 'True' | 'False'; readonly reason: string; readonly message?: string },
  times: { readonly start?: string; readonly end?: string; readonly children?: number },
): Readonly<Record<string, unknown>> {
  return {
    conditions: [{ type: 'Succeeded', ...condition, lastTransitionTime: times.end ?? CREATED_AT }],
    ...(times.start === undefined ? {} : { startTime: times.start }),
    ...(times.end === undefined ? {} : { completionTime: times.end }),
    childReferences: Array.from({ length: times.children ?? 1 }, (_, i) => ({ name: `task-${i}` })),
  };
}
