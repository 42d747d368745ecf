/** From a run somebody asks for to the PipelineRun it becomes. */
import { describe, expect, test } from 'vitest';
import { manifestOf, nameOf } from '../../../../src/adapters/tekton/runs/create-run.ts';
import { runId } from '../../../../src/core/model/run.ts';
import type { NewRun } from '../../../../src/ports/engine.ts';

const pipeline = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: build, labels: {team: a}}
spec:
  params: [{name: url}]
  tasks: [{name: t, taskSpec: {steps: [{name: s, image: i, script: 'true'}]}}]
`;

function aRun(changes: Partial<NewRun> = {}): NewRun {
  return {
    id: runId('build-1'),
    project: 'shop',
    tenant: 'retail',
    priority: 'high',
    requests: { runs: 1, 'linux/arm64': 2 },
    content: pipeline,
    params: { url: 'x' },
    timeoutMs: 90_000,
    ...changes,
  };
}

test('it is held from the first moment and says what it needs', () => {
  const { metadata, spec } = manifestOf(aRun());
  expect(metadata).toEqual({
    name: 'build-1',
    namespace: 'shop',
    labels: { team: 'a', 'penstock.dev/held': 'true', 'penstock.dev/priority': 'high' },
    annotations: {
      'requests.penstock.dev/linux-arm64': '2',
      'penstock.dev/request-hash': expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  });
  expect(spec).toMatchObject({
    status: 'PipelineRunPending',
    params: [{ name: 'url', value: 'x' }],
    timeouts: { pipeline: '1m30s' },
    pipelineSpec: { tasks: [{ name: 't' }] },
  });
});

test('a PipelineRun keeps its own params and timeouts where nothing else is asked for', () => {
  const content = `apiVersion: tekton.dev/v1
kind: PipelineRun
spec: {pipelineRef: {name: p}, params: [{name: url, value: own}, {name: b, value: 2}], timeouts: {tasks: 5m}}
`;
  expect(manifestOf(aRun({ content, timeoutMs: null, params: {} })).spec).toEqual({
    pipelineRef: { name: 'p' },
    params: [
      { name: 'url', value: 'own' },
      { name: 'b', value: 2 },
    ],
    timeouts: { tasks: '5m' },
    status: 'PipelineRunPending',
  });
  expect(manifestOf(aRun({ content })).spec).toMatchObject({
    params: [
      { name: 'b', value: 2 },
      { name: 'url', value: 'x' },
    ],
    timeouts: { tasks: '5m', pipeline: '1m30s' },
  });
});

test('the same request has the same hash, another content or param another', () => {
  const hash = (run: NewRun) => manifestOf(run).metadata.annotations['penstock.dev/request-hash'];
  expect(hash(aRun())).toBe(hash(aRun()));
  expect(hash(aRun({ params: { url: 'y' } }))).not.toBe(hash(aRun()));
  expect(hash(aRun({ content: `${pipeline}# other` }))).not.toBe(hash(aRun()));
});

test('ids that are no names of objects become some, and two ids never the same', () => {
  expect(nameOf('a.b-1')).toBe('a.b-1');
  expect(nameOf('Build_1')).toMatch(/^build-1-[0-9a-f]{8}$/);
  expect(nameOf('Build_1')).not.toBe(nameOf('build-1'));
  expect(nameOf('x'.repeat(90))).toHaveLength(63);
});

describe('content that cannot be one is refused', () => {
  test.each([
    ['no YAML', 'a: [', 'is no YAML'],
    [
      'another kind',
      'apiVersion: tekton.dev/v1\nkind: Task\nspec: {}',
      'kind: must be Pipeline or PipelineRun, not "Task"',
    ],
    [
      'an old version',
      'apiVersion: tekton.dev/v1beta1\nkind: Pipeline\nspec: {}',
      'apiVersion: must be tekton.dev/v1',
    ],
    ['no spec', 'apiVersion: tekton.dev/v1\nkind: Pipeline', 'spec: must be a mapping'],
    ['nothing', '', 'kind: must be Pipeline or PipelineRun, not null'],
  ])('%s', (_story, content, message) => {
    expect(() => manifestOf(aRun({ content }))).toThrow(message);
  });
});
