/**
 * The order of tasks: what `runAfter` says and what the use of results implies. Every
 * task named must be there, and no task may wait for itself.
 */
import type { TaskPlan } from '../plan.ts';
import type { Field } from './field.ts';
import { ALL_TASKS, type TaskUse } from './references.ts';
import type { ReadTask } from './task-reader.ts';

export function orderTasks(tasks: readonly ReadTask[]): readonly TaskPlan[] {
  const byName = uniquelyNamed(tasks);
  const ordered = tasks.map((task) => {
    const after = new Set(task.runAfter.map((field) => afterTask(field, byName)));
    for (const use of task.uses) {
      if (use.result === null) throw use.field.invalid('statuses of tasks may be used in finally only');
      checkUse(use, byName);
      after.add(use.task);
    }
    return { ...task.plan, after: [...after] };
  });
  refuseCycles(ordered, byName);
  return ordered;
}

/** Tasks of `finally` run side by side after all others. */
export function orderFinally(tasks: readonly ReadTask[], before: readonly ReadTask[]): readonly TaskPlan[] {
  uniquelyNamed([...before, ...tasks]);
  const byName = uniquelyNamed(before);
  for (const task of tasks) {
    if (task.field.at('runAfter').isThere) {
      throw task.field
        .at('runAfter')
        .invalid('is not allowed in finally, whose tasks run side by side after all others');
    }
    for (const use of task.uses) if (use.task !== ALL_TASKS) checkUse(use, byName);
  }
  return tasks.map((task) => task.plan);
}

function uniquelyNamed(tasks: readonly ReadTask[]): ReadonlyMap<string, ReadTask> {
  const byName = new Map<string, ReadTask>();
  for (const task of tasks) {
    const { name } = task.plan;
    if (byName.has(name)) throw task.field.at('name').invalid(`another task is called "${name}"`);
    byName.set(name, task);
  }
  return byName;
}

function afterTask(field: Field, byName: ReadonlyMap<string, ReadTask>): string {
  const name = field.text();
  if (byName.has(name)) return name;
  throw field.invalid(`"${name}" is no task of this pipeline; tasks are ${[...byName.keys()].join(', ')}`);
}

function checkUse(use: TaskUse, byName: ReadonlyMap<string, ReadTask>): void {
  const task = byName.get(use.task);
  if (task === undefined) {
    throw use.field.invalid(
      `uses task "${use.task}", which is not there; tasks are ${[...byName.keys()].join(', ')}`,
    );
  }
  if (use.result === null || task.plan.results.includes(use.result)) return;
  const declared =
    task.plan.results.length === 0 ? 'it declares none' : `it declares ${task.plan.results.join(', ')}`;
  throw use.field.invalid(
    `uses result "${use.result}" of task "${use.task}", which does not declare it; ${declared}`,
  );
}

/** Takes away tasks that wait for nothing until none is left; what cannot be taken away waits in a circle. */
function refuseCycles(tasks: readonly TaskPlan[], byName: ReadonlyMap<string, ReadTask>): void {
  const waiting = new Map(tasks.map((task) => [task.name, task.after]));
  for (let before = -1; before !== waiting.size; ) {
    before = waiting.size;
    for (const [name, after] of waiting) if (!after.some((other) => waiting.has(other))) waiting.delete(name);
  }
  const first = waiting.keys().next().value;
  if (first === undefined) return;
  const cycle = walk(first, waiting);
  const field = byName.get(cycle[0] ?? first)?.field;
  if (field !== undefined)
    throw field.at('runAfter').invalid(`the order is a cycle: ${cycle.join(' after ')}`);
}

/** From any task that waits in vain the way leads into a cycle; returns it closed: a, b, a. */
function walk(first: string, waiting: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const way: string[] = [];
  let name = first;
  while (!way.includes(name)) {
    way.push(name);
    name = waiting.get(name)?.find((other) => waiting.has(other)) ?? name;
  }
  return [...way.slice(way.indexOf(name)), name];
}
