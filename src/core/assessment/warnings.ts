/** What somebody should know before relying on an assessment, or enabling the policy. */
import { surprisesOf } from '../policy/surprises.ts';
import { quantile } from '../stats/quantile.ts';
import type { AssessmentQuestion } from './question.ts';

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** So many times the median is not the same kind of run. */
const FAR_OFF = 50;
/** Of the median, with too few samples to have one. */
const SAMPLES_FOR_MEDIAN = 4;

/** What stands for a path where an export has none. */
const ONLY_ID = /^#\d+$/;

export function warningsOf(question: AssessmentQuestion): readonly Warning[] {
  return [...about(question), ...surprises(question)];
}

function* about(question: AssessmentQuestion): Generator<Warning> {
  const { targets, samples, policy, scopeUnknown, isCapacityKnown, guess } = question;
  if (targets.length === 0) {
    yield { code: 'nothing-launched', message: 'No project is in scope: nothing is launched.' };
  }
  if (!isCapacityKnown) {
    const message =
      'Nobody said how many pipelines can run at once, so nothing waits here; with --runners 40 it would be simulated.';
    yield { code: 'capacity-unknown', message };
  }
  if (samples.length === 0 && guess === null) {
    const message =
      'Nothing is known of how long the pipeline takes: the durations are those of public CI histories. One test run, or --duration 7m, says more.';
    yield { code: 'nothing-measured', message };
  }
  if (scopeUnknown.length > 0) {
    const [{ project, reason } = { project: '', reason: '' }] = scopeUnknown;
    const message = `Of ${scopeUnknown.length} projects it is not known whether they are in scope (${project}: ${reason}); they count as in.`;
    yield { code: 'scope-unknown', message };
  }
  if (policy.branches.length > 0) {
    const message = `Every project is taken to have the branches ${policy.branches.join(', ')}; where one is missing, nothing is launched.`;
    yield { code: 'branches-assumed', message };
  }
  const byId = [...new Set(samples.map(({ project }) => project).filter((project) => ONLY_ID.test(project)))];
  if (byId.length > 0) {
    const message = `Of ${byId.length} projects of the history only GitLab's id is known (${byId.slice(0, 3).join(', ')}): each counts as a project of its own. A list of projects with ids and paths (--projects projects.json) says who they are.`;
    yield { code: 'projects-by-id', message };
  }
  yield* oddSamples(question);
}

function* oddSamples({ samples, contentHash }: AssessmentQuestion): Generator<Warning> {
  const measured = samples.filter(({ outcome }) => outcome !== 'cancelled');
  if (measured.length === 0) return;
  if (measured.every(({ outcome }) => outcome !== 'succeeded')) {
    const message = `None of the ${measured.length} samples succeeded: these are durations of failures, which are often shorter.`;
    yield { code: 'only-failures', message };
  }
  const sorted = Float64Array.from(measured, ({ durationMs }) => durationMs).sort();
  const median = quantile(sorted, 0.5);
  const far = measured.filter(
    ({ durationMs }) => durationMs > FAR_OFF * median || durationMs < median / FAR_OFF,
  );
  if (measured.length >= SAMPLES_FOR_MEDIAN && far.length > 0) {
    const message = `${far.length} of ${measured.length} samples are more than ${FAR_OFF} times longer or shorter than the median (${far[0]?.project ?? ''}): look whether they are such runs at all.`;
    yield { code: 'odd-samples', message };
  }
  if (measured.every((sample) => sample.contentHash !== contentHash)) {
    const message = 'All samples are of an older content of the policy: the new one may take another time.';
    yield { code: 'only-older-content', message };
  }
}

function surprises({ policy, nowMs }: AssessmentQuestion): readonly Warning[] {
  return surprisesOf(policy, nowMs).map(({ code, field, message }) => ({
    code,
    message: `The policy's ${FIELD_WORDS[field] ?? field} ${message}.`,
  }));
}

const FIELD_WORDS: Readonly<Record<string, string>> = {
  branches: 'list of branches',
  startTime: 'start time',
  daysOfMonth: 'list of days',
  windowLength: 'window',
  catchUp: 'catch-up',
};
