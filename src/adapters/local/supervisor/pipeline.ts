/**
 * The pipeline: tasks in parallel as far as their order allows, none new after one
 * failed, then `finally`, unless the run was cancelled or its whole time is over.
 */
import { duration } from '../../../core/text/go-duration.ts';
import type { Plan, TaskPlan } from '../plan.ts';
import { MissingResult, type RunContext } from './context.ts';
import type { Scope, StopCause } from './stop.ts';
import { runTask, type TaskEnd } from './task.ts';

export type PipelineEnd =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly cause: StopCause };

type BadEnd = Exclude<TaskEnd, { readonly kind: 'succeeded' }>;

export async function runPipeline(context: RunContext, plan: Plan, run: Scope): Promise<PipelineEnd> {
  const { pipelineMs, tasksMs, finallyMs } = plan.timeouts;
  const whole = run.within(pipelineMs, `the timeout of ${duration(pipelineMs ?? 0)} of the whole pipeline`);
  const tasks = whole.within(
    tasksMs,
    `the timeout of ${duration(tasksMs ?? 0)} of the tasks (timeouts.tasks)`,
  );
  const bad = await runInOrder(context, plan.tasks, tasks);
  tasks.close();
  const last = whole.within(
    finallyMs,
    `the timeout of ${duration(finallyMs ?? 0)} of finally (timeouts.finally)`,
  );
  const badLast = whole.cause === null ? await runFinally(context, plan.finally, last) : null;
  last.close();
  whole.close();
  if (whole.cause !== null) return { kind: 'stopped', cause: whole.cause };
  return bad ?? badLast ?? { kind: 'succeeded' };
}

/** The first bad end that counts, or null. */
async function runInOrder(
  context: RunContext,
  tasks: readonly TaskPlan[],
  scope: Scope,
): Promise<BadEnd | null> {
  const waiting = new Set(tasks);
  const going = new Map<string, Promise<void>>();
  const passed = new Set<string>();
  let bad: BadEnd | null = null;
  for (const task of tasks) context.statuses.set(task.name, 'None');
  for (;;) {
    for (const task of bad === null && scope.cause === null ? waiting : []) {
      if (!task.after.every((name) => passed.has(name))) continue;
      waiting.delete(task);
      const done = runTask(context, task, scope).then((end) => {
        note(context, task, end);
        going.delete(task.name);
        if (end.kind === 'succeeded' || (end.kind === 'failed' && task.goesOnAfterError))
          passed.add(task.name);
        else bad ??= end;
      });
      going.set(task.name, done);
    }
    if (going.size === 0) break;
    await Promise.race(going.values());
  }
  if (bad === null && scope.cause !== null) return { kind: 'stopped', cause: scope.cause };
  return bad;
}

/** All at once; one that needs a result nobody wrote is left out, as in Tekton. */
async function runFinally(
  context: RunContext,
  tasks: readonly TaskPlan[],
  scope: Scope,
): Promise<BadEnd | null> {
  const able = tasks.filter((task) => hasItsResults(context, task));
  const ends = await Promise.all(
    able.map(async (task) => ({ task, end: await runTask(context, task, scope) })),
  );
  for (const { task, end } of ends) {
    if (end.kind !== 'succeeded' && !(end.kind === 'failed' && task.goesOnAfterError)) return end;
  }
  return null;
}

function hasItsResults(context: RunContext, task: TaskPlan): boolean {
  try {
    for (const step of task.steps) {
      const texts = step.work.kind === 'script' ? [step.work.text] : step.work.argv;
      for (const text of [...texts, ...step.env.map((entry) => entry.value), step.workingDir ?? '']) {
        context.fill(text, task.name);
      }
    }
    return true;
  } catch (error) {
    if (error instanceof MissingResult) return false;
    throw error;
  }
}

function note(context: RunContext, task: TaskPlan, end: TaskEnd): void {
  context.statuses.set(task.name, end.kind === 'succeeded' ? 'Succeeded' : 'Failed');
  if (end.kind === 'succeeded') context.results.set(task.name, end.results);
}
