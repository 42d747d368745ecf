/**
 * Durations for each replication. The parameters of a series are drawn once per replication
 * and then its runs from them; a drift of each series and a shock common to all are added,
 * because measured errors of forecasts do not average out over series either. Given a model
 * that knows the true durations, the draws are those durations.
 *
 * Every run has a stream of its own, named by its id: what happens to other runs, to the
 * queue or to the pools leaves its draws as they are, so what-ifs compare like with like.
 */
import type { Tables } from '../admission/tables.ts';
import {
  type DurationModel,
  type DurationSampler,
  type ForecastError,
  type Luck,
  type Series,
  type SeriesDraws,
  seriesKey,
} from '../duration/model.ts';
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun } from '../model/snapshot.ts';
import { normal } from '../random/normal.ts';
import { hash32, ReusedStream, randomStream } from '../random/random.ts';

/** From `penstock backtest makespan` on public CI histories, from five samples of a series on. */
export const MEASURED_ERROR: ForecastError = { drift: 0.1, shock: 0.07 };
/** Nothing is measured finer, and a run that takes no time would hold no slot. */
const DURATION_MIN_MS = 1;
/** A hundred years: keeps a wild draw finite. */
const DURATION_MAX_MS = 3_155_760_000_000;
const DURATION_HASH = hash32('duration');
const ALL_HASH = hash32('all');

export class Draws {
  readonly #tables: Tables;
  readonly #model: DurationModel;
  readonly #seed: number;
  readonly #series: readonly SeriesDraws[];
  readonly #seriesHash: readonly number[];
  readonly #contentHash: readonly number[];
  /** Runs series by series, and where each series begins. */
  readonly #bySeries: Int32Array;
  readonly #offset: Int32Array;
  readonly #runHash: Int32Array;
  /** Of one series or run after the other: none is kept. */
  readonly #ofSeries = new ReusedStream();
  readonly #ofContent = new ReusedStream();
  readonly #ofAll = new ReusedStream();
  readonly #ofRun = new ReusedStream();
  /** By run index: how long the run takes; for an active one from its start, more than it has taken already. */
  readonly durationsMs: Float64Array;

  constructor(input: {
    readonly tables: Tables;
    readonly model: DurationModel;
    readonly seed: number;
    readonly runs: ReadonlyMap<RunId, HeldRun | ActiveRun>;
  }) {
    const { tables } = input;
    this.#tables = tables;
    this.#model = input.model;
    this.#seed = input.seed;
    const indexOf = new Map<string, number>();
    const series: Series[] = [];
    const seriesOf = Int32Array.from(tables.ids, (id) => {
      const run = input.runs.get(id) as HeldRun | ActiveRun;
      const key = seriesKey(run);
      let index = indexOf.get(key);
      if (index === undefined) {
        index = series.length;
        indexOf.set(key, index);
        series.push(run);
      }
      return index;
    });
    this.#offset = new Int32Array(series.length + 1);
    for (const index of seriesOf) this.#offset[index + 1] = (this.#offset[index + 1] as number) + 1;
    for (let index = 0; index < series.length; index += 1) {
      this.#offset[index + 1] = (this.#offset[index + 1] as number) + (this.#offset[index] as number);
    }
    this.#bySeries = seriesOf
      .map((_, run) => run)
      .sort((a, b) => (seriesOf[a] as number) - (seriesOf[b] as number) || a - b);
    this.#series = series.map((one) => input.model.draws(one));
    this.#contentHash = series.map((one) => hash32(`content\n${one.contentHash}`));
    this.#seriesHash = series.map((one) => hash32(`series\n${seriesKey(one)}`));
    this.#runHash = Int32Array.from(tables.ids, (id) => hash32(id));
    this.durationsMs = new Float64Array(tables.ids.length);
  }

  get seriesCount(): number {
    return this.#series.length;
  }

  /** Fills `durationsMs` for one replication. Timeouts are not applied. */
  draw(replication: number): void {
    const error = this.#model.error ?? MEASURED_ERROR;
    const shock = error.shock * normal(randomStream(this.#seed, 'shock', replication));
    const own = this.#ofSeries;
    let index = 0;
    const luck: Luck = {
      own,
      content: () => this.#ofContent.restart(this.#seed, this.#contentHash[index] as number, replication),
      all: () => this.#ofAll.restart(this.#seed, ALL_HASH, replication),
    };
    for (; index < this.#series.length; index += 1) {
      own.restart(this.#seed, this.#seriesHash[index] as number, replication);
      const scale = Math.exp(shock + error.drift * normal(own));
      const sampler = (this.#series[index] as SeriesDraws).sampler(luck);
      const to = this.#offset[index + 1] as number;
      for (let place = this.#offset[index] as number; place < to; place += 1) {
        this.#drawRun(this.#bySeries[place] as number, replication, sampler, scale);
      }
    }
  }

  #drawRun(run: number, replication: number, sampler: DurationSampler, scale: number): void {
    const { heldCount, nowMs, sinceMs } = this.#tables;
    const random = this.#ofRun.restart(
      this.#seed ^ (this.#runHash[run] as number),
      DURATION_HASH,
      replication,
    );
    const elapsedMs = run < heldCount ? 0 : Math.max(0, nowMs - (sinceMs[run] as number));
    const drawn = sampler.draw(random, elapsedMs / scale) * scale;
    // What runs now goes on for a moment at least, also after rounding.
    const leastMs = Math.floor(elapsedMs) + DURATION_MIN_MS;
    this.durationsMs[run] = Math.max(leastMs, Math.min(DURATION_MAX_MS, Math.round(drawn)));
  }
}
