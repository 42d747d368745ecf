/**
 * Where admission, forecasts and explanations get expected durations from: one model,
 * made from the samples in the store, shared by all of them.
 *
 * Always true: the model changes only in `refresh`, so that everything computed between
 * two refreshes rests on the same estimates; it learns the samples that were recorded since,
 * each once, and not more often than the pace below.
 */
import { inOrderOfEnd, LearnedDurations } from '../../core/duration/learned-durations.ts';
import type { DurationModel, Series } from '../../core/duration/model.ts';
import type { Estimate, RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { boundedWait } from './bounded-wait.ts';

export interface DurationModelSource {
  model(): DurationModel;
  estimateOf(series: Series): Estimate;
  /** New samples are in the store: the next `refresh` reads them. */
  outdate(): void;
  /** Reads the samples and rebuilds the model if that is due; with `now`, though the pace says later. */
  refresh(options?: { readonly now: boolean }): Promise<void>;
  /** When a postponed refresh is due; null when the model is up to date. */
  dueAtMs(): number | null;
}

/** Newer samples count more; those beyond say nothing any more about the next run. */
export const SAMPLES_PER_SERIES = 100;
/** Bounds the time and memory of the first refresh, however long the history is. */
export const SAMPLES_IN_ALL = 20_000;
/** Hundreds of runs may finish within a second; the model need not follow each of them. */
const REFRESH_PACE_MS = 1_000;
const SAMPLES_LIMIT_MS = 10_000;

export class StoredDurations implements DurationModelSource {
  readonly #store: Pick<Store, 'samples'>;
  readonly #clock: Clock;
  readonly #learned: LearnedDurations;
  /** Runs of the newest read, all of which were learned. */
  #known: ReadonlySet<RunId> = new Set();
  #model: DurationModel;
  #estimates = new Map<string, Estimate>();
  #outdated = true;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(parts: {
    readonly store: Pick<Store, 'samples'>;
    readonly clock: Clock;
    readonly firstEstimate: Estimate;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#learned = new LearnedDurations({ first: parts.firstEstimate });
    this.#model = this.#learned.model();
  }

  model(): DurationModel {
    return this.#model;
  }

  estimateOf(series: Series): Estimate {
    const key = `${series.tenant}\n${series.project}\n${series.contentHash}`;
    const known = this.#estimates.get(key);
    if (known !== undefined) return known;
    const estimate = this.#model.estimate(series);
    this.#estimates.set(key, estimate);
    return estimate;
  }

  outdate(): void {
    this.#outdated = true;
  }

  dueAtMs(): number | null {
    return this.#outdated ? this.#notBeforeMs : null;
  }

  async refresh(options: { readonly now: boolean } = { now: false }): Promise<void> {
    if (!this.#outdated) return;
    const nowMs = this.#clock.nowMs();
    if (!options.now && nowMs < this.#notBeforeMs) return;
    // Samples recorded while these are read ask for another refresh.
    this.#outdated = false;
    this.#notBeforeMs = nowMs + REFRESH_PACE_MS;
    try {
      const samples = await boundedWait(
        { clock: this.#clock, limitMs: SAMPLES_LIMIT_MS, what: 'The store' },
        () => this.#store.samples({ perSeries: SAMPLES_PER_SERIES, limit: SAMPLES_IN_ALL }),
      );
      const fresh = samples.filter(({ runId }) => !this.#known.has(runId));
      for (const sample of inOrderOfEnd(fresh)) this.#learned.record(sample);
      this.#known = new Set(samples.map(({ runId }) => runId));
      this.#model = this.#learned.model();
      this.#estimates = new Map();
    } catch (error) {
      this.#outdated = true;
      throw error;
    }
  }
}
