/**
 * The logs of a run, in the order of its plan, as far as its steps have written any.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LogChunk } from '../../../ports/engine.ts';
import type { Plan } from '../plan.ts';
import { readIfThere } from './files.ts';
import { runFolder } from './layout.ts';

export function readLogs(folder: string, id: string): readonly LogChunk[] {
  const logs = join(runFolder(folder, id), 'logs');
  let names: readonly string[];
  try {
    names = readdirSync(logs);
  } catch {
    return [];
  }
  const places = stepPlaces(folder, id);
  return names
    .map((name) => readName(name))
    .filter((log) => log !== null)
    .toSorted((a, b) => (places.get(a.key) ?? 0) - (places.get(b.key) ?? 0) || a.retry - b.retry)
    .map(({ name, task, step }) => ({ task, step, text: readIfThere(join(logs, name)) ?? '' }));
}

/** `<task>.<step>.log` or `<task>.<step>.retry-<n>.log`; names of tasks and steps have no dots. */
function readName(name: string) {
  const [task, step, ...rest] = name.split('.');
  if (task === undefined || step === undefined || rest.at(-1) !== 'log') return null;
  const retry = Number(rest[0]?.match(/^retry-(\d+)$/)?.[1] ?? 0);
  return { name, task, step: retry === 0 ? step : `${step} (retry ${retry})`, retry, key: `${task}.${step}` };
}

function stepPlaces(folder: string, id: string): ReadonlyMap<string, number> {
  const line = (readIfThere(join(runFolder(folder, id), 'run.jsonl')) ?? '').split('\n')[1] ?? '';
  if (line === '') return new Map();
  const plan = JSON.parse(line) as Plan;
  const steps = [...plan.tasks, ...plan.finally].flatMap((task) =>
    task.steps.map((step) => `${task.name}.${step.name}`),
  );
  return new Map(steps.map((key, place) => [key, place]));
}
