/**
 * The platforms that the tasks of an embedded pipeline name by their param `PLATFORM`, alone
 * or as a matrix, and the little of such a pipeline that is worth keeping in memory for it.
 */
import { at, field, type Json, listOf } from './json-fields.ts';

export const PLATFORM_PARAM = 'PLATFORM';

export interface TaskPlatform {
  readonly task: string;
  readonly value: Json;
}

/** Values as written, references included. */
export function taskPlatforms(pipelineSpec: Json): readonly TaskPlatform[] {
  return tasksOf(pipelineSpec).flatMap((task) => {
    const name = field(task, 'name');
    const lists = [
      listOf(field(task, 'params')),
      listOf(at(task, 'matrix', 'params')),
      // The combinations of `include` run beside each other, as those of a list do.
      listOf(at(task, 'matrix', 'include')).flatMap((entry) => listOf(field(entry, 'params'))),
    ];
    return lists.flatMap((params): readonly TaskPlatform[] => {
      const values = params.filter(isPlatform).map((param) => field(param, 'value'));
      if (values.length === 0) return [];
      return [
        { task: typeof name === 'string' ? name : '', value: values.length === 1 ? values[0] : values },
      ];
    });
  });
}

function tasksOf(pipelineSpec: Json): readonly Json[] {
  return [...listOf(field(pipelineSpec, 'tasks')), ...listOf(field(pipelineSpec, 'finally'))];
}

function isPlatform(param: Json): boolean {
  return field(param, 'name') === PLATFORM_PARAM;
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
