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
  for (const run of runs) {
    if (isFinished(run.state)) continue;
    add(run.state === 'held' ? held : most, run.requests);
    if (run.state === 'running') least.set(RUNS_POOL, (least.get(RUNS_POOL) ?? 0) + 1);
  }
  const pools = new Set([...least.keys(), ...most.keys(), ...held.keys()]);
  return new Map(
    [...pools].map((pool) => [
      pool,
      { least: least.get(pool) ?? 0, most: most.get(pool) ?? 0, held: held.get(pool) ?? 0 },
    ]),
  );
}

function add(units: Map<string, number>, requests: Requests): void {
  for (const [pool, count] of Object.entries(requests)) units.set(pool, (units.get(pool) ?? 0) + count);
}
