/**
 * Kills `penstock serve` with SIGKILL at random moments, as often as asked, starting it again
 * each time, while runs wait and run; lets the last one serve until all have ended; then looks
 * at what is left.
 *
 *   npm run kill:serve -- [--kills 20] [--seed 1] [--runs 120]
 *
 * Ends with status 1 when a run was lost, ran twice, is not in history exactly once, or a
 * process was left behind.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { executedIn, type Killing, kill } from './killing.ts';
import { whatIsWrong } from './what-is-wrong.ts';

const LIVES = { shortestMs: 100, longestMs: 6_000 };
const LOOK_MS = 250;
const END_WITHIN_MS = 300_000;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '120' },
  },
});

const CONFIG = `
data: data
pools: { runs: { size: 4 } }
admission: { relist: 1s, startDeadline: 2s }
`;
const pipeline = (executedFile: string): string => `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: { name: noted }
spec:
  tasks:
    - name: work
      taskSpec:
        steps:
          - name: note
            script: |
              echo "$(context.pipelineRun.name)" >> "${executedFile}"
              sleep $(( $$ % 4 ))
`;

async function untilAllHaveEnded({ penstock }: Killing): Promise<void> {
  const giveUpAtMs = Date.now() + END_WITHIN_MS;
  for (;;) {
    const { held, starting, running } = penstock('queue');
    if (held + starting + running === 0) return;
    if (Date.now() > giveUpAtMs)
      throw new Error(`${held} held, ${starting} starting, ${running} running for ever`);
    await pause(LOOK_MS);
  }
}

async function main(killing: Killing): Promise<readonly string[]> {
  const { folder, penstock, serve, nextLifeMs } = killing;
  const executedFile = join(folder, 'executed');
  writeFileSync(join(folder, 'penstock.yaml'), CONFIG);
  writeFileSync(join(folder, 'pipeline.yaml'), pipeline(executedFile));
  const { ids: planned } = penstock('run', 'create', '-f', 'pipeline.yaml', '--count', values.runs);
  for (let killed = 1; killed <= Number(values.kills); killed += 1) {
    const lifeMs = nextLifeMs();
    const child = serve();
    await pause(lifeMs);
    child.kill('SIGKILL');
    await once(child, 'exit');
    process.stdout.write(
      `kill ${killed} after ${lifeMs} ms: ${executedIn(executedFile).length} runs had begun\n`,
    );
  }
  const last = serve();
  const lastEnd = once(last, 'exit');
  await pause(LIVES.longestMs);
  await untilAllHaveEnded(killing);
  last.kill('SIGTERM');
  await lastEnd;
  return whatIsWrong({
    planned,
    executed: executedIn(executedFile),
    database: join(folder, 'data', 'penstock.db'),
    folder,
  });
}

const good = 'nothing lost, nothing twice, nothing left behind';
await kill({ what: 'serve', seed: values.seed, lives: LIVES, good }, main);
