/** What a person reads who made a mistake in a pipeline: one line with the place, the field and what is allowed. */
import { describe, expect, test } from 'vitest';
import { readRunFile } from '../../../src/adapters/local/run-file.ts';
import { CodedError, type ErrorCode } from '../../../src/core/errors/catalogue.ts';

type Case = readonly [story: string, text: string, code: ErrorCode, message: string];

const HEAD = 'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\n';
/** The lines of a spec begin in line 5. */
const spec = (lines: string) => `${HEAD}spec:\n${lines}`;
/** A task in line 6, the keys of its only step from line 7. */
const step = (keys: string) =>
  spec(`  tasks:\n  - name: build\n    taskSpec: {steps: [{name: do, ${keys}}]}`);
const tasks = (...list: readonly string[]) =>
  spec(`  tasks:\n${list.map((one) => `  - {${one}}\n`).join('')}`);
const SPEC = 'taskSpec: {steps: [{script: x}]}';
const STEP = 'build.yaml:7:24: spec.tasks[0].taskSpec.steps[0]';
const pipelineRun = (keys: string) =>
  `apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {name: p}\nspec: {${keys}}`;

const YAML: readonly Case[] = [
  [
    'an empty file',
    '# nothing yet\n',
    'yaml-invalid',
    'build.yaml: is empty; it must hold one Pipeline or PipelineRun',
  ],
  [
    'two documents',
    `${HEAD}---\n${HEAD}`,
    'yaml-invalid',
    'build.yaml: holds 2 documents; it must hold one Pipeline or PipelineRun',
  ],
  [
    'a bracket that is not closed',
    `${HEAD}spec: {a: [}`,
    'yaml-invalid',
    'build.yaml:4:12: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'a tab',
    `${HEAD}spec:\n\ttasks: []`,
    'yaml-invalid',
    'build.yaml:5:1: Tabs are not allowed as indentation',
  ],
  [
    'a repeated key',
    `${HEAD}kind: Pipeline\n`,
    'yaml-invalid',
    'build.yaml:4:1: the key "kind" is there twice in one mapping',
  ],
  [
    'an alias without an anchor',
    'a: *nope',
    'yaml-invalid',
    'build.yaml: Unresolved alias (the anchor must be set before the alias): nope',
  ],
  [
    'aliases that blow up',
    `a: &a [${'x,'.repeat(9)}]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]`,
    'yaml-invalid',
    'build.yaml: has aliases that expand to more than 100 nodes',
  ],
  [
    'a file over the limit',
    '#'.repeat(1024 * 1024 + 1),
    'yaml-invalid',
    'build.yaml: has 1048577 bytes; 1048576 (1 MiB) are allowed',
  ],
  ['plain text', 'hello', 'pipeline-invalid', 'build.yaml:1:1: must be a mapping, not "hello"'],
];

const FILE: readonly Case[] = [
  [
    'another kind',
    'apiVersion: tekton.dev/v1\nkind: Task',
    'pipeline-invalid',
    'build.yaml:2:7: kind: must be Pipeline or PipelineRun, not "Task"',
  ],
  [
    'another version',
    'apiVersion: tekton.dev/v1beta1',
    'pipeline-invalid',
    'build.yaml:1:13: apiVersion: must be tekton.dev/v1, not "tekton.dev/v1beta1"',
  ],
  [
    'no name',
    'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {}\nspec: {}',
    'pipeline-invalid',
    'build.yaml:3:11: metadata.name: is required (or generateName)',
  ],
  [
    'an unknown key',
    spec('  taks: []'),
    'pipeline-invalid',
    'build.yaml:5:3: spec.taks: is not a known key; allowed are displayName, description, params, tasks, finally',
  ],
  [
    'workspaces',
    spec('  workspaces: []'),
    'pipeline-unsupported',
    'build.yaml:5:3: spec.workspaces: is not supported by the local engine',
  ],
  [
    'no tasks',
    spec('  tasks: []'),
    'pipeline-invalid',
    'build.yaml:5:10: spec.tasks: must list at least one task',
  ],
  [
    'a reference to a pipeline elsewhere',
    pipelineRun('pipelineRef: {name: x}'),
    'pipeline-unsupported',
    'build.yaml:4:8: spec.pipelineRef: is not supported by the local engine',
  ],
  [
    'no embedded pipeline',
    pipelineRun(''),
    'pipeline-invalid',
    'build.yaml:4:7: spec.pipelineSpec: is required: the local engine runs embedded pipelines',
  ],
  [
    'timeouts that exceed the whole',
    pipelineRun(
      `timeouts: {pipeline: 1m, tasks: 50s, finally: 11s}, pipelineSpec: {tasks: [{name: a, ${SPEC}}]}`,
    ),
    'pipeline-invalid',
    'build.yaml:4:18: spec.timeouts: tasks and finally together must not exceed 1m, the timeout of the pipeline',
  ],
  [
    'half a unit of a pool',
    `apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p, annotations: {requests.penstock.dev/arm: "0.5"}}\nspec: {tasks: [{name: a, ${SPEC}}]}`,
    'pipeline-invalid',
    'build.yaml:3:62: metadata.annotations["requests.penstock.dev/arm"]: must be a whole number from 1 to 1000000 in quotes, not "0.5"',
  ],
];

const TASKS: readonly Case[] = [
  [
    'a task elsewhere',
    tasks('name: a, taskRef: {name: git-clone}'),
    'pipeline-unsupported',
    'build.yaml:6:15: spec.tasks[0].taskRef: is not supported by the local engine',
  ],
  [
    'a condition',
    tasks(`name: a, when: [], ${SPEC}`),
    'pipeline-unsupported',
    'build.yaml:6:15: spec.tasks[0].when: is not supported by the local engine',
  ],
  [
    'a matrix',
    tasks(`name: a, matrix: {}, ${SPEC}`),
    'pipeline-unsupported',
    'build.yaml:6:15: spec.tasks[0].matrix: is not supported by the local engine',
  ],
  [
    'sidecars',
    tasks('name: a, taskSpec: {sidecars: [], steps: []}'),
    'pipeline-unsupported',
    'build.yaml:6:26: spec.tasks[0].taskSpec.sidecars: is not supported by the local engine',
  ],
  [
    'no steps',
    tasks('name: a, taskSpec: {}'),
    'pipeline-invalid',
    'build.yaml:6:25: spec.tasks[0].taskSpec.steps: must list at least one step',
  ],
  [
    'a name twice',
    tasks(`name: a, ${SPEC}`, `name: a, ${SPEC}`),
    'pipeline-invalid',
    'build.yaml:7:12: spec.tasks[1].name: another task is called "a"',
  ],
  [
    'an unknown predecessor',
    tasks(`name: a, ${SPEC}`, `name: b, runAfter: [a, buidl], ${SPEC}`),
    'pipeline-invalid',
    'build.yaml:7:29: spec.tasks[1].runAfter[1]: "buidl" is no task of this pipeline; tasks are a, b',
  ],
  [
    'a cycle, entered from outside',
    tasks(
      `name: d, runAfter: [a], ${SPEC}`,
      `name: a, runAfter: [c], ${SPEC}`,
      `name: b, runAfter: [a], ${SPEC}`,
      `name: c, runAfter: [b], ${SPEC}`,
    ),
    'pipeline-invalid',
    'build.yaml:7:25: spec.tasks[1].runAfter: the order is a cycle: a after c after b after a',
  ],
  [
    'an order in finally',
    `${tasks(`name: a, ${SPEC}`)}  finally:\n  - {name: b, runAfter: [a], ${SPEC}}`,
    'pipeline-invalid',
    'build.yaml:8:25: spec.finally[0].runAfter: is not allowed in finally, whose tasks run side by side after all others',
  ],
  [
    'a negative number of retries',
    tasks(`name: a, retries: -1, ${SPEC}`),
    'pipeline-invalid',
    'build.yaml:6:24: spec.tasks[0].retries: must be a whole number from 0 to 100, not -1',
  ],
  [
    'a timeout without a unit',
    tasks(`name: a, timeout: 30, ${SPEC}`),
    'pipeline-invalid',
    'build.yaml:6:24: spec.tasks[0].timeout: must be a duration such as "30s", "10m" or "1h30m" ("0" for none), not 30',
  ],
  [
    'a parameter of a type there is not',
    spec('  params: [{name: o, type: int}]'),
    'pipeline-invalid',
    'build.yaml:5:28: spec.params[0].type: must be string or array, not "int"',
  ],
];

const STEPS: readonly Case[] = [
  [
    'no script',
    step('image: alpine'),
    'pipeline-invalid',
    `${STEP}: needs script or command: the local engine has no image whose entrypoint it could run`,
  ],
  [
    'an empty script',
    step('script: ""'),
    'pipeline-invalid',
    'build.yaml:7:43: spec.tasks[0].taskSpec.steps[0].script: must not be empty',
  ],
  [
    'a number for a script',
    step('script: 5'),
    'pipeline-invalid',
    'build.yaml:7:43: spec.tasks[0].taskSpec.steps[0].script: must be a string, not 5; write it in quotes: "5"',
  ],
  [
    'script and command',
    step('script: a, command: [b]'),
    'pipeline-invalid',
    'build.yaml:7:55: spec.tasks[0].taskSpec.steps[0].command: must not be there beside script; use one of the two',
  ],
  [
    'a misspelt key',
    step('scirpt: a'),
    'pipeline-invalid',
    'build.yaml:7:35: spec.tasks[0].taskSpec.steps[0].scirpt: is not a known key; allowed are name, displayName, image, imagePullPolicy, script, command, args, env, workingDir, timeout, onError',
  ],
  [
    'a volume',
    step('script: a, volumeMounts: []'),
    'pipeline-unsupported',
    'build.yaml:7:46: spec.tasks[0].taskSpec.steps[0].volumeMounts: is not supported by the local engine',
  ],
  [
    'a folder of the container',
    step('script: a, workingDir: /workspace/source'),
    'pipeline-invalid',
    'build.yaml:7:58: spec.tasks[0].taskSpec.steps[0].workingDir: must be a relative path inside the work folder of the run, not "/workspace/source"',
  ],
  [
    'a parameter nobody declared',
    step('script: echo $(params.nope)'),
    'pipeline-invalid',
    'build.yaml:7:43: spec.tasks[0].taskSpec.steps[0].script: $(params.nope) is not a declared parameter; none is declared',
  ],
  [
    'a workspace in a script',
    step('script: ls $(workspaces.src.path)'),
    'pipeline-unsupported',
    'build.yaml:7:43: spec.tasks[0].taskSpec.steps[0].script: $(workspaces.src.path) is not supported by the local engine; it knows $(params.NAME), $(results.NAME.path), $(tasks.TASK.results.NAME) and some of $(context...)',
  ],
  [
    'a result of a task that is not there',
    step('script: echo $(tasks.nope.results.x)'),
    'pipeline-invalid',
    'build.yaml:7:43: spec.tasks[0].taskSpec.steps[0].script: uses task "nope", which is not there; tasks are build',
  ],
  [
    'a status outside of finally',
    step('script: echo $(tasks.status)'),
    'pipeline-invalid',
    'build.yaml:7:43: spec.tasks[0].taskSpec.steps[0].script: statuses of tasks may be used in finally only',
  ],
  [
    'a variable of ours',
    step('script: a, env: [{name: PENSTOCK_RUN, value: x}]'),
    'pipeline-invalid',
    'build.yaml:7:59: spec.tasks[0].taskSpec.steps[0].env[0].name: must not begin with PENSTOCK_, which Penstock uses itself',
  ],
  [
    'a secret',
    step('script: a, env: [{name: A, valueFrom: {}}]'),
    'pipeline-unsupported',
    'build.yaml:7:62: spec.tasks[0].taskSpec.steps[0].env[0].valueFrom: is not supported by the local engine',
  ],
];

function refusal(text: string): CodedError {
  try {
    readRunFile(text, 'build.yaml');
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe.each([
  ['YAML', YAML],
  ['file', FILE],
  ['task', TASKS],
  ['step', STEPS],
] as const)('%s', (_name, cases) => {
  test.each(cases)('%s', (_story, text, wantCode, wantMessage) => {
    const { code, message } = refusal(text);
    expect({ code, message }).toEqual({ code: wantCode, message: wantMessage });
  });
});

test('nesting without end is refused and not a crash', () => {
  expect(refusal('['.repeat(100_000)).message).toMatch(/^build\.yaml: is nested too deeply$/);
});

test('whatever a name contains, the message is one line of bounded length', () => {
  const { message } = refusal(tasks(`name: a, runAfter: ["x\\ny${'z'.repeat(5_000)}"], ${SPEC}`));
  expect(message).not.toContain('\n');
  expect(message.length).toBeLessThan(700);
});

test('the error names the field by itself too', () => {
  expect(refusal(step('scirpt: a')).field).toBe('spec.tasks[0].taskSpec.steps[0].scirpt');
});

test('a good file tells about itself', () => {
  const text = `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata:
  generateName: nightly-
  namespace: shop
  labels: {penstock.dev/priority: urgent, app: shop}
  annotations: {requests.penstock.dev/linux-arm64: "2", note: "any text"}
spec:
  timeouts: {pipeline: 1h30m}
  params: [{name: target, value: all}]
  pipelineSpec:
    params: [{name: target}, {name: flags, type: array, description: passed on}]
    tasks:
    - {name: a, taskSpec: {steps: [{image: alpine, script: "make $(params.target)"}]}}
`;
  expect(readRunFile(text, 'nightly.yaml')).toEqual({
    content: text,
    name: 'nightly',
    project: 'shop',
    priority: 'urgent',
    requests: { 'linux-arm64': 2 },
    timeoutMs: 5_400_000,
    params: [
      { name: 'target', type: 'string', description: null, default: 'all' },
      { name: 'flags', type: 'array', description: 'passed on', default: null },
    ],
  });
});
