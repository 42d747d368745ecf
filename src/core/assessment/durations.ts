/**
 * What is known of durations, as the model that an assessment draws from: projects that were
 * seen as the installation's model has it, those never seen by the level of the policy.
 */
import { inOrderOfEnd, LearnedDurations } from '../duration/learned-durations.ts';
import type { DurationModel, DurationSample, Series } from '../duration/model.ts';
import type { Estimate } from '../model/run.ts';
import { PolicyLevel } from './policy-level.ts';
import type { AssessedTarget, AssessmentQuestion } from './question.ts';

type Known = Pick<AssessmentQuestion, 'samples' | 'contentHash' | 'guess' | 'first'>;

export class PolicyDurations {
  readonly #known: Known;
  readonly #learned: LearnedDurations;
  readonly model: DurationModel;

  constructor(known: Known) {
    this.#known = known;
    this.#learned = new LearnedDurations({ first: firstOf(known) });
    for (const sample of inOrderOfEnd(known.samples)) this.#learned.record(sample);
    this.model = policyModel(this.#learned.model(), known, known.samples);
  }

  /** The model that it would be with these samples more. */
  with(samples: readonly DurationSample[]): DurationModel {
    const learned = new LearnedDurations({ first: firstOf(this.#known), state: this.#learned.state() });
    for (const sample of samples) learned.record(sample);
    return policyModel(learned.glance(), this.#known, [...this.#known.samples, ...samples]);
  }
}

function policyModel(base: DurationModel, known: Known, samples: readonly DurationSample[]): DurationModel {
  const { contentHash, guess } = known;
  const measured = samples.filter(({ outcome }) => outcome !== 'cancelled');
  const present = measured.filter((sample) => sample.contentHash === contentHash);
  const level = new PolicyLevel(present.length > 0 ? present : measured, {
    first: firstOf(known),
    isGuess: guess !== null,
    isOlder: present.length === 0,
  });
  const seen = new Set(measured.map(({ project }) => project));
  return {
    ...(base.error === undefined ? {} : { error: base.error }),
    estimate: (series) => base.estimate(series),
    evidence: (series) => base.evidence(series),
    quantiles: (series, levels) => base.quantiles(series, levels),
    draws: (series) =>
      series.contentHash === contentHash && !seen.has(series.project)
        ? { sampler: (luck) => level.sampler(luck) }
        : base.draws(series),
  };
}

/** A guess counts as if it had been configured. */
export function firstOf({ guess, first }: Pick<Known, 'guess' | 'first'>): Estimate {
  return guess ?? first;
}

export function seriesOf({ project, tenant }: AssessedTarget, contentHash: string): Series {
  return { project, tenant, contentHash };
}
