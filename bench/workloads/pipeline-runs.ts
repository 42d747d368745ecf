/**
 * PipelineRuns as an API server sends them: with a spec of three tasks, the server's own
 * bookkeeping of fields, and a status.
 */

const TASKS = ['clone', 'build', 'push'];

/** About 6 kB as JSON, of which managedFields are a third. */
export function finishedRun(index: number, version: number): object {
  const name = `component-${index % 997}-on-push-${index.toString(36)}`;
  const minute = (index % 60).toString().padStart(2, '0');
  return {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    metadata: {
      name,
      namespace: `tenant-${index % 50}`,
      uid: `${index.toString(16).padStart(8, '0')}-1111-4222-8333-444444444444`,
      resourceVersion: String(version),
      generation: 2,
      creationTimestamp: `2026-11-24T10:${minute}:00Z`,
      labels: {
        'penstock.dev/held': 'true',
        'penstock.dev/priority': 'normal',
        'tekton.dev/pipeline': name,
        'app.example.com/component': `component-${index % 997}`,
        'app.example.com/event': 'push',
      },
      annotations: {
        'requests.penstock.dev/linux-arm64': '1',
        'penstock.dev/position': String(index),
        'build.example.com/commit': index.toString(16).padStart(40, 'a'),
        'build.example.com/repo': `https://git.example.com/tenant-${index % 50}/component-${index % 997}`,
      },
      managedFields: managedFields(minute),
    },
    spec: {
      status: index % 10 === 0 ? undefined : 'PipelineRunPending',
      timeouts: { pipeline: '1h0m0s' },
      params: [
        { name: 'git-url', value: `https://git.example.com/tenant-${index % 50}/component-${index % 997}` },
        { name: 'build-platforms', value: ['linux/x86_64', 'linux/arm64'] },
      ],
      pipelineSpec: {
        tasks: TASKS.map((task) => ({
          name: task,
          taskSpec: {
            steps: [
              {
                name: 'step',
                image: 'registry.example.com/tools:1',
                script: `set -e\n${'do it well\n'.repeat(20)}`,
              },
            ],
          },
        })),
      },
    },
    status: {
      startTime: `2026-11-24T10:${minute}:10Z`,
      completionTime: `2026-11-24T10:${minute}:40Z`,
      conditions: [{ type: 'Succeeded', status: 'True', reason: 'Succeeded', message: 'Tasks Completed: 3' }],
      childReferences: TASKS.map((task) => ({
        kind: 'TaskRun',
        name: `${name}-${task}`,
        pipelineTaskName: task,
      })),
    },
  };
}

/** Who wrote which field: the server keeps it, nobody here reads it. */
function managedFields(minute: string): readonly object[] {
  return ['creator', 'controller', 'penstock'].map((manager) => ({
    manager,
    operation: 'Update',
    apiVersion: 'tekton.dev/v1',
    time: `2026-11-24T10:${minute}:00Z`,
    fieldsType: 'FieldsV1',
    fieldsV1: Object.fromEntries(
      Array.from({ length: 16 }, (_, field) => [`f:field-number-${field}`, { 'f:.': {}, 'f:value': {} }]),
    ),
  }));
}
