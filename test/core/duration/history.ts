/** Histories for the duration model: generated, never measured. */
import type {
  DurationModel,
  DurationSample,
  DurationSampler,
  Series,
} from '../../../src/core/duration/model.ts';
import type { Estimate, Outcome } from '../../../src/core/model/run.ts';
import { normal } from '../../../src/core/random/normal.ts';
import { type Random, randomStream } from '../../../src/core/random/random.ts';

export const FIRST: Estimate = { p50Ms: 60_000, p90Ms: 300_000 };

export function aSeries(project: string): Series {
  return { project, tenant: 'a', contentHash: 'content' };
}

/** The sampler of one replication whose random numbers are these. */
export function samplerOf(model: DurationModel, series: Series, random: Random): DurationSampler {
  return model.draws(series).sampler({ own: random, content: () => random, all: () => random });
}

/** Samples of one series, oldest first, a minute apart. */
export function samplesOf(
  project: string,
  durationsMs: readonly number[],
  outcome: Outcome = 'succeeded',
): DurationSample[] {
  return durationsMs.map((durationMs, place) => ({
    ...aSeries(project),
    startedAtMs: place * 60_000,
    durationMs,
    outcome,
  }));
}

/** Whole milliseconds, log-normal around a median. */
export function logNormal(count: number, of: { seed: number; medianMs: number; spread: number }): number[] {
  const random = randomStream(of.seed, 'generated durations');
  return Array.from({ length: count }, () =>
    Math.max(1, Math.round(of.medianMs * Math.exp(of.spread * normal(random)))),
  );
}
