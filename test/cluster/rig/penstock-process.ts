/**
 * `penstock serve` on the cluster under test, as a process of its own, the way people run it:
 * it can be asked, stopped, and killed at any moment.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';

const BINARY = new URL('../../../bin/penstock.js', import.meta.url).pathname;
/** Seconds on a quiet machine; while it lives, a busy one is given time. */
const READY_MS = 180_000;
const STOPPED_MS = 60_000;
const LOOK_MS = 20;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const LINES_KEPT = 50_000;

/** Variables of the tests are none of Penstock's. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('PENSTOCK_') && name !== 'KUBECONFIG'),
);

export interface LogLine {
  readonly time: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface PenstockOptions {
  readonly kubeconfig: string;
  /** Parts of `penstock.yaml` that go over what is usual here. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly tekton?: Readonly<Record<string, unknown>>;
  /** Arguments of Node.js that run another build than the sources: flags, then the program. */
  readonly program?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export class PenstockProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'penstock-c-'));
  readonly lines: LogLine[] = [];
  readonly #options: PenstockOptions;
  #child: ChildProcess | null = null;
  #rest = '';
  #startedAtMs = 0;
  #greeting = '';

  constructor(options: PenstockOptions) {
    this.#options = options;
    writeFileSync(join(this.folder, 'penstock.yaml'), stringify(this.#config()));
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** When it was started last. */
  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  /** Of its API; empty where the configuration switches that off. */
  get url(): string {
    return /http:\/\/[^\s,]+?(?=\.? |,|\.$)/m.exec(this.#greeting)?.[0] ?? '';
  }

  /** Returns when it serves; it may not have looked at the cluster yet. */
  async start(): Promise<void> {
    const { program = [BINARY], env } = this.#options;
    const args = [...program, 'serve', '--config', join(this.folder, 'penstock.yaml')];
    this.#startedAtMs = Date.now();
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...ENVIRONMENT, ...env },
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    let hasClosed = false;
    child.on('close', () => {
      hasClosed = true;
    });
    this.#greeting = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#greeting += text;
    });
    await this.#until('it to serve', READY_MS, () => {
      // Only then has everything that it wrote been read.
      if (hasClosed) throw new Error(`penstock serve ended (${this.ending()}): ${this.lastLines()}`);
      return this.#greeting.includes('Penstock serves');
    });
  }

  /** As Ctrl-C does; returns when it has ended. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What a command answers beside it, as JSON. */
  async ask(...command: readonly string[]): Promise<unknown> {
    const args = [BINARY, ...command, '--json', '--config', join(this.folder, 'penstock.yaml')];
    const options = { maxBuffer: OUTPUT_BYTES_MAX, env: ENVIRONMENT };
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    return JSON.parse(stdout);
  }

  async logged(what: string, withinMs: number, condition: (line: LogLine) => boolean): Promise<LogLine> {
    let found: LogLine | undefined;
    await this.#until(what, withinMs, () => {
      found = this.lines.find(condition);
      return found !== undefined;
    });
    return found as LogLine;
  }

  lastLines(count = 15): string {
    return this.lines
      .slice(-count)
      .map((line) => JSON.stringify(line))
      .join('\n');
  }

  #config(): Readonly<Record<string, unknown>> {
    const { kubeconfig, config = {}, tekton = {} } = this.#options;
    return {
      engine: 'tekton',
      data: join(this.folder, 'd'),
      http: 'off',
      log: { level: 'info' },
      pools: { runs: { size: 20 } },
      ...config,
      tekton: { kubeconfig, namespace: 'default', explainEvery: '500ms', ...tekton },
    };
  }

  #take(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{')) this.lines.push(JSON.parse(line) as LogLine);
      else if (line.trim() !== '') this.lines.push({ time: Date.now(), msg: line });
    }
    this.lines.splice(0, Math.max(0, this.lines.length - LINES_KEPT));
  }

  /** How it ended, for a message. */
  ending(): string {
    const { exitCode = null, signalCode = null } = this.#child ?? {};
    return signalCode ?? `status ${exitCode}`;
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!this.isRunning) return;
    this.#child?.kill(signal);
    await this.#until('it to end', STOPPED_MS, () => !this.isRunning);
  }

  async #until(what: string, withinMs: number, condition: () => boolean): Promise<void> {
    const giveUpAtMs = Date.now() + withinMs;
    while (!condition()) {
      if (Date.now() > giveUpAtMs) {
        throw new Error(`waited ${withinMs} ms for ${what}; last of the log:\n${this.lastLines()}`);
      }
      await pause(LOOK_MS);
    }
  }
}
