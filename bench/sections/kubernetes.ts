/**
 * The Kubernetes client alone: watching tens of thousands of PipelineRuns in a process of its
 * own, against a server in another one, over TLS.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';

const FOLDER = join(import.meta.dirname, '..', 'kubernetes');
const EVENTS = 20_000;
const PATCHES = 5_000;
/** Young generations of the usual size are garbage of parsed objects for the most part. */
const NODE_FLAGS = ['--expose-gc', '--max-semi-space-size=2'];

interface Measured {
  readonly items: number;
  readonly syncSeconds: number;
  readonly longestTurnMs: number;
  readonly eventsPerSecond: number;
  readonly patchesPerSecond: number;
  readonly megabytes: number;
  readonly emptyMegabytes: number;
  readonly heapMegabytes: number;
}

async function measured(runs: number, scale: number): Promise<Measured> {
  const server = spawn(process.execPath, [join(FOLDER, 'many-runs-server.ts'), String(runs), 'tls'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'));
  try {
    const kubeconfig = join(folder, 'config');
    writeFileSync(kubeconfig, kubeconfigFor(await portOf(server)));
    const counts = [EVENTS * scale, PATCHES * scale].map((count) => String(Math.ceil(count)));
    const script = join(FOLDER, 'reflection-process.ts');
    const args = [...NODE_FLAGS, script, kubeconfig, ...counts];
    const { stdout } = await promisify(execFile)(process.execPath, args, { encoding: 'utf8' });
    const found = JSON.parse(stdout) as Measured;
    if (found.items !== runs) throw new Error(`asked for ${runs} runs, saw ${found.items}`);
    return found;
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function portOf(server: ChildProcess): Promise<number> {
  if (server.stdout === null) throw new Error('the server has no output');
  const [data] = (await once(server.stdout, 'data')) as [Buffer];
  return Number(data.toString());
}

function kubeconfigFor(port: number): string {
  const cluster = { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  return JSON.stringify({
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench' } }],
    clusters: [{ name: 'bench', cluster }],
  });
}

function linesOf(
  runs: number,
  found: Measured,
  wantedSeconds: number,
  wantedMegabytes: number,
): readonly Line[] {
  const of = `${runs.toLocaleString('en-US')} runs`;
  const line = (what: string, value: number, unit: string): Line => ({
    what: `${of}: ${what}`,
    value,
    unit,
    against: null,
    goal: null,
  });
  const resident = line('resident after bursts and a second list', found.megabytes, 'MB');
  return [
    { ...line('listed', found.syncSeconds, 's'), goal: atMost(wantedSeconds, found.syncSeconds, ' s') },
    line('longest turn while listing', found.longestTurnMs, 'ms'),
    line('events', found.eventsPerSecond, '/s'),
    line('patches, 64 at a time', found.patchesPerSecond, '/s'),
    { ...resident, goal: atMost(wantedMegabytes, found.megabytes, ' MB') },
    line('resident before', found.emptyMegabytes, 'MB'),
    line('on the heap', found.heapMegabytes, 'MB'),
  ];
}

async function run({ scale }: Effort): Promise<readonly Line[]> {
  const small = Math.ceil(10_000 * scale);
  const large = Math.ceil(50_000 * scale);
  return [
    ...linesOf(small, await measured(small, scale), 5, 150),
    ...linesOf(large, await measured(large, scale), 20, 350),
  ];
}

export const kubernetes: Section = {
  name: 'kubernetes',
  title: 'PipelineRuns listed and watched over TLS, by the client and reflector alone',
  run,
};
