/**
 * What TaskRuns use of the platforms beyond what their runs are known to ask for: those of
 * runs that declared no platform, those on their own, and those of runs not seen yet.
 *
 * Always true: a unit that a started run asked for and the TaskRun that uses it count once.
 * Between two tasks, or before its platform task, a run keeps what it asked for.
 */
import type { Requests } from '../../core/model/run.ts';
import type { SeenTaskRun } from './seen-task-run.ts';

/** Its provisioning TaskRuns carry the same params as the tasks they serve. */
const PLATFORM_CONTROLLER_NAMESPACE = 'multi-platform-controller';

export interface PlatformUseInput {
  readonly taskRuns: Iterable<SeenTaskRun>;
  /** What a run that occupies its pools asks for; null for one that is not known to occupy any. */
  readonly askedBy: (runUid: string) => Requests | null;
  /** The pool that a platform's name means; null when there is none. */
  readonly poolOf: (platform: string) => string | null;
}

export interface TaskUse {
  /** Units by pool that TaskRuns use, 1 or more. */
  readonly all: ReadonlyMap<string, number>;
  /** Of these, those beyond what runs asked for. */
  readonly beyond: ReadonlyMap<string, number>;
}

export function platformUse(input: PlatformUseInput): TaskUse {
  const use = new Map<string, number>();
  const all = new Map<string, number>();
  const ofRuns = new Map<string, Map<string, number>>();
  for (const task of input.taskRuns) {
    if (task.isDone || task.platform === null) continue;
    if (task.namespace === PLATFORM_CONTROLLER_NAMESPACE) continue;
    const pool = input.poolOf(task.platform);
    if (pool === null) continue;
    add(all, pool, 1);
    if (task.runUid === null) add(use, pool, 1);
    else add(mapOf(ofRuns, task.runUid), pool, 1);
  }
  for (const [uid, pools] of ofRuns) {
    const asked = input.askedBy(uid) ?? {};
    for (const [pool, units] of pools) {
      const beyond = units - (asked[pool] ?? 0);
      if (beyond > 0) add(use, pool, beyond);
    }
  }
  return { all, beyond: use };
}

function add(counts: Map<string, number>, key: string, units: number): void {
  counts.set(key, (counts.get(key) ?? 0) + units);
}

function mapOf(maps: Map<string, Map<string, number>>, key: string): Map<string, number> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}
