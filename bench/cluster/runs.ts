/**
 * PipelineRuns in great number on a real API server, of a usual size: three tasks with
 * embedded steps, a few labels and annotations; with what the server adds about 6 kB each.
 */
import type { ApiClient } from '../../test/cluster/client/api-client.ts';
import { PIPELINE_RUNS, type PipelineRun } from '../../test/cluster/client/resources.ts';
import { inTurns } from '../../test/cluster/rig/in-turns.ts';

const SCRIPT = `set -e\n${'do it well\n'.repeat(20)}`;
const TASKS = ['clone', 'build', 'push'];

export function nameOf(index: number): string {
  return `bench-${index.toString().padStart(6, '0')}`;
}

export function pendingRun(namespace: string, index: number): PipelineRun {
  const component = `component-${index % 997}`;
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: {
      name: nameOf(index),
      namespace,
      labels: { 'app.example.com/component': component, 'app.example.com/event': 'push' },
      annotations: {
        'build.example.com/commit': index.toString(16).padStart(40, 'a'),
        'build.example.com/repo': `https://git.example.com/team/${component}`,
      },
    },
    spec: {
      timeouts: { pipeline: '1h0m0s' },
      params: [{ name: 'git-url', value: `https://git.example.com/team/${component}` }],
      pipelineSpec: {
        tasks: TASKS.map((name) => ({
          name,
          taskSpec: { steps: [{ name: 'step', image: 'registry.example.com/tools:1', script: SCRIPT }] },
        })),
      },
    },
  };
}

/** Created in the order of their names; the namespace holds them. */
export function createRuns(
  admin: ApiClient,
  namespace: string,
  range: { readonly from: number; readonly count: number },
): Promise<void> {
  const indices = Array.from({ length: range.count }, (_, place) => range.from + place);
  return inTurns(indices, (index) => admin.create(PIPELINE_RUNS, pendingRun(namespace, index)));
}

/** What Tekton's controller writes on a run that has ended. */
export async function letEnd(admin: ApiClient, namespace: string, name: string): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const conditions = [
    {
      type: 'Succeeded',
      status: 'True',
      reason: 'Succeeded',
      message: 'Tasks Completed: 3',
      lastTransitionTime: now,
    },
  ];
  const object = { status: { startTime: now, completionTime: now, conditions } };
  await admin.patch(PIPELINE_RUNS, { namespace, name, subresource: 'status' }, { kind: 'merge', object });
}

/** What Tekton's controller writes on a run that it has begun. */
export async function letBegin(admin: ApiClient, namespace: string, name: string): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const conditions = [{ type: 'Succeeded', status: 'Unknown', reason: 'Running', lastTransitionTime: now }];
  const object = { status: { startTime: now, conditions } };
  await admin.patch(PIPELINE_RUNS, { namespace, name, subresource: 'status' }, { kind: 'merge', object });
}
