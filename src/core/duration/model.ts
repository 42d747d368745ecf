/**
 * The duration model: how long runs of a series (one project executing one content) take.
 *
 * This is the interface everything else depends on; how well it predicts is the business
 * of the folder's other files. Forecasts draw the parameters of a series once per
 * replication (`sampler`) and then its runs from them (`draw`), because errors about one
 * series do not cancel out over its runs. A model never changes: new samples make a new one.
 */
import type { Estimate, Outcome } from '../model/run.ts';
import type { Random } from '../random/random.ts';

/** What shares a distribution of durations. */
export interface Series {
  readonly project: string;
  readonly tenant: string;
  readonly contentHash: string;
}

export function seriesKey(series: Series): string {
  return `${series.contentHash}\n${series.project}`;
}

export interface DurationSample extends Series {
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
}

export interface Evidence {
  /** Samples of this very series, and of everything it was pooled with. */
  readonly ownSamples: number;
  readonly pooledSamples: number;
}

export interface DurationSampler {
  /**
   * One duration in milliseconds, > elapsedMs, given that the run already takes `elapsedMs`
   * (0 for one not started). Not capped by any timeout: the caller does that.
   */
  draw(random: Random, elapsedMs: number): number;
}

/** The random numbers of a series in one replication. Each is valid until the next of its kind is asked for. */
export interface Luck {
  /** Of this series alone. */
  readonly own: Random;
  /** The same numbers for every series of the content, from the start at each call. */
  readonly content: () => Random;
  /** The same for all series. */
  readonly all: () => Random;
}

export interface SeriesDraws {
  /** Draws the parameters of the series for one replication. What it returns is valid until the next call. */
  sampler(luck: Luck): DurationSampler;
}

/** Standard deviations in log time of what a forecast adds to its draws, because past forecasts were off by it. */
export interface ForecastError {
  /** Of each series on its own, and of all series together, in one replication. */
  readonly drift: number;
  readonly shock: number;
}

export interface DurationModel {
  /** Absent: as measured on public CI histories. A model that knows the truth has none. */
  readonly error?: ForecastError;
  /** P50 and P90, as admission uses them. */
  estimate(series: Series): Estimate;
  evidence(series: Series): Evidence;
  /** Quantiles in milliseconds at the given levels (each in 0..1, ascending). */
  quantiles(series: Series, levels: readonly number[]): readonly number[];
  /** Draws of a series, prepared for many replications. */
  draws(series: Series): SeriesDraws;
}
