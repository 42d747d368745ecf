/**
 * Answers in the order of their requests, whatever the number of workers: as many requests
 * are under way as there are workers, and whoever reads the answers may stop after any of
 * them; what was asked beyond that is thrown away. So a rule for stopping early sees the same
 * answers, and stops at the same one, however many workers there are.
 */
import type { AnswerOf, JobName, RequestOf } from '../../core/jobs/catalogue.ts';
import type { OpenJob } from '../../ports/workers.ts';

export async function* inOrder<N extends JobName>(
  job: OpenJob<N>,
  requests: Iterable<RequestOf<N>>,
  parallelism: number,
): AsyncGenerator<AnswerOf<N>, void> {
  const left = requests[Symbol.iterator]();
  const underWay: Promise<AnswerOf<N>>[] = [];
  const askNext = (): void => {
    const next = left.next();
    if (next.done === true) return;
    const answer = job.ask(next.value);
    // It may fail while an earlier one is waited for; who reads it is told then.
    answer.catch(() => {});
    underWay.push(answer);
  };
  for (let worker = 0; worker < parallelism; worker += 1) askNext();
  for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
    const answer = await first;
    askNext();
    yield answer;
  }
}
