/**
 * Processes of this machine, known by what they are: a pid alone is reused, so a process
 * is its pid and its birth (boot id and start tick); and it belongs to a run when its
 * environment carries the run's token, wherever in the process tree it went.
 *
 * Without /proc (macOS) a birth is the start time `ps` prints, to the second, and nobody
 * is found by token: a process that left its step's process group outlives its run there.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { TOKEN_VARIABLE } from './state/records.ts';

export const hasProc = existsSync('/proc/self/stat');

/** One entry of /proc/<pid>/stat, as far as it is used. */
export interface ProcessStat {
  readonly state: string;
  readonly group: number;
  /** CPU ticks of waited-for descendants. */
  readonly childTicks: number;
  readonly threads: number;
  readonly startTick: string;
  readonly residentPages: number;
}

export function readStat(pid: number | 'self'): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may contain anything, so fields count from the last ')'.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      state: fields[0] ?? '?',
      group: Number(fields[2]),
      childTicks: Number(fields[13]) + Number(fields[14]),
      threads: Number(fields[17]),
      startTick: fields[19] ?? '',
      residentPages: Number(fields[21]),
    };
  } catch {
    return null;
  }
}

let bootId: string | undefined;

/** Null when there is no such process, or only its zombie. */
export function birthOf(pid: number): string | null {
  if (!hasProc) return birthByPs(pid);
  const stat = readStat(pid);
  if (stat === null || stat.state === 'Z' || stat.state === 'X') return null;
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${bootId}/${stat.startTick}`;
}

function birthByPs(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [state = 'Z', ...start] = line.split(/\s+/);
    return state.startsWith('Z') ? null : start.join(' ');
  } catch {
    return null;
  }
}

/** Whether anybody in the process group still lives: zombies nobody waits for do not count. */
export function groupLives(group: number): boolean {
  if (!signal(-group, 0)) return false;
  if (!hasProc) return true;
  return readdirSync('/proc').some((name) => {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : null;
    return stat !== null && stat.group === group && stat.state !== 'Z' && stat.state !== 'X';
  });
}

/** Every living process that carries the token, this one left out. */
export function carriersOf(token: string): readonly number[] {
  if (!hasProc) return [];
  const wanted = Buffer.from(`${TOKEN_VARIABLE}=${token}`);
  const carriers: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid) && pid !== process.pid && environmentIncludes(pid, wanted)) carriers.push(pid);
  }
  return carriers;
}

const READ_BYTES = 32 * 1024;
/** Environments larger than this are not searched further: Linux limits them to a quarter of the stack, 2 MiB. */
const ENVIRONMENT_LIMIT_BYTES = 2 * 1024 * 1024;
const buffer = Buffer.allocUnsafe(READ_BYTES);

function environmentIncludes(pid: number, wanted: Buffer): boolean {
  let file: number;
  try {
    file = openSync(`/proc/${pid}/environ`, 'r');
  } catch {
    // Gone, or of another user, and then none of ours.
    return false;
  }
  try {
    let kept = 0;
    for (let position = 0; position < ENVIRONMENT_LIMIT_BYTES; ) {
      const count = readSync(file, buffer, kept, READ_BYTES - kept, position);
      if (count === 0) return false;
      const seen = buffer.subarray(0, kept + count);
      if (seen.includes(wanted)) return true;
      // What is looked for may lie across two reads.
      kept = Math.min(seen.length, wanted.length - 1);
      seen.copyWithin(0, seen.length - kept);
      position += count;
    }
    return false;
  } catch {
    return false;
  } finally {
    closeSync(file);
  }
}

/** False when there is nobody to signal. A negative pid means a process group. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
