/**
 * Writes of one process, one after the other: they would wait for one another in the database
 * anyway, and there each would keep a connection that others could read over.
 *
 * Always true: nobody waits for longer than a bound and the one write that is under way then.
 */
import { CodedError } from '../../core/errors/catalogue.ts';

/** Longer than the longest write, and than the wait for writes of other processes. */
const TURN_WITHIN_MS = 8_000;

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** @throws CodedError store-unreachable when its turn came too late; then nothing was done */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const askedAtMs = performance.now();
    const mine = this.#last.then(() => {
      if (performance.now() - askedAtMs > TURN_WITHIN_MS) throw tooLate();
      return work();
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

function tooLate(): CodedError {
  return new CodedError('store-unreachable', 'The database does not get on with what is to be written.');
}
