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
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { DemoOutcome } from '../../src/cli/demo/outcome.ts';
import { randomStream } from '../../src/core/random/random.ts';
import { whatIsWrong } from './what-is-wrong.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** From hardly begun to well on its way again. */
const SHORTEST_LIFE_MS = 200;
const LONGEST_LIFE_MS = 9_000;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '300' },
  },
});
const kills = Number(values.kills);
const random = randomStream(Number(values.seed), 'moments of killing the demo');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'penstock-kill-')));
const data = join(folder, 'data');
const examples = join(folder, 'examples');

function copyExamples(): void {
  cpSync(join(ROOT, 'examples'), examples, { recursive: true });
  const note = [
    '          - name: note',
    '            image: debian:13-slim',
    '            script: echo "$(context.pipelineRun.name)" >> "$(params.source)/executed"',
  ].join('\n');
  for (const file of pipelines()) {
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/^ {8}steps:$/m, (steps) => `${steps}\n${note}`),
    );
  }
}

function pipelines(): readonly string[] {
  return globSync(join(examples, 'workspace/*/*/pipeline.yaml'));
}

function executed(): readonly string[] {
  return pipelines().flatMap((pipeline) => {
    const file = join(dirname(pipeline), 'executed');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  });
}

/** One life of the demo: its document when it ended by itself, null when it was killed. */
async function live(forMs: number | null): Promise<DemoOutcome | null> {
  const args = ['demo', '--once', '--json', '--data', data, '--examples', examples, '--runs', values.runs];
  const child = spawn(process.execPath, [join(ROOT, 'bin/penstock.js'), ...args], {
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
function hasFinished(): boolean {
  const marker = join(data, 'penstock-demo.json');
  return existsSync(marker) && JSON.parse(readFileSync(marker, 'utf8')).state === 'finished';
}

/** What is wrong, one line each; afterwards nothing has executed yet. */
async function judge(): Promise<readonly string[]> {
  const planned = Object.keys(JSON.parse(readFileSync(join(data, 'demo', 'requests.json'), 'utf8')));
  const database = join(data, 'penstock.db');
  const wrong = await whatIsWrong({ planned, executed: executed(), database, folder });
  for (const pipeline of pipelines()) rmSync(join(dirname(pipeline), 'executed'), { force: true });
  return wrong;
}

async function main(): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (let killed = 0; killed < kills; ) {
    const lifeMs = Math.round(SHORTEST_LIFE_MS + random.next() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
    const document = await live(lifeMs);
    if (document === null) {
      killed += 1;
      process.stdout.write(`kill ${killed} after ${lifeMs} ms: ${executed().length} runs had begun\n`);
    }
    if (document === null && killed === kills && !hasFinished() && (await live(null)) === null) {
      throw new Error('the demo was killed by somebody else');
    }
    if (hasFinished()) wrong.push(...(await judge()));
  }
  return wrong;
}

copyExamples();
try {
  const wrong = await main();
  for (const line of wrong) process.stderr.write(`not so good: ${line}\n`);
  process.stdout.write(wrong.length === 0 ? 'nothing lost, nothing twice, nothing left behind\n' : '');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
