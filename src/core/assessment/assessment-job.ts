/** An assessment as a job for another thread: what is long comes in rows. */

import { assert } from '../assert.ts';
import type { Answering, Job } from '../jobs/job.ts';
import { assessOnly, type Beside, recommendOnly } from './assess.ts';
import type { AssessedTarget, AssessmentQuestion, PolicySample } from './question.ts';
import type { Assessment } from './report.ts';

export interface AssessmentHead {
  /** Without its targets and samples. */
  readonly question: AssessmentQuestion;
  readonly scenarios: NonNullable<Beside['scenarios']>;
}

export type AssessmentRow =
  | { readonly kind: 'target'; readonly target: AssessedTarget }
  | { readonly kind: 'sample'; readonly sample: PolicySample };

/** Two parts that know nothing of each other. */
export type AssessmentPart = 'report' | 'recommendations';

export type AssessmentAnswer =
  | { readonly part: 'report'; readonly assessment: Assessment }
  | { readonly part: 'recommendations'; readonly recommendations: Assessment['recommendations'] };

export const assessmentJob: Job<AssessmentHead, AssessmentRow, AssessmentPart, AssessmentAnswer> = {
  prepare({ question, scenarios }, rows) {
    const targets: AssessedTarget[] = [];
    const samples: PolicySample[] = [];
    for (const row of rows) {
      if (row.kind === 'target') targets.push(row.target);
      else samples.push(row.sample);
    }
    const whole = { ...question, targets, samples };
    return (part) => answer(whole, scenarios, part);
  },
};

function* answer(
  question: AssessmentQuestion,
  scenarios: AssessmentHead['scenarios'],
  part: AssessmentPart,
): Answering<AssessmentAnswer> {
  if (part === 'recommendations') return { part, recommendations: yield* recommendOnly(question) };
  return { part, assessment: yield* assessOnly(question, { scenarios }) };
}

/** What the answers to both parts come to. */
export function wholeOf(answers: readonly AssessmentAnswer[]): Assessment {
  let assessment: Assessment | null = null;
  let recommendations: Assessment['recommendations'] = [];
  for (const one of answers) {
    if (one.part === 'report') assessment = one.assessment;
    else recommendations = one.recommendations;
  }
  assert(assessment !== null, 'an assessment without its report');
  return { ...assessment, recommendations };
}

export function* assessmentRows({ targets, samples }: AssessmentQuestion): Generator<AssessmentRow> {
  for (const target of targets) yield { kind: 'target', target };
  for (const sample of samples) yield { kind: 'sample', sample };
}
