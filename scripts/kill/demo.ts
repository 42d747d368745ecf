/**
 * Kills the demo with SIGKILL at random moments, as often as asked, starting it again each
 * time, until it ends by itself; then looks at what is left. Each run writes its name into a
 * file when it executes, so what really ran is known from the runs and not from Penstock.
 *
 *   npm run kill:demo -- [--kills 20] [--seed 1] [--runs 300]
 *
 * Ends with status 1 when a run was lost, ran twice, is not in history exactly once, or a
 * process was left behind.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { DemoOutcome } from '../../src/cli/demo/outcome.ts';
import { executedIn, type Killing, kill, PENSTOCK } from './killing.ts';
import { whatIsWrong } from './what-is-wrong.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** From hardly begun to well on its way again. */
const LIVES = { shortestMs: 200, longestMs: 9_000 };

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '300' },
  },
});
const kills = Number(values.kills);

interface Folders {
  readonly folder: string;
  readonly data: string;
  readonly examples: string;
}

function copyExamples(examples: string): void {
  cpSync(join(ROOT, 'examples'), examples, { recursive: true });
  const note = [
    '          - name: note',
    '            image: debian:13-slim',
    '            script: echo "$(context.pipelineRun.name)" >> "$(params.source)/executed"',
  ].join('\n');
  for (const file of pipelinesIn(examples)) {
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/^ {8}steps:$/m, (steps) => `${steps}\n${note}`),
    );
  }
}

function pipelinesIn(examples: string): readonly string[] {
  return globSync(join(examples, 'workspace/*/*/pipeline.yaml'));
}

function executed(examples: string): readonly string[] {
  return pipelinesIn(examples).flatMap((pipeline) => executedIn(join(dirname(pipeline), 'executed')));
}

/** One life of the demo: its document when it ended by itself, null when it was killed. */
async function live({ data, examples }: Folders, forMs: number | null): Promise<DemoOutcome | null> {
  const args = ['demo', '--once', '--json', '--data', data, '--examples', examples, '--runs', values.runs];
  const child = spawn(process.execPath, [PENSTOCK, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const timer = forMs === null ? undefined : setTimeout(() => child.kill('SIGKILL'), forMs);
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...end) => resolve(end));
  });
  clearTimeout(timer);
  if (signal === 'SIGKILL') return null;
  if (status !== 0) throw new Error(`the demo ended with status ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** A demo that had finished when it was killed makes room for the next: it is judged as it is. */
function hasFinished({ data }: Folders): boolean {
  const marker = join(data, 'penstock-demo.json');
  return existsSync(marker) && JSON.parse(readFileSync(marker, 'utf8')).state === 'finished';
}

/** What is wrong, one line each; afterwards nothing has executed yet. */
async function judge({ folder, data, examples }: Folders): Promise<readonly string[]> {
  const planned = Object.keys(JSON.parse(readFileSync(join(data, 'demo', 'requests.json'), 'utf8')));
  const database = join(data, 'penstock.db');
  const wrong = await whatIsWrong({ planned, executed: executed(examples), database, folder });
  for (const pipeline of pipelinesIn(examples)) rmSync(join(dirname(pipeline), 'executed'), { force: true });
  return wrong;
}

async function main({ folder, nextLifeMs }: Killing): Promise<readonly string[]> {
  const folders = { folder, data: join(folder, 'data'), examples: join(folder, 'examples') };
  copyExamples(folders.examples);
  const wrong: string[] = [];
  for (let killed = 0; killed < kills; ) {
    const lifeMs = nextLifeMs();
    const document = await live(folders, lifeMs);
    if (document === null) {
      killed += 1;
      process.stdout.write(
        `kill ${killed} after ${lifeMs} ms: ${executed(folders.examples).length} runs had begun\n`,
      );
    }
    if (
      document === null &&
      killed === kills &&
      !hasFinished(folders) &&
      (await live(folders, null)) === null
    ) {
      throw new Error('the demo was killed by somebody else');
    }
    if (hasFinished(folders)) wrong.push(...(await judge(folders)));
  }
  return wrong;
}

const good = 'nothing lost, nothing twice, nothing left behind';
await kill({ what: 'the demo', seed: values.seed, lives: LIVES, good }, main);
