/**
 * The duration model in use: each series on its own samples, pooled with all others through
 * a prior while they are few. Built from a bounded list of samples; pure.
 */
import type { Estimate } from '../model/run.ts';
import type { DurationModel, DurationSample, Series } from './model.ts';
import { type Posterior, posterior } from './posterior.ts';
import { predictiveQuantiles } from './predictive.ts';
import { fitPrior } from './prior.ts';
import { drawSampler } from './sampler.ts';

/** Runs of no measurable length are real, but have no logarithm. */
const DURATION_MIN_MS = 1;

export function seriesKey(series: Series): string {
  return `${series.contentHash}\n${series.project}`;
}

/**
 * Runs that somebody cancelled are left out: they would have gone on, nobody knows how long.
 * Those that hit their timeout count at what they took, since that is how long the slot was
 * occupied.
 *
 * @param first used alone while there is no sample at all
 */
export function pooledModel(measured: readonly DurationSample[], first: Estimate): DurationModel {
  const samples = measured.filter((sample) => sample.outcome !== 'cancelled');
  const bySeries = groupNewestFirst(samples);
  const prior = fitPrior([...bySeries.values()], first);
  const posteriors = new Map<string, Posterior>();
  const estimates = new Map<string, Estimate>();
  const unseen = posterior(prior, []);
  const posteriorOf = (series: Series): Posterior => {
    const key = seriesKey(series);
    const own = bySeries.get(key);
    if (own === undefined) return unseen;
    let known = posteriors.get(key);
    if (known === undefined) {
      known = posterior(prior, own);
      posteriors.set(key, known);
    }
    return known;
  };
  const quantiles = (series: Series, levels: readonly number[]): readonly number[] =>
    predictiveQuantiles(posteriorOf(series), levels).map((y) => Math.exp(y));
  const estimate = (series: Series): Estimate => {
    // All series without samples share one estimate.
    const key = bySeries.has(seriesKey(series)) ? seriesKey(series) : '';
    let known = estimates.get(key);
    if (known === undefined) {
      const [p50Ms = first.p50Ms, p90Ms = first.p90Ms] = quantiles(series, [0.5, 0.9]).map((ms) =>
        Math.max(1, Math.round(ms)),
      );
      known = { p50Ms, p90Ms };
      estimates.set(key, known);
    }
    return known;
  };
  return {
    estimate,
    evidence: (series) => ({
      ownSamples: bySeries.get(seriesKey(series))?.length ?? 0,
      pooledSamples: samples.length,
    }),
    quantiles,
    sampler: (series, random) => drawSampler(posteriorOf(series), random),
  };
}

/** ln durations by series, newest first by start time; the newest counts most. */
function groupNewestFirst(samples: readonly DurationSample[]): ReadonlyMap<string, readonly number[]> {
  const sorted = samples.toSorted((a, b) => b.startedAtMs - a.startedAtMs || a.durationMs - b.durationMs);
  const bySeries = new Map<string, number[]>();
  for (const sample of sorted) {
    const key = seriesKey(sample);
    const list = bySeries.get(key);
    const y = Math.log(Math.max(DURATION_MIN_MS, sample.durationMs));
    if (list === undefined) bySeries.set(key, [y]);
    else list.push(y);
  }
  return bySeries;
}
