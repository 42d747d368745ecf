/**
 * One task: its steps in order, again from the first step when it failed and may be
 * retried. Tells how it ended in words that name the step.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { duration } from '../../../core/text/go-duration.ts';
import type { StepPlan, TaskPlan, Text } from '../plan.ts';
import { logFileName } from '../state/layout.ts';
import type { RunContext } from './context.ts';
import { runStep, type StepEnd } from './step.ts';
import { StepLog } from './step-log.ts';
import type { Scope, StopCause } from './stop.ts';

export type TaskEnd =
  | { readonly kind: 'succeeded'; readonly results: ReadonlyMap<string, string> }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly cause: StopCause };

/** As in Tekton: a larger result is a mistake, results are for names and digests. */
const RESULT_LIMIT_BYTES = 4096;

export async function runTask(context: RunContext, task: TaskPlan, phase: Scope): Promise<TaskEnd> {
  const fromMs = context.sinceStartMs();
  const end = await runAttempts(context, task, phase);
  context.times.push({ task: task.name, fromMs, toMs: Math.max(fromMs, context.sinceStartMs()) });
  return end;
}

async function runAttempts(context: RunContext, task: TaskPlan, phase: Scope): Promise<TaskEnd> {
  for (let attempt = 0; ; attempt += 1) {
    const what = `the timeout of ${duration(task.timeoutMs ?? 0)} of task "${task.name}"`;
    const scope = phase.within(task.timeoutMs, what);
    const end = await runAttempt({ context, task, attempt, scope });
    scope.close();
    if (end.kind === 'succeeded' || phase.cause !== null) return end;
    if (attempt === task.retries) return attempt === 0 ? end : afterAttempts(end, attempt + 1);
  }
}

function afterAttempts(end: TaskEnd, attempts: number): TaskEnd {
  return end.kind === 'failed'
    ? { ...end, reason: `${end.reason} (in the last of ${attempts} attempts)` }
    : end;
}

interface TaskAttempt {
  readonly context: RunContext;
  readonly task: TaskPlan;
  readonly attempt: number;
  readonly scope: Scope;
}

async function runAttempt(tried: TaskAttempt): Promise<TaskEnd> {
  const { context, task, scope } = tried;
  const resultFolder = context.resultFolder(task.name);
  rmSync(resultFolder, { recursive: true, force: true });
  if (task.results.length > 0) mkdirSync(resultFolder, { recursive: true });
  for (const step of task.steps) {
    if (scope.cause !== null) return { kind: 'stopped', cause: scope.cause };
    const failed = await runStepOfTask(tried, step);
    if (failed !== null) return failed;
  }
  return readResults(task, resultFolder);
}

/** Null when the task may go on. */
async function runStepOfTask(tried: TaskAttempt, step: StepPlan): Promise<TaskEnd | null> {
  const { context, task, attempt } = tried;
  const what = `the timeout of ${duration(step.timeoutMs ?? 0)} of step "${step.name}" in task "${task.name}"`;
  const scope = tried.scope.within(step.timeoutMs, what);
  const retry = attempt === 0 ? '' : `.retry-${attempt}`;
  const log = new StepLog(
    join(context.folder, 'logs', logFileName(task.name, step.name + retry)),
    context.order.logLimitBytes,
  );
  try {
    const command = prepare(context, task, step);
    const end = await runStep(command, { scope, log, meter: context.meter, graceMs: context.order.graceMs });
    if (scope.cause !== null) return { kind: 'stopped', cause: scope.cause };
    const why = whyFailed(end);
    if (why === null || step.goesOnAfterError) return null;
    return { kind: 'failed', reason: `task "${task.name}", step "${step.name}": ${why}` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', reason: `task "${task.name}", step "${step.name}": ${why}` };
  } finally {
    log.close();
    scope.close();
  }
}

function prepare(context: RunContext, task: TaskPlan, step: StepPlan) {
  const fill = (text: Text) => context.fill(text, task.name);
  const folder =
    step.workingDir === null ? context.workFolder : join(context.workFolder, fill(step.workingDir));
  mkdirSync(folder, { recursive: true });
  const env: Record<string, string> = { ...context.env };
  for (const { name, value } of step.env) env[name] = expand(fill(value), env);
  const fifo = context.fifo(task.name, step.name);
  if (step.work.kind === 'command') {
    return { argv: step.work.argv.map((part) => expand(fill(part), env)), env, folder, fifo };
  }
  const script = join(context.folder, 'scripts', `${task.name}.${step.name}`);
  const text = fill(step.work.text);
  // The first lines Tekton puts before a script that does not say what runs it.
  writeFileSync(script, text.startsWith('#!') ? text : `#!/bin/sh\nset -e\n${text}`, { mode: 0o700 });
  return { argv: [script], env, folder, fifo };
}

/** `$(NAME)` of the environment, as Kubernetes fills it in; `$$(NAME)` stays as `$(NAME)`. */
function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$?)\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (whole, escaped: string, name: string) =>
    escaped === '$' ? `$(${name})` : (env[name] ?? whole),
  );
}

function whyFailed(end: StepEnd): string | null {
  if (end.kind === 'exited') return end.code === 0 ? null : `exit code ${end.code}`;
  return end.kind === 'killed' ? `killed by ${end.signal}` : end.why;
}

function readResults(task: TaskPlan, folder: string): TaskEnd {
  const results = new Map<string, string>();
  for (const name of task.results) {
    const path = join(folder, name);
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes > RESULT_LIMIT_BYTES) {
      const reason = `task "${task.name}": result "${name}" has ${bytes} bytes; ${RESULT_LIMIT_BYTES} are allowed`;
      return { kind: 'failed', reason };
    }
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
      results.set(name, readFileSync(path, 'utf8'));
    }
  }
  return { kind: 'succeeded', results };
}
