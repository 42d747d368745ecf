/** An assessment as a job for another thread: what is long comes in rows. */
import type { Answering, Job } from '../jobs/job.ts';
import { assess, type Beside } from './assess.ts';
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

export const assessmentJob: Job<AssessmentHead, AssessmentRow, null, Assessment> = {
  prepare({ question, scenarios }, rows) {
    const targets: AssessedTarget[] = [];
    const samples: PolicySample[] = [];
    for (const row of rows) {
      if (row.kind === 'target') targets.push(row.target);
      else samples.push(row.sample);
    }
    return (): Answering<Assessment> => assess({ ...question, targets, samples }, { scenarios });
  },
};

export function* assessmentRows({ targets, samples }: AssessmentQuestion): Generator<AssessmentRow> {
  for (const target of targets) yield { kind: 'target', target };
  for (const sample of samples) yield { kind: 'sample', sample };
}
