/** The real `penstock`, as a process of its own, in a temporary folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cleanEnvironment, commandHost, type Finished } from './command-host.ts';

export const BINARY = join(import.meta.dirname, '..', '..', 'bin', 'penstock.js');

export interface Workplace {
  readonly folder: string;
  readonly data: string;
  /** Carries out one command there, in the process that does so for all of this file's tests. */
  penstock(...args: readonly string[]): Promise<Finished>;
  /** Runs `penstock` there to its end, in a process of its own as a user does. */
  process(...args: readonly string[]): Promise<Finished>;
  /** Starts `penstock serve` there; resolves when it listens. */
  serve(...args: readonly string[]): Promise<Server>;
  write(name: string, content: string): Promise<string>;
  /** Ends the servers that still run and removes the folder. */
  dispose(): Promise<void>;
}

export interface Server {
  readonly url: string;
  readonly socketPath: string;
  readonly process: ChildProcess;
  /** What it wrote to stderr until its end. */
  readonly stderr: Promise<string>;
  /** Sends the signal and waits for the end; returns the exit status, null when killed. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function openWorkplace(files: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-cli-'));
  const servers: Server[] = [];
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [BINARY, ...args], { cwd: folder, env: cleanEnvironment() });
  const write = async (name: string, content: string): Promise<string> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  for (const [name, content] of Object.entries(files)) await write(name, content);
  return {
    folder,
    data: join(folder, '.penstock'),
    penstock: (...args) => commandHost().run(folder, args),
    process: (...args) => finished(start(args)),
    serve: async (...args) => {
      const server = await listening(start(['serve', '--json', '--port', '0', ...args]));
      servers.push(server);
      return server;
    },
    write,
    dispose: async () => {
      for (const server of servers) await server.end('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function finished(child: ReturnType<typeof spawn>): Promise<Finished> {
  const [stdout, stderr, [status]] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'close'),
  ]);
  return { status: status as number | null, stdout, stderr };
}

async function listening(child: ReturnType<typeof spawn>): Promise<Server> {
  const ended = once(child, 'close');
  const stderr = child.stderr === null ? Promise.resolve('') : text(child.stderr);
  const greeting = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (printed.trimEnd().endsWith('}')) resolve(printed);
    });
    ended.then(async () => reject(new Error(`serve ended: ${await stderr}`)), reject);
  });
  const { url, socketPath } = JSON.parse(greeting) as { readonly url: string; readonly socketPath: string };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [status] = await ended;
    return status as number | null;
  };
  return { url, socketPath, process: child, stderr, end };
}

export function pipelineOf(script: string, more = ''): string {
  return `apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: build
spec:
  tasks:
    - name: hello
      taskSpec:
        steps:
          - name: say
            script: |
              #!/bin/sh
              ${script}
${more}`;
}
