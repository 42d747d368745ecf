/**
 * Runs simulations of launches and stops at the first that goes wrong.
 *
 *   npm run sim:launches -- [--seeds 1000] [--first 1]
 *   npm run sim:launches -- --seed 7        one seed, with its story
 */
import { parseArgs } from 'node:util';
import { simulateLaunches } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});

const first = Number(values.seed ?? values.first);
const last = values.seed === undefined ? first + Number(values.seeds) - 1 : first;
const totals = new Map<string, number>();
let crashes = 0;
for (let seed = first; seed <= last; seed += 1) {
  const result = await simulateLaunches(seed);
  crashes += result.crashes;
  for (const [state, count] of Object.entries(result.states))
    totals.set(state, (totals.get(state) ?? 0) + count);
  if (values.seed !== undefined) process.stdout.write(`${result.trace.join('\n')}\n`);
  if (result.violations.length === 0) continue;
  process.stderr.write(`seed ${seed}: ${result.violations.slice(0, 5).join('\n  ')}\n`);
  process.exitCode = 1;
  break;
}
const counts = [...totals].map(([state, count]) => `${count} ${state}`).join(', ');
process.stdout.write(`seeds ${first} to ${last}: ${crashes} crashes; launches: ${counts}\n`);
