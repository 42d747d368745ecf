/**
 * Estimates that never change: for worlds in which the forecast must equal the schedule,
 * and as the cheaper half of all others. Each series has its own.
 */
import type { DurationModelSource } from '../src/app/admission/durations.ts';
import { learnDurations } from '../src/core/duration/learned-durations.ts';
import type { DurationModel, Series } from '../src/core/duration/model.ts';
import type { Estimate } from '../src/core/model/run.ts';
import { hash32 } from '../src/core/random/random.ts';

export class FrozenDurations implements DurationModelSource {
  readonly #medianMs: number;
  readonly #model: DurationModel;

  constructor(medianMs: number) {
    this.#medianMs = medianMs;
    this.#model = learnDurations([], { p50Ms: medianMs, p90Ms: 3 * medianMs });
  }

  model(): DurationModel {
    return this.#model;
  }

  estimateOf(series: Series): Estimate {
    const spread = 0.5 + (hash32(`${series.project} ${series.contentHash}`) % 1_000) / 1_000;
    const p50Ms = Math.round(this.#medianMs * spread);
    return { p50Ms, p90Ms: 3 * p50Ms };
  }

  outdate(): void {}

  async refresh(): Promise<void> {}

  dueAtMs(): number | null {
    return null;
  }
}
