/** Starts a test program in a process of its own and reads what it prints, line by line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly pid: number;
  /** Lines so far. */
  readonly lines: readonly string[];
  /** Resolves when there are so many lines, or when there will be no more. */
  linesReach(count: number): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Writes a line to it. */
  send(line: string): void;
  /** Resolves with its exit status; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

export function startChild(program: URL, args: readonly string[]): Child {
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { pid, stdout, stdin } = child;
  if (pid === undefined || stdout === null) throw new Error(`${program.pathname} could not be started`);
  const lines: string[] = [];
  const reader = createInterface({ input: stdout });
  const waiting = new Set<() => void>();
  reader.on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const closed = once(reader, 'close');
  const ended = once(child, 'exit').then(async ([status]) => {
    await closed;
    return status as number | null;
  });
  const linesReach = async (count: number) => {
    const reached = new Promise<void>((resolve) => {
      const look = () => {
        if (lines.length >= count) resolve();
      };
      waiting.add(look);
      look();
    });
    await Promise.race([reached, closed]);
  };
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  const send = (line: string) => void stdin?.write(`${line}\n`);
  return { pid, lines, linesReach, kill, send, ended };
}
