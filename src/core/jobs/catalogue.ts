/** All jobs there are, by the names under which threads are asked for them. */
import { assessmentJob } from '../assessment/assessment-job.ts';
import { outlookJob } from '../forecast/outlook-job.ts';
import { queueForecastJob } from '../forecast/queue-job.ts';
import type { Job } from './job.ts';

export const JOBS = {
  'queue-forecast': queueForecastJob,
  outlook: outlookJob,
  assessment: assessmentJob,
} as const;

export type JobName = keyof typeof JOBS;
type Parts<N extends JobName> =
  (typeof JOBS)[N] extends Job<infer Head, infer Row, infer Request, infer Answer>
    ? { readonly head: Head; readonly row: Row; readonly request: Request; readonly answer: Answer }
    : never;
export type HeadOf<N extends JobName> = Parts<N>['head'];
export type RowOf<N extends JobName> = Parts<N>['row'];
export type RequestOf<N extends JobName> = Parts<N>['request'];
export type AnswerOf<N extends JobName> = Parts<N>['answer'];

/** A job whose types were forgotten on the way between threads; both ends name the same job. */
export type AnyJob = Job<unknown, unknown, unknown, unknown>;

export function jobNamed(name: JobName): AnyJob {
  const job: unknown = JOBS[name];
  return job as AnyJob;
}
