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
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
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
const LOOK_MS = 250;
const END_WITHIN_MS = 300_000;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '120' },
  },
});
const random = randomStream(Number(values.seed), 'moments of killing serve');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'penstock-kill-')));
const executedFile = join(folder, 'executed');

const CONFIG = `
data: data
pools: { runs: { size: 4 } }
admission: { relist: 1s, startDeadline: 2s }
`;
const PIPELINE = `
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

function penstock(...args: readonly string[]): string {
  return execFileSync(process.execPath, [PENSTOCK, ...args, '--json'], { cwd: folder, encoding: 'utf8' });
}

function serve(): ChildProcess {
  return spawn(process.execPath, [PENSTOCK, 'serve', '--port', 'off'], { cwd: folder, stdio: 'ignore' });
}

function executed(): readonly string[] {
  return existsSync(executedFile) ? readFileSync(executedFile, 'utf8').trim().split('\n') : [];
}

async function untilAllHaveEnded(): Promise<void> {
  const giveUpAtMs = Date.now() + END_WITHIN_MS;
  for (;;) {
    const { held, starting, running } = JSON.parse(penstock('queue'));
    if (held + starting + running === 0) return;
    if (Date.now() > giveUpAtMs)
      throw new Error(`${held} held, ${starting} starting, ${running} running for ever`);
    await pause(LOOK_MS);
  }
}

async function main(): Promise<readonly string[]> {
  writeFileSync(join(folder, 'penstock.yaml'), CONFIG);
  writeFileSync(join(folder, 'pipeline.yaml'), PIPELINE);
  const created: { readonly ids: readonly string[] } = JSON.parse(
    penstock('run', 'create', '-f', 'pipeline.yaml', '--count', values.runs),
  );
  const planned = created.ids;
  for (let kill = 1; kill <= Number(values.kills); kill += 1) {
    const lifeMs = Math.round(SHORTEST_LIFE_MS + random.next() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
    const child = serve();
    await pause(lifeMs);
    child.kill('SIGKILL');
    await once(child, 'exit');
    process.stdout.write(`kill ${kill} after ${lifeMs} ms: ${executed().length} runs had begun\n`);
  }
  const last = serve();
  const lastEnd = once(last, 'exit');
  await pause(LONGEST_LIFE_MS);
  await untilAllHaveEnded();
  last.kill('SIGTERM');
  await lastEnd;
  return whatIsWrong({
    planned,
    executed: executed(),
    database: join(folder, 'data', 'penstock.db'),
    folder,
  });
}

try {
  const wrong = await main();
  for (const line of wrong) process.stderr.write(`not so good: ${line}\n`);
  process.stdout.write(wrong.length === 0 ? 'nothing lost, nothing twice, nothing left behind\n' : '');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
