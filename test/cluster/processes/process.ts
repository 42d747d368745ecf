/**
 * Starts a server of the cluster so that it outlives us, and ends exactly that one.
 *
 * A process is known by its pid and its birth, because a pid alone is given to another
 * program sooner or later.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { birthOf, readStat, signal } from '../../../src/adapters/local/process-table.ts';

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  /** Ended by SIGKILL at once: it would drain for long, and has nothing to lose. */
  readonly endHard: boolean;
}

export interface ProcessRecord extends ProcessPlan {
  readonly pid: number;
  readonly birth: string;
}

const GRACE_MS = 10_000;
const UNKILLABLE_AFTER_MS = 20_000;
const LOOK_MS = 20;
/** What a server gets of our environment; the rest must not change how it behaves. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

export function launch(plan: ProcessPlan): ProcessRecord {
  mkdirSync(dirname(plan.log), { recursive: true });
  const log = openSync(plan.log, 'a');
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const child = spawn(plan.command, plan.args, {
    detached: true,
    cwd: dirname(plan.log),
    stdio: ['ignore', log, log],
    env: { ...Object.fromEntries(inherited), ...plan.env },
  });
  closeSync(log);
  // Reported by the missing birth below; unheard, the event would end us.
  child.on('error', () => {});
  child.unref();
  const { pid } = child;
  const birth = pid === undefined ? null : birthOf(pid);
  if (pid === undefined || birth === null) throw new Error(`${plan.name} did not start: ${plan.command}`);
  return { ...plan, pid, birth };
}

export function isAlive({ pid, birth }: Pick<ProcessRecord, 'pid' | 'birth'>): boolean {
  return birthOf(pid) === birth;
}

/**
 * Gone with all its threads. The first of them can be dead, and the process look dead, while
 * others still hold its ports: a large server on a busy machine takes a while to fall apart.
 */
function hasLetGo(record: ProcessRecord): boolean {
  if (isAlive(record)) return false;
  const stat = readStat(record.pid);
  return stat === null || stat.threads <= 1 || !record.birth.endsWith(`/${stat.startTick}`);
}

/** Asks it to end, insists after a grace, and returns when it is gone and its ports are free. */
export async function end(record: ProcessRecord, how: 'gently' | 'hard' = 'gently'): Promise<void> {
  const beganMs = Date.now();
  let sent: NodeJS.Signals | null = null;
  while (!hasLetGo(record)) {
    const elapsedMs = Date.now() - beganMs;
    const wanted = how === 'hard' || record.endHard || elapsedMs > GRACE_MS ? 'SIGKILL' : 'SIGTERM';
    if (sent !== wanted) signal(record.pid, wanted);
    sent = wanted;
    if (elapsedMs > UNKILLABLE_AFTER_MS)
      throw new Error(`${record.name} (pid ${record.pid}) cannot be ended`);
    await pause(LOOK_MS);
  }
}

const TAIL_LINES = 12;

/** The end of its log, for a message that says why a server is not there. */
export function lastLines(log: string): string {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } catch {
    return '(no log)';
  }
}
