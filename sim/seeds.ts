/**
 * Many seeds, each simulated twice: a seed fails when an invariant is violated or when
 * its two traces differ.
 */
import type { Break } from './breaks.ts';
import { type SimulationResult, simulate } from './simulation.ts';

export interface SeedsOptions {
  readonly first: number;
  readonly count: number;
  readonly hours: number;
  readonly broken: Break | null;
  readonly report: (line: string) => void;
}

export interface SeedsSummary {
  readonly failed: readonly number[];
  readonly started: number;
  readonly crashes: number;
  readonly orders: number;
  readonly steps: number;
}

/** Shown with a failure. */
const LINES_SHOWN = 40;
/** With a broken loop one failure is enough; without, more than these only repeat the story. */
const FAILURES_MAX = 5;
const REPORT_EVERY = 50;

export async function runSeeds(options: SeedsOptions): Promise<SeedsSummary> {
  const { first, count, hours, broken, report } = options;
  const failed: number[] = [];
  let started = 0;
  let crashes = 0;
  let orders = 0;
  let steps = 0;
  let done = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await simulateTwice({ seed, hours, broken });
    done += 1;
    started += result.started;
    crashes += result.crashes;
    orders += result.orders;
    steps += result.steps;
    if (result.violation !== null) {
      failed.push(seed);
      for (const line of failureLines(result, hours, broken)) report(line);
      if (failed.length >= (broken === null ? FAILURES_MAX : 1)) break;
    }
    if (done % REPORT_EVERY === 0) report(`${done} of ${count} seeds, ${failed.length} failed`);
  }
  report(
    `${done} seeds of ${hours} h, each twice: ${failed.length} failed; ` +
      `${started} starts, ${crashes} crashes, ${orders} orders, ${steps} steps`,
  );
  return { failed, started, crashes, orders, steps };
}

async function simulateTwice(options: {
  readonly seed: number;
  readonly hours: number;
  readonly broken: Break | null;
}): Promise<SimulationResult> {
  const result = await simulate(options);
  const again = await simulate(options);
  const same = result.traceHash === again.traceHash && result.steps === again.steps;
  if (same || result.violation !== null) return result;
  return { ...result, violation: 'the same seed gave another trace when it ran again' };
}

export function replayCommand(seed: number, hours: number, broken: Break | null): string {
  const suffix = broken === null ? '' : ` --break ${broken.name}`;
  return `npm run sim -- --seed ${seed} --hours ${hours}${suffix}`;
}

export function failureLines(
  result: SimulationResult,
  hours: number,
  broken: Break | null,
): readonly string[] {
  return [
    `seed ${result.seed}: ${result.violation}`,
    `  faults: ${result.faults.join(', ')}`,
    ...result.lastLines.slice(-LINES_SHOWN).map((line) => `  ${line}`),
    `  again: ${replayCommand(result.seed, hours, broken)}`,
  ];
}
