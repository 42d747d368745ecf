/**
 * A demo small enough for a test: two projects of two tenants, one of them on a scarce pool
 * and downloading from the depot. Every run writes its name into a file when it executes, so
 * that what really ran is known from the runs themselves.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOOK_MS = 20;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export class SmallDemo {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'penstock-demo-')));
  readonly data = join(this.folder, 'data');
  readonly #examples = join(this.folder, 'examples');
  readonly #started: Started[] = [];

  constructor() {
    this.#write('penstock.yaml', CONFIG);
    this.#write('workspace/depot.yaml', DEPOT);
    this.#write('workspace/one/quick/pipeline.yaml', QUICK);
    this.#write('workspace/two/slow/pipeline.yaml', SLOW);
    cpSync(join(ROOT, 'examples/workspace/tools'), join(this.#examples, 'workspace/tools'), {
      recursive: true,
    });
  }

  #write(path: string, text: string): void {
    const file = join(this.#examples, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Two measured runs of each project, twelve runs, three at once. */
  start(...more: readonly string[]): Started {
    const args = ['demo', '--data', this.data, '--examples', this.#examples];
    const size = ['--runs', '12', '--per-project', '2', '--slots', '3', '--seed', '1'];
    const child = spawn(process.execPath, [join(ROOT, 'bin/penstock.js'), ...args, ...size, ...more]);
    const ended = new Promise<Ended>((resolve) => {
      const text = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].on('data', (chunk) => {
          text[name] += chunk;
        });
      }
      child.on('close', (status, signal) => resolve({ status, signal, ...text }));
    });
    const started = { child, ended };
    this.#started.push(started);
    return started;
  }

  /** The names of the runs that executed, each as often as it did. */
  executed(): readonly string[] {
    return ['one/quick', 'two/slow'].flatMap((project) => {
      const file = join(this.#examples, 'workspace', project, 'executed');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    });
  }

  /** Waits until so many runs with names like this have executed; false when the demo ended before. */
  async untilExecuted(count: number, prefix: string, demo: Started): Promise<boolean> {
    let over = false;
    void demo.ended.then(() => {
      over = true;
    });
    while (!over) {
      if (this.executed().filter((name) => name.startsWith(prefix)).length >= count) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return false;
  }

  /** Waits until no process works for this demo any more. */
  async untilNothingRuns(): Promise<void> {
    while (processesOf(this.data).length > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }

  async remove(): Promise<void> {
    for (const { child, ended } of this.#started) {
      child.kill('SIGKILL');
      await ended;
    }
    await this.untilNothingRuns();
    rmSync(this.folder, { recursive: true });
  }
}

/** All that were told of this folder or work in it: the demo, its observer, supervisors, steps. */
export function processesOf(folder: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && mentions(pid, folder));
}

function mentions(pid: number, folder: string): boolean {
  try {
    return ['cmdline', 'environ'].some((file) =>
      readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder),
    );
  } catch {
    return false;
  }
}

const CONFIG = `
pools: { runs: { size: 3 }, scarce: { size: 1 } }
priorities: [{ name: normal, patience: 15s }]
admission: { relist: 1s, startDeadline: 1s }
`;

const DEPOT = `
downloads: { parts: { kib: 1, seconds: 0.15, spread: 0.2 } }
uploads: {}
`;

const QUICK = `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: { name: quick }
spec:
  params: [{ name: source }]
  tasks:
    - name: note
      taskSpec:
        steps:
          - name: note
            image: debian:13-slim
            script: echo "$(context.pipelineRun.name)" >> "$(params.source)/executed"
`;

const SLOW = `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: { name: slow, annotations: { requests.penstock.dev/scarce: "1" } }
spec:
  params: [{ name: source }, { name: tools }, { name: node }, { name: depot }]
  tasks:
    - name: fetch
      taskSpec:
        steps:
          - name: note
            image: debian:13-slim
            script: echo "$(context.pipelineRun.name)" >> "$(params.source)/executed"
          - name: fetch
            image: node:24-slim
            command: [$(params.node)]
            args: [$(params.tools)/depot.mjs, get, parts, parts.txt]
            env:
              - { name: DEPOT, value: $(params.depot) }
              - { name: RUN, value: $(context.pipelineRun.name) }
`;
