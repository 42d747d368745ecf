/**
 * PipelineRuns for tests, with everything embedded, as Pipelines-as-Code makes them.
 *
 * How long they take and how they end is written twice, with one meaning: as annotations for
 * the rig's pretended Pods, and as a command for a cluster whose Pods really run.
 */
import type { PipelineRun } from '../client/resources.ts';
import { DEFAULT_DURATION_MS, DURATION_ANNOTATION, FAIL_ANNOTATION } from '../processes/kwok.ts';

export const PENDING = 'PipelineRunPending';

export interface PipelineRunOptions {
  readonly namespace: string;
  /** Completed by the server to a name of its own when it ends in `-`. */
  readonly name: string;
  /** How many tasks, all at the same time. */
  readonly tasks?: number;
  /** How long each of its Pods runs; 1 s when not given. */
  readonly durationMs?: number;
  readonly fails?: boolean;
  /** Created pending, as its owner would write it. */
  readonly pending?: boolean;
  readonly params?: Readonly<Record<string, string | readonly string[]>>;
  /** Such as `{ pipeline: '90s' }`. */
  readonly timeouts?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function pipelineRun(options: PipelineRunOptions): PipelineRun {
  const { namespace, name, tasks = 1, durationMs, params = {}, timeouts, labels } = options;
  const annotations = {
    ...(durationMs === undefined ? {} : { [DURATION_ANNOTATION]: `${durationMs}ms` }),
    ...(options.fails ? { [FAIL_ANNOTATION]: 'true' } : {}),
    ...options.annotations,
  };
  const taskSpec = taskOf((durationMs ?? DEFAULT_DURATION_MS) / 1000, options.fails === true);
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: {
      ...(name.endsWith('-') ? { generateName: name } : { name }),
      namespace,
      annotations,
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {
      ...(options.pending ? { status: PENDING } : {}),
      params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
      ...(timeouts === undefined ? {} : { timeouts }),
      pipelineSpec: {
        tasks: Array.from({ length: tasks }, (_, index) => ({ name: `task-${index + 1}`, taskSpec })),
      },
    },
  };
}

function taskOf(seconds: number, fails: boolean): object {
  const command = ['sh', '-c', `sleep ${seconds}; exit ${fails ? 1 : 0}`];
  return { steps: [{ name: 'work', image: 'busybox:stable', command }] };
}
