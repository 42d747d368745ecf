/**
 * Kills `penstock serve` with SIGKILL at random moments through an occurrence of many launches,
 * starting it again each time; then lets it finish, and looks whether each launch became
 * exactly one run, executed exactly once, or is reported as missed.
 *
 *   npm run kill:launch -- [--kills 50] [--seed 1] [--launches 200] [--window 90s]
 *
 * Ends with status 1 when a launch was lost, launched twice, or says what is not so.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomStream } from '../../src/core/random/random.ts';
import { whatIsWrong } from './what-is-wrong.ts';

const PENSTOCK = fileURLToPath(new URL('../../bin/penstock.js', import.meta.url));
const SHORTEST_LIFE_MS = 100;
const LONGEST_LIFE_MS = 6_000;
const LOOK_MS = 1_000;
const END_WITHIN_MS = 600_000;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    launches: { type: 'string', default: '200' },
    window: { type: 'string', default: '90s' },
  },
});
const random = randomStream(Number(values.seed), 'moments of killing a launch');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'penstock-kill-')));
const executedFile = join(folder, 'executed');
const count = Number(values.launches);
const projects = Array.from({ length: count }, (_, at) => `  web/p${at}: { tenant: t${at % 5} }`);

const CONFIG = `
data: data
policies: policies
pools: { runs: { size: 8 } }
admission: { relist: 1s, startDeadline: 2s }
projects:
${projects.join('\n')}
`;
const POLICY = `
apiVersion: penstock.dev/v1alpha1
kind: PipelineExecutionPolicy
metadata: { name: audit }
spec:
  enabled: true
  content: { pipelineFile: pipeline.yaml, params: { project: "$(launch.project)" } }
  schedule: { type: monthly, daysOfMonth: [last], startTime: "23:59" }
  timeWindow: { length: 1h }
`;
const PIPELINE = `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: { name: noted }
spec:
  params: [{ name: project }]
  tasks:
    - name: work
      taskSpec:
        steps:
          - name: note
            script: echo "$(context.pipelineRun.name)" >> "${executedFile}"
`;

interface Launch {
  readonly project: string;
  readonly state: string;
  readonly runId: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
}

function penstock(...args: readonly string[]): string {
  return execFileSync(process.execPath, [PENSTOCK, ...args, '--json'], { cwd: folder, encoding: 'utf8' });
}

function serve(): ChildProcess {
  return spawn(process.execPath, [PENSTOCK, 'serve', '--port', 'off'], { cwd: folder, stdio: 'ignore' });
}

function executed(): readonly string[] {
  return existsSync(executedFile) ? readFileSync(executedFile, 'utf8').trim().split('\n') : [];
}

function launchesOf(key: string): readonly Launch[] {
  return JSON.parse(penstock('policy', 'launches', 'audit', key, '--limit', '1000')).launches;
}

async function untilAllHaveEnded(key: string): Promise<readonly Launch[]> {
  const giveUpAtMs = Date.now() + END_WITHIN_MS;
  for (;;) {
    const launches = launchesOf(key);
    const open = launches.filter(({ state, outcome }) =>
      state === 'launched' ? outcome === null : ['planned', 'creating'].includes(state),
    );
    if (open.length === 0) return launches;
    if (Date.now() > giveUpAtMs)
      throw new Error(`${open.length} launches never end: ${JSON.stringify(open[0])}`);
    await pause(LOOK_MS);
  }
}

function set(): void {
  writeFileSync(join(folder, 'penstock.yaml'), CONFIG);
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', 'audit.yaml'), POLICY);
  writeFileSync(join(folder, 'policies', 'pipeline.yaml'), PIPELINE);
}

async function main(): Promise<readonly string[]> {
  set();
  const ordered = JSON.parse(penstock('policy', 'run-now', 'audit', '--window', values.window));
  const { key } = ordered.occurrence;
  let [last, kills] = [serve(), 0];
  while (kills < Number(values.kills)) {
    const lifeMs = Math.round(SHORTEST_LIFE_MS + random.next() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
    await pause(lifeMs);
    last.kill('SIGKILL');
    await once(last, 'exit');
    kills += 1;
    process.stdout.write(`kill ${kills} after ${lifeMs} ms: ${executed().length} of ${count} had executed\n`);
    last = serve();
  }
  const lastEnd = once(last, 'exit');
  await pause(LONGEST_LIFE_MS);
  const launches = await untilAllHaveEnded(key);
  last.kill('SIGTERM');
  await lastEnd;
  return [...(await whatIsWrongWithRuns(launches)), ...whatIsWrongWithLaunches(launches)];
}

function whatIsWrongWithRuns(launches: readonly Launch[]): Promise<readonly string[]> {
  const planned = launches.flatMap(({ runId }) => runId ?? []);
  const database = join(folder, 'data', 'penstock.db');
  return whatIsWrong({ planned, executed: executed(), database, folder });
}

function whatIsWrongWithLaunches(launches: readonly Launch[]): readonly string[] {
  const states = new Map<string, number>();
  for (const { state } of launches) states.set(state, (states.get(state) ?? 0) + 1);
  const text = [...states].map(([state, number]) => `${number} ${state}`).join(', ');
  process.stdout.write(`${launches.length} launches: ${text}\n`);
  const known = new Set(launches.map(({ runId }) => runId));
  const claims: readonly (readonly [string, readonly unknown[]])[] = [
    ['launches that are not there', launches.length === count ? [] : [count - launches.length]],
    [
      'launches neither launched nor missed',
      launches.filter(({ state }) => !['launched', 'missed'].includes(state)),
    ],
    [
      'launches without a run or a reason',
      launches.filter(({ runId, reason }) => runId === null && reason === null),
    ],
    ['runs that executed and belong to no launch', executed().filter((id) => !known.has(id))],
  ];
  return claims
    .filter(([, those]) => those.length > 0)
    .map(([what, those]) => `${what}: ${JSON.stringify(those.slice(0, 5))}`);
}

try {
  const wrong = await main();
  for (const line of wrong) process.stderr.write(`not so good: ${line}\n`);
  process.stdout.write(wrong.length === 0 ? 'each launched exactly once or reported as missed\n' : '');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
