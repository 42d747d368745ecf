/**
 * What is listed of each pool's use at one moment, for comparison with meters that show it
 * late.
 */
import type { Listed } from '../../app/capacity/listed-history.ts';
import { isFinished, type Requests, RUNS_POOL } from '../../core/model/run.ts';
import type { ObservedRun } from '../../ports/engine.ts';

/** `tasks`: units of each platform that observed TaskRuns use; of `runs` those that have begun. */
export function listedOf(
  runs: Iterable<ObservedRun>,
  tasks: ReadonlyMap<string, number>,
): ReadonlyMap<string, Listed> {
  const least = new Map(tasks);
  const most = new Map<string, number>();
  const held = new Map<string, number>();
  // What they ask for is one object for thousands that wait.
  const waiting = new Map<Requests, number>();
  for (const run of runs) {
    if (isFinished(run.state)) continue;
    if (run.state === 'held') waiting.set(run.requests, (waiting.get(run.requests) ?? 0) + 1);
    else add(most, run.requests, 1);
    if (run.state === 'running') least.set(RUNS_POOL, (least.get(RUNS_POOL) ?? 0) + 1);
  }
  for (const [requests, times] of waiting) add(held, requests, times);
  const pools = new Set([...least.keys(), ...most.keys(), ...held.keys()]);
  return new Map(
    [...pools].map((pool) => [
      pool,
      { least: least.get(pool) ?? 0, most: most.get(pool) ?? 0, held: held.get(pool) ?? 0 },
    ]),
  );
}

function add(units: Map<string, number>, requests: Requests, times: number): void {
  for (const [pool, count] of Object.entries(requests)) {
    units.set(pool, (units.get(pool) ?? 0) + count * times);
  }
}
