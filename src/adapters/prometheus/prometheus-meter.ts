/**
 * Asks a Prometheus server for pools' use and sizes, again and again, in the background: an
 * admission pass takes what is known and never waits for a slow server.
 *
 * Always true: one round of queries is out at a time, each bounded; a number is believed only
 * while it is sound and young enough, and else its pools are in doubt with the query named;
 * the next good answer ends the doubt. Nothing of it is ever thrown.
 */
import { RUNS_POOL } from '../../core/model/run.ts';
import { normalName } from '../../core/needs/pool-names.ts';
import type { CapacitySource, MeteredUse, PoolCapacity, UseMeter } from '../../ports/capacity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { QueryAnswer } from './instant-query.ts';
import {
  type Measured,
  type Measurement,
  type MeterQuery,
  measurementFrom,
  shownQuery,
  timeQueries,
} from './measurement.ts';

export interface UseQuery extends MeterQuery {
  /** For a query by label: the pools it speaks of. Null: all that no other query is for. */
  readonly pools: readonly string[] | null;
  readonly countsPending: 'auto' | 'yes' | 'no';
  /** How old a number may be already when it is scraped: its exporter refreshes it only so often. */
  readonly lateMs: number;
  /** What an answer without any series means. */
  readonly whenEmpty: 'doubt' | 'zero';
}

export interface PrometheusMeterParts {
  readonly ask: (query: string, signal: AbortSignal) => Promise<QueryAnswer>;
  readonly clock: Clock;
  readonly use: readonly UseQuery[];
  readonly sizes: readonly MeterQuery[];
  /** Between the end of one round of queries and the next. */
  readonly intervalMs: number;
  /** Numbers scraped longer ago are in doubt. */
  readonly staleAfterMs: number;
}

export class PrometheusMeter implements UseMeter {
  readonly #parts: PrometheusMeterParts;
  readonly #measurements = new Map<MeterQuery, Measurement>();
  readonly #sizes = new Map<string, PoolCapacity>();
  readonly #stop = new AbortController();
  #cancelTimer: (() => void) | null = null;
  readonly #listeners = new Set<() => void>();
  #round: Promise<void> | null = null;

  constructor(parts: PrometheusMeterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#round ??= this.#askAll();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer?.();
    await this.#round;
  }

  read(pools: readonly string[]): readonly MeteredUse[] {
    const named = new Set(
      this.#parts.use.flatMap(({ of }) => (of.kind === 'pool' ? [normalName(of.pool)] : [])),
    );
    return pools.flatMap((pool) => {
      const key = normalName(pool);
      const query = this.#parts.use.find(({ of, pools: covered }) => {
        if (of.kind === 'pool') return normalName(of.pool) === key;
        return covered === null
          ? !named.has(key) && key !== RUNS_POOL
          : covered.some((one) => normalName(one) === key);
      });
      return query === undefined ? [] : [this.#useOf(pool, query)];
    });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The sizes that are asked for. A pool once seen stays, in doubt, when it is no longer shown. */
  readonly sizes: CapacitySource = { read: () => Promise.resolve(this.#currentSizes()) };

  #useOf(pool: string, query: UseQuery): MeteredUse {
    const nowMs = this.#parts.clock.nowMs();
    const signal = shownQuery(query.query);
    const { countsPending } = query;
    const nothing = { pool, units: 0, trueFromMs: nowMs, trueToMs: nowMs, countsPending, signal };
    const measurement = this.#measurements.get(query);
    if (measurement === undefined) return { ...nothing, doubt: `the query ${signal} is not answered yet` };
    if (measurement.kind === 'failed') return { ...nothing, doubt: measurement.doubt };
    const measured = measurement.pools.get(normalName(pool));
    if (measured === undefined) {
      const { trueFromMs, ...absence } = this.#absence(pool, query, measurement);
      return { ...nothing, ...absence, trueFromMs: trueFromMs - query.lateMs };
    }
    const { units, trueFromMs, trueToMs } = measured;
    return {
      ...nothing,
      units,
      trueFromMs: trueFromMs - query.lateMs,
      trueToMs,
      doubt: measured.doubt ?? this.#staleDoubt(signal, measured.asOfMs),
    };
  }

  /** Series by platform appear with the first task there; others beside it show that the exporter is well. */
  #absence(
    pool: string,
    query: UseQuery,
    { pools, atMs }: Extract<Measurement, { kind: 'measured' }>,
  ): Pick<MeteredUse, 'trueFromMs' | 'trueToMs' | 'doubt'> {
    const signal = shownQuery(query.query);
    const others = [...pools.values()];
    if (others.length === 0) {
      const span = { trueFromMs: atMs - this.#parts.staleAfterMs, trueToMs: atMs };
      const doubt = `the query ${signal} shows nothing for ${pool}`;
      return { ...span, doubt: query.whenEmpty === 'doubt' ? doubt : this.#staleDoubt(signal, atMs) };
    }
    return {
      trueFromMs: Math.min(...others.map(({ trueFromMs }) => trueFromMs)),
      trueToMs: Math.max(...others.map(({ trueToMs }) => trueToMs)),
      doubt: this.#staleDoubt(signal, Math.min(...others.map(({ asOfMs }) => asOfMs))),
    };
  }

  #staleDoubt(signal: string, asOfMs: number): string | null {
    const ageMs = this.#parts.clock.nowMs() - asOfMs;
    if (ageMs <= this.#parts.staleAfterMs) return null;
    const limit = `${this.#parts.staleAfterMs / 1000} s is the most`;
    return `what the query ${signal} shows is ${Math.round(ageMs / 1000)} s old; ${limit}`;
  }

  #currentSizes(): readonly PoolCapacity[] {
    const shown = new Set<string>();
    for (const query of this.#parts.sizes) {
      const measurement = this.#measurements.get(query);
      if (measurement?.kind !== 'measured') continue;
      for (const measured of measurement.pools.values()) {
        shown.add(measured.name);
        this.#sizes.set(measured.name, this.#sizeOf(measured, query));
      }
    }
    const names = this.#parts.sizes.map(({ query }) => shownQuery(query)).join(', ');
    return [...this.#sizes.values()].map((pool) =>
      shown.has(pool.name) ? pool : { ...pool, doubt: `its size is no longer shown by ${names}` },
    );
  }

  #sizeOf({ name, units, asOfMs, doubt }: Measured, { query }: MeterQuery): PoolCapacity {
    const wrong = doubt ?? this.#staleDoubt(shownQuery(query), asOfMs);
    const size = wrong === null ? units : (this.#sizes.get(name)?.size ?? 0);
    return { name, size, otherUse: 0, doubt: wrong };
  }

  async #askAll(): Promise<void> {
    const queries = [...this.#parts.use, ...this.#parts.sizes];
    await Promise.all(queries.map((query) => this.#measure(query)));
    this.#round = null;
    if (this.#stop.signal.aborted) return;
    const { clock, intervalMs } = this.#parts;
    this.#cancelTimer = clock.at(clock.nowMs() + intervalMs, () => this.start());
  }

  async #measure(query: MeterQuery): Promise<void> {
    const ask = (text: string) => this.#parts.ask(text, this.#stop.signal);
    const times = timeQueries(query);
    const [value, oldest, newest] = await Promise.all([
      ask(query.query),
      times && ask(times.oldest),
      times && ask(times.newest),
    ]);
    const measurement = measurementFrom(query, { value, oldest, newest }, this.#parts.staleAfterMs);
    this.#measurements.set(query, measurement);
    // Each answer by itself: a slow query keeps nobody from what another has shown.
    for (const listener of this.#listeners) listener();
  }
}
