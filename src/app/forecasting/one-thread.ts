/**
 * Workers of which one is used at a time. For work that goes on in the background all day: it
 * is in no hurry, and each thread that takes part is sent the whole input and keeps its memory.
 */
import type { AnswerOf, JobName } from '../../core/jobs/catalogue.ts';
import type { OpenJob, Workers } from '../../ports/workers.ts';

export function oneThreadOf(workers: Workers): Workers {
  return {
    parallelism: 1,
    open: (name, input) => inTurn(workers.open(name, input)),
    close: () => workers.close(),
  };
}

/** A request is sent when the one before is answered, however that ended. */
function inTurn<N extends JobName>(job: OpenJob<N>): OpenJob<N> {
  let before: Promise<unknown> = Promise.resolve();
  return {
    ask: (request) => {
      const answer = before.then((): Promise<AnswerOf<N>> => job.ask(request));
      before = answer.catch(() => {});
      return answer;
    },
    close: () => job.close(),
  };
}
