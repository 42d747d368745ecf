/**
 * Says in the log what capacity there is, whenever a size changes or a doubt begins or ends:
 * one line with all pools, their use and size, and one for each doubt with its reason.
 *
 * Always true: use that only goes up and down is no reason for a line.
 */
import type { Snapshot } from '../../core/model/snapshot.ts';
import type { Log } from '../../ports/log.ts';
import { poolViews } from '../queries/pools.ts';
import type { PoolView } from '../views.ts';

/** A line is for people; more pools than this are counted. */
const POOLS_TOLD_MAX = 50;

export class PoolLog {
  readonly #log: Pick<Log, 'info' | 'warn'>;
  #told = new Map<string, PoolView>();

  constructor(log: Pick<Log, 'info' | 'warn'>) {
    this.#log = log;
  }

  look(snapshot: Snapshot): void {
    const pools = poolViews(snapshot);
    if (!this.#isChanged(pools)) return;
    const inAll = pools.slice(0, POOLS_TOLD_MAX).map(inShort).join(', ');
    const more = pools.length > POOLS_TOLD_MAX ? ` and ${pools.length - POOLS_TOLD_MAX} more` : '';
    this.#log.info({ pools: pools.length }, `Capacity in use: ${inAll}${more}`);
    for (const pool of pools) this.#tellDoubt(pool);
    this.#told = new Map(pools.map((pool) => [pool.name, pool]));
  }

  #isChanged(pools: readonly PoolView[]): boolean {
    return pools.length !== this.#told.size || pools.some((pool) => isOther(pool, this.#told.get(pool.name)));
  }

  #tellDoubt({ name, doubt }: PoolView): void {
    const before = this.#told.get(name)?.doubt ?? null;
    if (doubt !== null && before === null) {
      this.#log.warn({ pool: name, why: doubt }, `Capacity of ${name} is in doubt: it starts nothing`);
    }
    if (doubt === null && before !== null)
      this.#log.info({ pool: name }, `Capacity of ${name} is certain again`);
  }
}

function inShort({ name, used, size, doubt }: PoolView): string {
  return `${name} ${used}/${size}${doubt === null ? '' : ' in doubt'}`;
}

function isOther(now: PoolView, before: PoolView | undefined): boolean {
  return before?.size !== now.size || (before.doubt === null) !== (now.doubt === null);
}
