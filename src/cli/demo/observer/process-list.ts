/**
 * The processes of this machine, as a cheap repeated look sees them: from /proc where there
 * is one, else from `ps`.
 *
 * Always true: what is read of a process is read again while it is young, because a process
 * that was just forked still shows the command line of its parent.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  /** The command line, its words separated by spaces. */
  readonly command: string;
}

export interface ProcessList {
  readonly source: '/proc' | 'ps';
  /** How often it may be asked without costing more than a few percent of a core. */
  readonly everyMs: number;
  look(nowMs: number): readonly ListedProcess[];
}

const YOUNG_MS = 250;
const PS_BYTES_MAX = 16 * 1024 * 1024;

export function processList(): ProcessList {
  return existsSync('/proc/self/stat') ? new ProcProcessList() : new PsProcessList();
}

interface Known {
  readonly seenAtMs: number;
  readonly process: ListedProcess | null;
}

class ProcProcessList implements ProcessList {
  readonly source = '/proc';
  readonly everyMs = 40;
  #known = new Map<string, Known>();

  look(nowMs: number): readonly ListedProcess[] {
    const known = new Map<string, Known>();
    const processes: ListedProcess[] = [];
    for (const name of readdirSync('/proc')) {
      if (!isNumber(name)) continue;
      const before = this.#known.get(name);
      const young = before === undefined || nowMs - before.seenAtMs < YOUNG_MS;
      const process = young ? readProcess(name) : before.process;
      known.set(name, { seenAtMs: before?.seenAtMs ?? nowMs, process });
      if (process !== null) processes.push(process);
    }
    this.#known = known;
    return processes;
  }
}

function isNumber(name: string): boolean {
  const code = name.charCodeAt(0);
  return code >= 48 && code <= 57;
}

/** Null for one that is gone, is a zombie, or is none of ours to read. */
function readProcess(name: string): ListedProcess | null {
  try {
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    if (command === '') return null;
    const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
    // The name in parentheses may contain anything, so fields count from the last ')'.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ', 2)[1]);
    return { pid: Number(name), parent, command };
  } catch {
    return null;
  }
}

class PsProcessList implements ProcessList {
  readonly source = 'ps';
  readonly everyMs = 250;

  look(): readonly ListedProcess[] {
    const text = execFileSync('ps', ['-Ao', 'pid=,ppid=,args='], {
      encoding: 'utf8',
      maxBuffer: PS_BYTES_MAX,
    });
    return text.split('\n').flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
      return match === null
        ? []
        : [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }];
    });
  }
}
