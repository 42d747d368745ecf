/**
 * Reads one task of a pipeline into its part of the plan.
 */
import type { StepPlan, TaskPlan } from '../plan.ts';
import { described, type Field } from './field.ts';
import { type ParamValue, readDeclarations, readParamValue } from './params.ts';
import { fillArguments, fillNow, fillText, type ReferenceScope, type TaskUse } from './references.ts';
import { ENV, PARAM, RESULT, STEP, TASK, TASK_SPEC } from './shapes.ts';

/** What a task may refer to from outside itself. */
export interface PipelineScope {
  /** Values given for the run, or in a PipelineRun. */
  readonly given: ReadonlyMap<string, ParamValue>;
  readonly defaults: ReadonlyMap<string, ParamValue>;
  readonly context: ReadonlyMap<string, string>;
}

export interface ReadTask {
  readonly field: Field;
  readonly plan: TaskPlan;
  readonly runAfter: readonly Field[];
  readonly uses: readonly TaskUse[];
}

const MOST_RETRIES = 100;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const RESULT_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;
const ON_ERROR = ['stopAndFail', 'continue'] as const;

export function readTask(field: Field, pipeline: PipelineScope): ReadTask {
  field.shaped(TASK);
  const name = field.at('name').name();
  const spec = field.at('taskSpec');
  if (!spec.isThere) throw spec.invalid('is required: the local engine runs tasks with embedded steps');
  spec.shaped(TASK_SPEC);
  const retries = field.at('retries').count(0, MOST_RETRIES);
  const uses: TaskUse[] = [];
  const scope: ReferenceScope = {
    params: taskParams(field, pipeline, uses),
    context: new Map([
      ...pipeline.context,
      ['context.taskRun.name', `${pipeline.context.get('context.pipelineRun.name') ?? ''}-${name}`],
      ['context.task.name', name],
      ['context.pipelineTask.retries', String(retries)],
    ]),
    results: readResults(spec.at('results')),
    uses,
  };
  const plan: TaskPlan = {
    name,
    after: [],
    retries,
    timeoutMs: positive(field.at('timeout').durationMs()),
    goesOnAfterError: field.at('onError').oneOf(ON_ERROR, 'stopAndFail') === 'continue',
    results: scope.results,
    steps: readSteps(spec.at('steps'), scope),
  };
  return { field, plan, runAfter: field.at('runAfter').items(), uses };
}

/** 0 means no limit. */
export function positive(ms: number | null): number | null {
  return ms === 0 ? null : ms;
}

/** A task's own value comes first, then what was given for the run, then the nearest default. */
function taskParams(field: Field, pipeline: PipelineScope, uses: TaskUse[]): ReadonlyMap<string, ParamValue> {
  const outer: ReferenceScope = {
    params: new Map([...pipeline.defaults, ...pipeline.given]),
    context: pipeline.context,
    results: [],
    uses,
  };
  const params = new Map(pipeline.defaults);
  const declared = readDeclarations(field.at('taskSpec').at('params'));
  for (const { name, default: value } of declared) if (value !== null) params.set(name, value);
  for (const [name, value] of pipeline.given) params.set(name, value);
  for (const item of field.at('params').items()) {
    item.shaped(PARAM);
    const value = readParamValue(item.at('value'));
    params.set(
      item.at('name').text(),
      typeof value === 'string'
        ? fillNow(item.at('value'), value, outer)
        : item
            .at('value')
            .items()
            .map((part) => fillNow(part, part.text(), outer)),
    );
  }
  for (const { name } of declared) {
    if (!params.has(name))
      throw field.at('params').invalid(`parameter "${name}" of the task needs a value; give it here`);
  }
  return params;
}

function readResults(list: Field): readonly string[] {
  return list.items().map((item) => {
    item.shaped(RESULT);
    const type = item.at('type');
    if (type.isThere && type.value !== 'string') {
      throw type.unsupported(`${described(type.value)} is not supported by the local engine; use string`);
    }
    const name = item.at('name').text();
    if (RESULT_NAME.test(name)) return name;
    throw item
      .at('name')
      .invalid(`must be letters, digits, "_", "-" and "." after a letter, not ${described(name)}`);
  });
}

function readSteps(list: Field, scope: ReferenceScope): readonly StepPlan[] {
  const items = list.items();
  if (items.length === 0) throw list.invalid('must list at least one step');
  const steps: StepPlan[] = [];
  for (const [index, item] of items.entries()) {
    const step = readStep(item, index, scope);
    if (steps.some((other) => other.name === step.name)) {
      throw item.at('name').invalid(`another step of the task is called "${step.name}"`);
    }
    steps.push(step);
  }
  return steps;
}

function readStep(field: Field, index: number, scope: ReferenceScope): StepPlan {
  field.shaped(STEP);
  const name = field.at('name');
  const workingDir = field.at('workingDir');
  return {
    // As Tekton calls the container of a step without a name.
    name: name.isThere ? name.name() : `unnamed-${index}`,
    work: readWork(field, scope),
    env: field
      .at('env')
      .items()
      .map((item) => readEnv(item, scope)),
    workingDir: workingDir.isThere ? readWorkingDir(workingDir, scope) : null,
    timeoutMs: positive(field.at('timeout').durationMs()),
    goesOnAfterError: field.at('onError').oneOf(ON_ERROR, 'stopAndFail') === 'continue',
  };
}

function readWork(field: Field, scope: ReferenceScope): StepPlan['work'] {
  const script = field.at('script');
  const command = field.at('command');
  if (script.isThere) {
    if (command.isThere) throw command.invalid('must not be there beside script; use one of the two');
    if (field.at('args').isThere)
      throw field.at('args').unsupported('is supported beside command only, not beside script');
    if (script.text().trim() === '') throw script.invalid('must not be empty');
    return { kind: 'script', text: fillText(script, scope) };
  }
  const argv = fillArguments(command, scope);
  if (argv.length === 0) {
    throw field.invalid(
      'needs script or command: the local engine has no image whose entrypoint it could run',
    );
  }
  return { kind: 'command', argv: [...argv, ...fillArguments(field.at('args'), scope)] };
}

function readEnv(field: Field, scope: ReferenceScope): StepPlan['env'][number] {
  field.shaped(ENV);
  const name = field.at('name').text();
  if (!ENV_NAME.test(name))
    throw field.at('name').invalid(`is not a name of an environment variable: ${described(name)}`);
  if (name.startsWith('PENSTOCK_'))
    throw field.at('name').invalid('must not begin with PENSTOCK_, which Penstock uses itself');
  return { name, value: field.at('value').isThere ? fillText(field.at('value'), scope) : '' };
}

function readWorkingDir(field: Field, scope: ReferenceScope): string {
  const folder = fillNow(field, field.text(), scope);
  const outside = folder.startsWith('/') || folder.split('/').includes('..');
  if (outside)
    throw field.invalid(
      `must be a relative path inside the work folder of the run, not ${described(folder)}`,
    );
  return folder;
}
