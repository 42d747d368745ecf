/**
 * How long a person waits for the command line: from the start of the process to the end of
 * `--help`, and until `serve` answers /readyz with yes: it has looked around and decides.
 */
import { spawnSync } from 'node:child_process';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { medians, secondsOf } from '../harness/median.ts';
import { PENSTOCK, served } from '../harness/serve.ts';

function helpMs(): number {
  let status: number | null = null;
  const seconds = secondsOf(() => {
    ({ status } = spawnSync(process.execPath, [PENSTOCK, '--help'], { stdio: 'ignore' }));
  });
  if (status !== 0) throw new Error(`penstock --help ended with ${status}`);
  return seconds * 1000;
}

async function readyMs(): Promise<number> {
  const serve = await served();
  await serve.end();
  return serve.readyAfterMs;
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
