/** A duration model that knows the truth: every run of a project takes what it is said to take. */
import type { DurationModel, Series } from '../../../src/core/duration/model.ts';

export function fixedDurations(
  durationMs: (project: string) => number,
  ownSamples: (project: string) => number = () => 9,
): DurationModel {
  const of = (series: Series): number => durationMs(series.project);
  return {
    error: { drift: 0, shock: 0 },
    estimate: (series) => ({ p50Ms: of(series), p90Ms: of(series) }),
    evidence: (series) => ({ ownSamples: ownSamples(series.project), pooledSamples: 40 }),
    quantiles: (series, levels) => levels.map(() => of(series)),
    draws: (series) => ({
      sampler: () => ({ draw: (_, elapsedMs) => Math.max(of(series), elapsedMs + 1) }),
    }),
  };
}
