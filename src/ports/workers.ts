/**
 * Workers: threads beside the one that admits, for work that would hold it up. A job
 * (`core/jobs`) is opened with its input, asked its requests in any order, and closed.
 *
 * Always true: answers do not depend on the number of workers; whoever sends input never
 * blocks his own thread for more than some milliseconds at a time. Every implementation
 * passes `test/conformance/workers.ts`.
 */
import type { AnswerOf, HeadOf, JobName, RequestOf, RowOf } from '../core/jobs/catalogue.ts';
import type { JobInput } from '../core/jobs/job.ts';

export interface OpenJob<N extends JobName> {
  /** @throws what the job threw, or `WorkerLost`; an Error once the job is closed */
  ask(request: RequestOf<N>): Promise<AnswerOf<N>>;
  /** What was asked and not answered yet is rejected; an answer under way is thrown away. */
  close(): void;
}

export interface Workers {
  /** How many requests are answered at the same time, >= 1. */
  readonly parallelism: number;
  open<N extends JobName>(name: N, input: JobInput<HeadOf<N>, RowOf<N>>): OpenJob<N>;
  close(): Promise<void>;
}

/** The thread ended without an answer, for example because it ran out of memory. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

/** Asked of a job that was closed. */
export class JobClosed extends Error {
  override readonly name = 'JobClosed';

  constructor() {
    super('The job was closed before it was answered.');
  }
}
