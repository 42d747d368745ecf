/**
 * Runs simulations from the command line. Exit status 1 when an invariant was violated
 * (0 with --break, where that is what should happen).
 */
import { parseArgs } from 'node:util';
import { BREAKS, breakNamed } from './breaks.ts';
import { runMain, wholeNumber } from './command-line.ts';
import { replayCommand, runSeeds } from './seeds.ts';

const USAGE = `usage: npm run sim -- [--seeds N] [--hours H] [--seed S] [--break NAME]

  --seeds N     how many seeds, default 50
  --seed S      the first seed, default 1; alone: only this one
  --hours H     simulated hours of faults per seed, default 24
  --break NAME  break the loop deliberately, to see that it is noticed:
${BREAKS.map(({ name, meaning }) => `                ${name}\n                    ${meaning}`).join('\n')}
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      hours: { type: 'string', default: '24' },
      break: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const first = wholeNumber('seed', values.seed ?? '1', 0);
  const count = wholeNumber('seeds', values.seeds ?? (values.seed === undefined ? '50' : '1'), 1);
  const hours = wholeNumber('hours', values.hours, 1);
  const broken = values.break === undefined ? null : breakNamed(values.break);
  if (broken === undefined) {
    throw new Error(`--break: "${values.break}" is none of ${BREAKS.map(({ name }) => name).join(', ')}`);
  }
  const summary = await runSeeds({ first, count, hours, broken, report: (line) => console.log(line) });
  if (summary.failed.length > 0)
    console.log(`first failure again: ${replayCommand(summary.failed[0] ?? 0, hours, broken)}`);
  return summary.failed.length > 0 === (broken === null) ? 1 : 0;
}

await runMain('sim', main);
