/**
 * After Penstock was killed and started again: was a run lost, did one execute twice, is each
 * in history exactly once, is a process left behind? What executed is known from the runs
 * themselves, not from Penstock.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';

const LEAVE_WITHIN_MS = 5_000;

export interface Remains {
  /** Names of all runs that should have executed, and of those that did, as often as they did. */
  readonly planned: readonly string[];
  readonly executed: readonly string[];
  readonly database: string;
  /** Processes that name it in their command line or environment belong to the experiment. */
  readonly folder: string;
}

/** One line for each kind of thing that is wrong. */
export async function whatIsWrong({
  planned,
  executed,
  database,
  folder,
}: Remains): Promise<readonly string[]> {
  const giveUpAtMs = Date.now() + LEAVE_WITHIN_MS;
  while (processesOf(folder).length > 0 && Date.now() < giveUpAtMs) await pause(50);
  const { history, samples } = recorded(database);
  const missing = (names: readonly string[]): readonly string[] =>
    planned.filter((name) => !names.includes(name));
  const claims: readonly (readonly [string, readonly unknown[]])[] = [
    ['runs that never executed', missing(executed)],
    ['runs that executed twice', repeated(executed)],
    ['runs missing in history', missing(history)],
    ['runs twice in history', repeated(history)],
    ['runs measured twice', repeated(samples)],
    ['processes left behind', processesOf(folder)],
  ];
  process.stdout.write(
    `${planned.length} runs planned, ${executed.length} executed, ${history.length} in history\n`,
  );
  return claims
    .filter(([, those]) => those.length > 0)
    .map(([what, those]) => `${what}: ${those.join(', ')}`);
}

function recorded(file: string): {
  readonly history: readonly string[];
  readonly samples: readonly string[];
} {
  const database = new Sqlite(file, { readonly: true });
  try {
    return {
      history: database.prepare('select id from finished_run').pluck().all() as string[],
      samples: database.prepare('select run_id from sample').pluck().all() as string[],
    };
  } finally {
    database.close();
  }
}

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, at) => names.indexOf(name) !== at);
}

function processesOf(folder: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && belongs(pid, folder));
}

function belongs(pid: number, folder: string): boolean {
  try {
    return ['cmdline', 'environ'].some((file) =>
      readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder),
    );
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
