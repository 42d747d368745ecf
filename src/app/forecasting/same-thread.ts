/**
 * Workers that are none: each request is answered on the thread that asks, in small steps
 * with room for others in between. For the simulator and tests, which have one thread, and
 * for commands that have nothing else to do.
 */
import {
  type AnswerOf,
  type HeadOf,
  type JobName,
  jobNamed,
  type RequestOf,
  type RowOf,
} from '../../core/jobs/catalogue.ts';
import type { Answering, JobInput } from '../../core/jobs/job.ts';
import type { Clock } from '../../ports/clock.ts';
import { JobClosed, type OpenJob, type Workers } from '../../ports/workers.ts';

export function sameThread(clock: Clock): Workers {
  return {
    parallelism: 1,
    open: (name, input) => new SameThreadJob(clock, name, input),
    close: async () => {},
  };
}

class SameThreadJob<N extends JobName> implements OpenJob<N> {
  readonly #clock: Clock;
  readonly #name: N;
  readonly #input: JobInput<HeadOf<N>, RowOf<N>>;
  #answer: ((request: unknown) => Answering<unknown>) | null = null;
  #closed = false;
  #before: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, name: N, input: JobInput<HeadOf<N>, RowOf<N>>) {
    this.#clock = clock;
    this.#name = name;
    this.#input = input;
  }

  ask(request: RequestOf<N>): Promise<AnswerOf<N>> {
    const answer = this.#before.then(() => this.#answerNow(request));
    this.#before = answer.catch(() => {});
    return answer;
  }

  async #answerNow(request: RequestOf<N>): Promise<AnswerOf<N>> {
    if (this.#closed) throw new JobClosed();
    this.#answer ??= jobNamed(this.#name).prepare(this.#input.head, [...this.#input.rows]);
    const checked = (): void => {
      if (this.#closed) throw new JobClosed();
    };
    return (await inSteps(this.#clock, this.#answer(request), checked)) as AnswerOf<N>;
  }

  close(): void {
    this.#closed = true;
  }
}

/**
 * Lets whatever else is due go first between two steps.
 *
 * @param goOn throws when nobody wants the rest any more
 */
export async function inSteps<T>(clock: Clock, steps: Generator<void, T>, goOn = () => {}): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breath(clock);
    goOn();
  }
}

/** Lets whatever else is due go first. */
export function breath(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.at(clock.nowMs(), resolve);
  });
}
