/**
 * The pools of a cluster: sizes from the configuration and from the multi-platform
 * controller's `host-config`, and what TaskRuns use of them beyond what runs asked for.
 *
 * Always true: the configuration's word on a pool goes over host-config's; names that runs
 * write are matched with exactly these pools; while TaskRuns may be stale, every pool but
 * `runs` is in doubt, because any of them may be a platform.
 */
import type { ListedHistory } from '../../app/capacity/listed-history.ts';
import { RUNS_POOL } from '../../core/model/run.ts';
import type { NeedsRule } from '../../core/needs/rule.ts';
import type { CapacitySource, PoolCapacity } from '../../ports/capacity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Figure } from '../../ports/figures.ts';
import type { Log } from '../../ports/log.ts';
import type { HostConfig } from './host-config/host-config.ts';
import { HostConfigCapacity, machineRules } from './host-config/host-config-capacity.ts';
import type { HostConfigWatch } from './host-config/host-config-watch.ts';
import { ProblemLog } from './host-config/problem-log.ts';
import { listedOf } from './listed.ts';
import type { Sight } from './sight.ts';

export interface TektonCapacityParts {
  readonly sight: Sight;
  readonly pools: readonly { readonly name: string; readonly size: number }[];
  /** Null where host-config is no source. */
  readonly hostConfig: HostConfigWatch | null;
  readonly unlimited: readonly string[];
  readonly rules: readonly NeedsRule[];
  /** Further sizes, such as a metric's; the ones before go over them. */
  readonly moreSizes: readonly CapacitySource[];
  /** Kept up to date for meters to be compared with. */
  readonly history: ListedHistory;
  readonly clock: Clock;
  readonly log: Log;
}

export class TektonCapacity implements CapacitySource {
  readonly #parts: TektonCapacityParts;
  readonly #hosts: HostConfigCapacity | null;
  readonly #problems: ProblemLog;
  #machines: { readonly config: HostConfig; readonly rules: readonly NeedsRule[] } | null = null;

  constructor(parts: TektonCapacityParts) {
    const { hostConfig } = parts;
    this.#parts = parts;
    this.#problems = new ProblemLog(parts.log);
    this.#hosts = hostConfig === null ? null : new HostConfigCapacity(() => hostConfig.state());
  }

  figures(): readonly Figure[] {
    return this.#hosts === null ? [] : this.#problems.figures();
  }

  async read(signal: AbortSignal): Promise<readonly PoolCapacity[]> {
    const { sight, history, clock } = this.#parts;
    const sizes = await this.#sizes(signal);
    this.#problems.look(this.#hosts?.config()?.problems ?? []);
    sight.readNeedsBy({
      pools: sizes.map(({ name }) => name),
      unlimited: [...this.#parts.unlimited, ...(this.#hosts?.config()?.local ?? [])],
      rules: [...this.#parts.rules, ...this.#machineRules()],
    });
    const { use, doubt } = sight.platformUse();
    const seen = sight.last();
    const names = sizes.map(({ name }) => name);
    if (seen !== null) history.record(clock.nowMs(), listedOf(seen.runs, use.all), names);
    return sizes.map((pool) => ({
      ...pool,
      otherUse: pool.otherUse + (use.beyond.get(pool.name) ?? 0),
      doubt: pool.doubt ?? (pool.name === RUNS_POOL ? null : doubt),
    }));
  }

  async #sizes(signal: AbortSignal): Promise<readonly PoolCapacity[]> {
    const pools = new Map<string, PoolCapacity>();
    const add = (pool: PoolCapacity) => {
      if (!pools.has(pool.name)) pools.set(pool.name, pool);
    };
    for (const { name, size } of this.#parts.pools) add({ name, size, otherUse: 0, doubt: null });
    for (const pool of this.#hosts?.pools() ?? []) add(pool);
    for (const source of this.#parts.moreSizes) for (const pool of await source.read(signal)) add(pool);
    return [...pools.values()];
  }

  #machineRules(): readonly NeedsRule[] {
    const config = this.#hosts?.config() ?? null;
    if (config === null) return [];
    if (this.#machines?.config !== config) this.#machines = { config, rules: machineRules(config) };
    return this.#machines.rules;
  }
}
