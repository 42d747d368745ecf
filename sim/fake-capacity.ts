/**
 * The simulated capacity source: sizes that change, and answers that are late, missing or
 * nonsense. What it answers when it answers properly is what was true when it was asked.
 */
import { type Random, randomStream } from '../src/core/random/random.ts';
import type { CapacitySource, PoolCapacity } from '../src/ports/capacity.ts';
import { between, chance, pick, scaled } from './draws.ts';
import type { Plan } from './plan.ts';
import type { Scheduler } from './scheduler.ts';

/** What can be wrong with a reading of one pool. */
const NONSENSE: readonly ((pool: PoolCapacity) => readonly PoolCapacity[])[] = [
  (pool) => [{ ...pool, size: Number.NaN }],
  (pool) => [{ ...pool, size: -3 }],
  (pool) => [{ ...pool, size: 2.5 }],
  (pool) => [{ ...pool, otherUse: -1 }],
  (pool) => [{ ...pool, otherUse: Number.NaN }],
  (pool) => [{ ...pool, size: pool.size + 40, doubt: 'the gauge is stale' }],
  (pool) => [pool, { ...pool, size: pool.size + 40 }],
  () => [],
];

export class FakeCapacity implements CapacitySource {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #slownessMs: number;
  #pools: readonly PoolCapacity[];
  #doubtful: boolean;

  constructor(scheduler: Scheduler, plan: Plan) {
    this.#scheduler = scheduler;
    this.#random = randomStream(plan.seed, 'capacity');
    this.#slownessMs = plan.slownessMs;
    this.#pools = plan.pools;
    this.#doubtful = plan.faults.has('capacityDoubts');
  }

  sizes(): ReadonlyMap<string, number> {
    return new Map(this.#pools.map((pool) => [pool.name, pool.size]));
  }

  resize(pools: readonly PoolCapacity[]): void {
    this.#pools = pools;
  }

  becomeCalm(): void {
    this.#doubtful = false;
  }

  read(): Promise<readonly PoolCapacity[]> {
    const pools = this.#pools;
    const random = this.#random;
    const delayMs = this.#doubtful ? scaled(random, 1, this.#slownessMs) : between(random, 0, 5);
    const wrong = this.#doubtful && chance(random, 0.1) ? between(random, 0, NONSENSE.length) : null;
    if (wrong === null) return this.#answer(delayMs, pools);
    const nonsense = NONSENSE[wrong];
    if (nonsense === undefined) return this.#fail(delayMs);
    const victim = pick(random, pools).name;
    return this.#answer(
      delayMs,
      pools.flatMap((pool) => (pool.name === victim ? nonsense(pool) : [pool])),
    );
  }

  #answer(delayMs: number, reading: readonly PoolCapacity[]): Promise<readonly PoolCapacity[]> {
    return new Promise((resolve) => {
      this.#scheduler.after(delayMs, () => resolve(reading));
    });
  }

  #fail(delayMs: number): Promise<never> {
    return new Promise((_, reject) => {
      this.#scheduler.after(delayMs, () => reject(new Error('the gauge does not answer')));
    });
  }
}
