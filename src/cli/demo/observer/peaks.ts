/** The most that was ever seen running at once, in all and of each pool. */
import type { Requests } from '../../../core/model/run.ts';

export interface Peaks {
  readonly running: number;
  /** Units in use, by pool. */
  readonly pools: Readonly<Record<string, number>>;
  /** How many times the processes were looked at. */
  readonly looks: number;
}

export const NO_PEAKS: Peaks = { running: 0, pools: {}, looks: 0 };

export function withLook(
  peaks: Peaks,
  running: ReadonlySet<string>,
  requestsOf: (run: string) => Requests,
): Peaks {
  const use: Record<string, number> = {};
  for (const run of running) {
    for (const [pool, units] of Object.entries(requestsOf(run))) use[pool] = (use[pool] ?? 0) + units;
  }
  return highest(peaks, { running: running.size, pools: use, looks: 1 });
}

/** Looks add up; everything else is the larger of the two. */
export function highest(one: Peaks, other: Peaks): Peaks {
  const pools: Record<string, number> = { ...one.pools };
  for (const [pool, units] of Object.entries(other.pools)) pools[pool] = Math.max(pools[pool] ?? 0, units);
  return {
    running: Math.max(one.running, other.running),
    pools,
    looks: one.looks + other.looks,
  };
}
