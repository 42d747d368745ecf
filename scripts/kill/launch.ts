/**
 * Kills `penstock serve` with SIGKILL at random moments through an occurrence of many launches,
 * starting it again each time; then lets it finish, and looks whether each launch became
 * exactly one run, executed exactly once, or is reported as missed.
 *
 *   npm run kill:launch -- [--kills 50] [--seed 1] [--launches 200] [--window 90s]
 *
 * Ends with status 1 when a launch was lost, launched twice, or says what is not so.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { executedIn, type Killing, kill } from './killing.ts';
import { whatIsWrong } from './what-is-wrong.ts';

const LIVES = { shortestMs: 100, longestMs: 6_000 };
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
const pipeline = (executedFile: string): string => `
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

async function untilAllHaveEnded({ penstock }: Killing, key: string): Promise<readonly Launch[]> {
  const giveUpAtMs = Date.now() + END_WITHIN_MS;
  for (;;) {
    const { launches }: { readonly launches: readonly Launch[] } = penstock(
      'policy',
      'launches',
      'audit',
      key,
      '--limit',
      '1000',
    );
    const open = launches.filter(({ state, outcome }) =>
      state === 'launched' ? outcome === null : ['planned', 'creating'].includes(state),
    );
    if (open.length === 0) return launches;
    if (Date.now() > giveUpAtMs)
      throw new Error(`${open.length} launches never end: ${JSON.stringify(open[0])}`);
    await pause(LOOK_MS);
  }
}

function set(folder: string, executedFile: string): void {
  writeFileSync(join(folder, 'penstock.yaml'), CONFIG);
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', 'audit.yaml'), POLICY);
  writeFileSync(join(folder, 'policies', 'pipeline.yaml'), pipeline(executedFile));
}

async function main(killing: Killing): Promise<readonly string[]> {
  const { folder, penstock, serve, nextLifeMs } = killing;
  const executedFile = join(folder, 'executed');
  set(folder, executedFile);
  const { key } = penstock('policy', 'run-now', 'audit', '--window', values.window).occurrence;
  let [last, kills] = [serve(), 0];
  while (kills < Number(values.kills)) {
    const lifeMs = nextLifeMs();
    await pause(lifeMs);
    last.kill('SIGKILL');
    await once(last, 'exit');
    kills += 1;
    process.stdout.write(
      `kill ${kills} after ${lifeMs} ms: ${executedIn(executedFile).length} of ${count} had executed\n`,
    );
    last = serve();
  }
  const lastEnd = once(last, 'exit');
  await pause(LIVES.longestMs);
  const launches = await untilAllHaveEnded(killing, key);
  last.kill('SIGTERM');
  await lastEnd;
  const executed = executedIn(executedFile);
  const planned = launches.flatMap(({ runId }) => runId ?? []);
  const database = join(folder, 'data', 'penstock.db');
  const wrong = await whatIsWrong({ planned, executed, database, folder });
  return [...wrong, ...whatIsWrongWithLaunches(launches, executed)];
}

function whatIsWrongWithLaunches(
  launches: readonly Launch[],
  executed: readonly string[],
): readonly string[] {
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
    ['runs that executed and belong to no launch', executed.filter((id) => !known.has(id))],
  ];
  return claims
    .filter(([, those]) => those.length > 0)
    .map(([what, those]) => `${what}: ${JSON.stringify(those.slice(0, 5))}`);
}

const good = 'each launched exactly once or reported as missed';
await kill({ what: 'a launch', seed: values.seed, lives: LIVES, good }, main);
