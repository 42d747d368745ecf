/**
 * What 100,000 held runs occupy in memory, as data and as the structure that decides: taken
 * in a process of its own, after collecting everything else.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { medians } from '../harness/median.ts';

const RUNS = 100_000;
const WANTED_MB = 60;

interface Measured {
  readonly bytes: number;
  readonly held: number;
}

function megabytes(runs: number): number {
  const script = join(import.meta.dirname, '..', 'memory-of-held-runs.ts');
  const printed = execFileSync(process.execPath, ['--expose-gc', script, String(runs)], { encoding: 'utf8' });
  const { bytes, held } = JSON.parse(printed) as Measured;
  if (held !== runs) throw new Error(`asked for ${runs} held runs, measured ${held}`);
  return bytes / 1e6;
}

async function run({ rounds }: Effort): Promise<readonly Line[]> {
  const { held } = await medians(Math.min(rounds, 3), { held: () => megabytes(RUNS) });
  return [
    {
      what: '100,000 held runs',
      value: held,
      unit: 'MB',
      against: null,
      goal: atMost(WANTED_MB, held, ' MB'),
    },
  ];
}

export const memory: Section = {
  name: 'memory',
  title: 'held runs in memory: the snapshot and the admission queue on it',
  run,
};
