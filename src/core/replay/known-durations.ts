/**
 * What was known of durations at a moment of the past: the model that the samples of until
 * then lead to. It is taken down at a bounded number of moments, and in between the one
 * before serves, as in a Penstock that has not caught up yet.
 *
 * Always true: no model knows anything that ended after its moment.
 */
import { inOrderOfEnd, LearnedDurations } from '../duration/learned-durations.ts';
import type { DurationModel, DurationSample } from '../duration/model.ts';
import type { Estimate } from '../model/run.ts';

export class KnownDurations {
  readonly #momentsMs: readonly number[];
  readonly #models: readonly DurationModel[];

  /** @param input.momentsMs at least one; the first also serves for all before */
  constructor(input: {
    readonly samples: readonly DurationSample[];
    readonly momentsMs: readonly number[];
    /** While nothing has been measured. */
    readonly first: Estimate;
  }) {
    const { samples, momentsMs, first } = input;
    const ordered = inOrderOfEnd(samples);
    const learned = new LearnedDurations({ first });
    let next = 0;
    const learnUntil = (atMs: number): void => {
      for (; next < ordered.length; next += 1) {
        const sample = ordered[next] as DurationSample;
        if (sample.startedAtMs + sample.durationMs > atMs) return;
        learned.record(sample);
      }
    };
    this.#momentsMs = [...new Set(momentsMs)].sort((a, b) => a - b);
    this.#models = this.#momentsMs.map((atMs) => {
      learnUntil(atMs);
      return learned.model();
    });
  }

  at(atMs: number): DurationModel {
    let low = 0;
    let high = this.#momentsMs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#momentsMs[middle] as number) <= atMs) low = middle + 1;
      else high = middle;
    }
    return this.#models[Math.max(0, low - 1)] as DurationModel;
  }
}
