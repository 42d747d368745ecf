/**
 * Sizes from one source and the use of others from a meter, put together pool by pool.
 *
 * Always true: a pool that the meter measures and cannot vouch for is in doubt, unless all runs
 * are listed anyhow; pools it does not measure are as their source gives them. What the meter
 * shows is compared with what was listed at the time it shows, never with now.
 */
import type { CapacitySource, PoolCapacity, UseMeter } from '../../ports/capacity.ts';
import type { Figure } from '../../ports/figures.ts';
import type { Log } from '../../ports/log.ts';
import { CrossChecks } from './cross-checks.ts';
import type { ListedHistory } from './listed-history.ts';
import {
  type CrossCheck,
  type MeterState,
  NEW_METER,
  otherUseOf,
  SEEN_AFTER_MS,
  SEEN_BEFORE_MS,
} from './other-use.ts';

export interface MeteredCapacityParts {
  readonly sizes: CapacitySource;
  readonly meter: UseMeter;
  /** Kept up to date by whoever looks at the engine, before capacity is read. */
  readonly history: ListedHistory;
  /** Whether everybody's runs are in that history at the moment. */
  readonly listsAll: () => boolean;
  readonly log?: Log;
}

export class MeteredCapacity implements CapacitySource {
  readonly #parts: MeteredCapacityParts;
  readonly #states = new Map<string, MeterState>();
  readonly #checks: CrossChecks;

  constructor(parts: MeteredCapacityParts) {
    this.#parts = parts;
    this.#checks = new CrossChecks(parts.log ?? null);
  }

  async read(signal: AbortSignal): Promise<readonly PoolCapacity[]> {
    const pools = await this.#parts.sizes.read(signal);
    const uses = this.#parts.meter.read(pools.map(({ name }) => name));
    const used = new Map(uses.map((use) => [use.pool, use]));
    const checks = new Map<string, CrossCheck>();
    const metered = pools.map((pool) => {
      const use = used.get(pool.name);
      if (use === undefined) return pool;
      const verdict = otherUseOf(this.#states.get(pool.name) ?? NEW_METER, {
        use,
        listed: this.#parts.history.during(
          pool.name,
          use.trueFromMs - SEEN_BEFORE_MS,
          use.trueToMs + SEEN_AFTER_MS,
        ),
        listsAll: this.#parts.listsAll(),
      });
      this.#states.set(pool.name, verdict.state);
      checks.set(pool.name, verdict.crossCheck);
      return { ...pool, otherUse: verdict.otherUse, doubt: pool.doubt ?? verdict.doubt };
    });
    this.#checks.found(checks);
    return metered;
  }

  onChange(listener: () => void): () => void {
    const { meter, sizes } = this.#parts;
    const unsubscribers = [meter.onChange(listener), sizes.onChange?.(listener)];
    return () => {
      for (const unsubscribe of unsubscribers) unsubscribe?.();
    };
  }

  /** By pool, of the last reading. */
  crossChecks(): ReadonlyMap<string, CrossCheck> {
    return this.#checks.last();
  }

  figures(): readonly Figure[] {
    return [...this.#checks.figures(), ...(this.#parts.sizes.figures?.() ?? [])];
  }
}
