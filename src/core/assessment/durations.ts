/** What is known of durations, as the model that an assessment draws from. */
import { inOrderOfEnd, LearnedDurations } from '../duration/learned-durations.ts';
import type { Series } from '../duration/model.ts';
import type { Estimate } from '../model/run.ts';
import type { AssessedTarget, AssessmentQuestion } from './question.ts';

export function learnedFrom(question: AssessmentQuestion): LearnedDurations {
  const learned = new LearnedDurations({ first: firstOf(question) });
  for (const sample of inOrderOfEnd(question.samples)) learned.record(sample);
  return learned;
}

/** A guess counts as if it had been configured. */
export function firstOf({ guess, first }: Pick<AssessmentQuestion, 'guess' | 'first'>): Estimate {
  return guess ?? first;
}

export function seriesOf({ project, tenant }: AssessedTarget, contentHash: string): Series {
  return { project, tenant, contentHash };
}
