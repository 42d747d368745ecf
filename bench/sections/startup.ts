/**
 * How long a person waits for the command line: from the start of the process to the end of
 * `--help`, and until `serve` answers /readyz with yes: it has looked around and decides.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';

const PENSTOCK = join(import.meta.dirname, '..', '..', 'bin', 'penstock.js');
const READY_LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 5;

function helpMs(): number {
  let status: number | null = null;
  const seconds = secondsOf(() => {
    ({ status } = spawnSync(process.execPath, [PENSTOCK, '--help'], { stdio: 'ignore' }));
  });
  if (status !== 0) throw new Error(`penstock --help ended with ${status}`);
  return seconds * 1000;
}

async function readyMs(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'));
  const began = performance.now();
  const serve = spawn(process.execPath, [PENSTOCK, 'serve', '--data', folder, '--port', '0', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const url = await announcedUrl(serve);
    while ((await fetch(new URL('/readyz', url))).status !== 200) {
      if (performance.now() - began > READY_LIMIT_MS) throw new Error('serve does not become ready');
      await setTimeout(LOOK_AGAIN_MS);
    }
    return performance.now() - began;
  } finally {
    serve.kill('SIGTERM');
    if (serve.exitCode === null) await once(serve, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The address in the one JSON document that serve prints when it is ready. */
async function announcedUrl(serve: ChildProcess): Promise<string> {
  const signal = AbortSignal.timeout(READY_LIMIT_MS);
  let printed = '';
  for await (const chunk of serve.stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    signal.throwIfAborted();
    printed += chunk;
    const url = /"url":\s*"([^"]+)"/.exec(printed)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`serve ended without saying where it listens: ${printed}`);
}

async function run({ rounds }: Effort): Promise<readonly Line[]> {
  const { help, ready } = await medians(rounds, { help: helpMs, ready: readyMs });
  const plain = { unit: 'ms', against: null };
  return [
    { what: 'penstock --help', value: help, ...plain, goal: atMost(150, help, ' ms') },
    { what: 'penstock serve, until ready', value: ready, ...plain, goal: atMost(1000, ready, ' ms') },
  ];
}

export const startup: Section = {
  name: 'startup',
  title: 'how long a person waits for the command line',
  run,
};
