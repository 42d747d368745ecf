/**
 * One process that carries out command after command, as loading Penstock is most of what
 * a short command costs. Commands are carried out one after the other, each in the folder it is
 * asked for in; what they print is given back instead of written.
 *
 * For commands that end by themselves. What is about the process (signals, streams that close,
 * two at once) belongs in a process of its own.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Asked {
  readonly id: number;
  readonly folder: string;
  readonly args: readonly string[];
}

export interface Answered extends Finished {
  readonly id: number;
}

interface Waiting {
  readonly resolve: (finished: Finished) => void;
  readonly reject: (error: Error) => void;
}

class CommandHost {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, Waiting>();
  #lastId = 0;

  constructor() {
    this.#child = fork(join(import.meta.dirname, 'hosted-commands.ts'), {
      env: cleanEnvironment(),
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answered: Answered) => {
      const { id, ...finished } = answered;
      this.#asked.get(id)?.resolve(finished);
      this.#asked.delete(id);
    });
    this.#child.on('exit', (status, signal) => {
      const error = new Error(`the process of the commands ended (${signal ?? status})`);
      for (const { reject } of this.#asked.values()) reject(error);
      this.#asked.clear();
    });
  }

  run(folder: string, args: readonly string[]): Promise<Finished> {
    this.#lastId += 1;
    const asked: Asked = { id: this.#lastId, folder, args };
    return new Promise((resolve, reject) => {
      this.#asked.set(asked.id, { resolve, reject });
      this.#child.send(asked, (error) => {
        if (error !== null) reject(error);
      });
    });
  }
}

let host: CommandHost | null = null;

/** The one of this process; it ends with it. */
export function commandHost(): CommandHost {
  host ??= new CommandHost();
  return host;
}

/** Ours without what would configure a Penstock. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PENSTOCK_'));
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}
