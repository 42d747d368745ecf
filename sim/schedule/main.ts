/**
 * `npm run sim:schedule -- --cases 1000`: fed the true durations, is the forecast the
 * controller's schedule, to the millisecond? On so many random cases: queues of up to 120 runs
 * of many tenants, pools and priorities, half of them there at once and the others arriving,
 * with and without time between a start and its being observed, and with runs moved to the
 * front. Exit status 1 when any start or end lies a millisecond apart.
 */
import { parseArgs } from 'node:util';
import { runMain, wholeNumber } from '../command-line.ts';
import { apartMs, bothSchedules, type ScheduleCase } from './both-schedules.ts';

const LATENCIES_MS = [0, 700] as const;
const FRONTS: readonly (readonly number[])[] = [[], [], [7, 3, 9]];
/** A line of progress for so many cases. */
const PROGRESS = 100;

function caseOf(nth: number, firstSeed: number): ScheduleCase {
  return {
    seed: firstSeed + nth,
    startLatencyMs: LATENCIES_MS[nth % LATENCIES_MS.length] as number,
    moved: FRONTS[nth % FRONTS.length] as readonly number[],
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { cases: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
  });
  const cases = wholeNumber('cases', values.cases, 1);
  const firstSeed = wholeNumber('seed', values.seed, 0);
  let runs = 0;
  let most = 0;
  let differ = 0;
  for (let nth = 0; nth < cases; nth += 1) {
    const tried = caseOf(nth, firstSeed);
    const { live, computed } = await bothSchedules(tried);
    const apart = apartMs(live, computed);
    runs += live.startedAtMs.size;
    most = Math.max(most, apart);
    if (apart > 0) {
      differ += 1;
      console.log(`${apart} ms apart: ${JSON.stringify(tried)}`);
    }
    if ((nth + 1) % PROGRESS === 0) console.log(`${nth + 1} of ${cases}`);
  }
  console.log(`${cases} cases, ${runs} runs: ${differ} differ, at most ${most} ms apart.`);
  return differ > 0 ? 1 : 0;
}

await runMain('sim:schedule', main);
