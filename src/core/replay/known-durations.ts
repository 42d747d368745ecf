/**
 * What was known of durations at a moment of the past: the model that the samples of until
 * then lead to. It is learned anew at a bounded number of moments, and in between the one
 * before serves, as in a Penstock that has not caught up yet.
 *
 * Always true: no model knows anything that ended after its moment.
 */
import type { DurationModel, DurationSample } from '../duration/model.ts';

export type Learn = (samples: readonly DurationSample[]) => DurationModel;

export class KnownDurations {
  readonly #samples: readonly DurationSample[];
  readonly #momentsMs: readonly number[];
  readonly #learn: Learn;
  readonly #perSeries: number;
  readonly #models = new Map<number, DurationModel>();

  /** @param input.momentsMs at which a model is learned; the first also serves for all before */
  constructor(input: {
    readonly samples: readonly DurationSample[];
    readonly momentsMs: readonly number[];
    readonly learn: Learn;
    /** Of each series the newest only, as live. */
    readonly perSeries: number;
  }) {
    this.#samples = input.samples.toSorted((a, b) => endMs(b) - endMs(a));
    this.#momentsMs = [...new Set(input.momentsMs)].sort((a, b) => a - b);
    this.#learn = input.learn;
    this.#perSeries = input.perSeries;
  }

  at(atMs: number): DurationModel {
    const place = Math.max(0, this.#placeOf(atMs));
    let model = this.#models.get(place);
    if (model === undefined) {
      model = this.#learn(this.#until(this.#momentsMs[place] ?? Number.NEGATIVE_INFINITY));
      this.#models.set(place, model);
    }
    return model;
  }

  /** With everything there is: what one knows afterwards. */
  inHindsight(): DurationModel {
    return this.#learn(this.#until(Number.POSITIVE_INFINITY));
  }

  /** Of the last moment that is not after. */
  #placeOf(atMs: number): number {
    let low = 0;
    let high = this.#momentsMs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#momentsMs[middle] as number) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #until(atMs: number): readonly DurationSample[] {
    const kept = new Map<string, number>();
    return this.#samples.filter((sample) => {
      if (endMs(sample) > atMs) return false;
      const key = `${sample.contentHash}\n${sample.project}`;
      const count = kept.get(key) ?? 0;
      kept.set(key, count + 1);
      return count < this.#perSeries;
    });
  }
}

function endMs({ startedAtMs, durationMs }: DurationSample): number {
  return startedAtMs + durationMs;
}
