/**
 * The platforms that the tasks of an embedded pipeline name by their param `PLATFORM`, alone
 * or as a matrix, and the little of such a pipeline that is worth keeping in memory for it.
 */
import { field, type Json, listOf, textOr } from './json-fields.ts';

export const PLATFORM_PARAM = 'PLATFORM';

export interface TaskPlatform {
  readonly task: string;
  readonly value: Json;
}

/** Values as written, references included. */
export function taskPlatforms(pipelineSpec: Json): readonly TaskPlatform[] {
  const found: TaskPlatform[] = [];
  for (const tasks of [field(pipelineSpec, 'tasks'), field(pipelineSpec, 'finally')]) {
    for (const task of listOf(tasks)) addPlatforms(found, task);
  }
  return found;
}

function addPlatforms(found: TaskPlatform[], task: Json): void {
  addValues(found, task, listOf(field(task, 'params')));
  const matrix = field(task, 'matrix');
  if (matrix === undefined) return;
  addValues(found, task, listOf(field(matrix, 'params')));
  // The combinations of `include` run beside each other, as those of a list do.
  const included = listOf(field(matrix, 'include')).flatMap((entry) => listOf(field(entry, 'params')));
  addValues(found, task, included);
}

function addValues(found: TaskPlatform[], task: Json, params: readonly Json[]): void {
  const values: Json[] = [];
  for (const param of params) {
    if (field(param, 'name') === PLATFORM_PARAM) values.push(field(param, 'value'));
  }
  if (values.length === 0) return;
  found.push({ task: textOr(field(task, 'name'), ''), value: values.length === 1 ? values[0] : values });
}

/** A pipeline of the same platforms with nothing else in it; undefined when it names none. */
export function withPlatformsOnly(pipelineSpec: Json): Json {
  const named = taskPlatforms(pipelineSpec);
  if (named.length === 0) return undefined;
  const tasks = named.map(({ task, value }) => ({ name: task, params: [{ name: PLATFORM_PARAM, value }] }));
  const text = JSON.stringify(tasks);
  const params = listOf(field(pipelineSpec, 'params'))
    .map((param) => ({ name: field(param, 'name'), default: field(param, 'default') }))
    .filter((param) => typeof param.name === 'string' && text.includes(param.name));
  return { params, tasks };
}
