/**
 * One step as a process group of its own. It ends when its first process ends; whatever
 * else is in the group then is killed, as it would be in a container.
 *
 * Output comes through a FIFO rather than the socket Node would make, so that scripts may
 * open /dev/stdout and /dev/stderr, and one for both, so that their order is kept.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { pause } from '../end-processes.ts';
import { groupLives, signal } from '../process-table.ts';
import type { StepLog } from './step-log.ts';
import type { Scope } from './stop.ts';
import type { UsageMeter } from './usage-meter.ts';

export interface StepCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly fifo: string;
}

export type StepEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not-run'; readonly why: string };

export interface StepTools {
  readonly scope: Scope;
  readonly log: StepLog;
  readonly meter: UsageMeter;
  readonly graceMs: number;
}

const GROUP_LOOK_MS = 10;
/** Output may still arrive from a process that left the group; after this long without any, it is cut. */
const QUIET_MS = 100;

export async function runStep(command: StepCommand, tools: StepTools): Promise<StepEnd> {
  const reader = openSync(command.fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(command.fifo, constants.O_WRONLY);
  const output = new Socket({ fd: reader, readable: true, writable: false });
  output.on('data', (chunk: Buffer) => tools.log.add(chunk));
  output.on('error', () => output.destroy());
  const drained = new Promise<void>((resolve) => output.once('close', () => resolve()));
  let child: ChildProcess;
  try {
    child = launch(command, writer);
  } catch (error) {
    // Such as an argument list that is too long.
    output.destroy();
    return { kind: 'not-run', why: error instanceof Error ? error.message : String(error) };
  } finally {
    closeSync(writer);
  }
  const end = await supervise(child, tools);
  await untilQuiet(output, drained);
  return end;
}

function launch(command: StepCommand, output: number): ChildProcess {
  const [file = '', ...args] = command.argv;
  return spawn(file, args, {
    cwd: command.folder,
    env: command.env,
    stdio: ['ignore', output, output],
    detached: true,
  });
}

async function supervise(child: ChildProcess, tools: StepTools): Promise<StepEnd> {
  const ended = new Promise<StepEnd>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-run', why: whyNotRun(error, child.spawnfile) }));
    child.once('exit', (code, killedBy) =>
      resolve(code === null ? { kind: 'killed', signal: killedBy ?? '?' } : { kind: 'exited', code }),
    );
  });
  const group = child.pid;
  if (group === undefined) return ended;
  tools.meter.add(group);
  const stopping: Promise<void>[] = [];
  const leave = tools.scope.onStop(() => {
    stopping.push(endGroup(group, tools.graceMs));
  });
  const end = await ended;
  leave();
  tools.meter.remove(group);
  await Promise.all(stopping);
  signal(-group, 'SIGKILL');
  return end;
}

/** Asks the whole group to end, waits for it, and kills what is left when the grace is over. */
async function endGroup(group: number, graceMs: number): Promise<void> {
  const killAtMs = Date.now() + graceMs;
  signal(-group, 'SIGTERM');
  while (Date.now() < killAtMs && groupLives(group)) await pause(GROUP_LOOK_MS);
  signal(-group, 'SIGKILL');
}

function whyNotRun(error: Error, file: string): string {
  if (!('code' in error)) return error.message;
  if (error.code === 'ENOENT') return `${file}: command not found`;
  if (error.code === 'EACCES') return `${file}: permission denied`;
  return `${file}: ${error.message}`;
}

async function untilQuiet(output: Socket, drained: Promise<void>): Promise<void> {
  for (let seen = -1; seen !== output.bytesRead && !output.destroyed; ) {
    seen = output.bytesRead;
    await Promise.race([drained, quietPause(drained)]);
  }
  output.destroy();
}

function quietPause(drained: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, QUIET_MS);
    void drained.then(() => clearTimeout(timer));
  });
}
