/**
 * How many requests are under way at once: the rest waits its turn, and beyond a bound is
 * turned away. Waiting here, before a request exists, is what makes `unsent` certain.
 */
import type { Limit } from './limit.ts';

export class Slots {
  readonly #waiting = new Set<() => void>();
  readonly #waitingMax: number;
  #free: number;

  constructor(count: number, waitingMax: number) {
    this.#free = count;
    this.#waitingMax = waitingMax;
  }

  /** Null when it was given up meanwhile, or too many wait; else `release` must follow. */
  async take(limit: Limit): Promise<'taken' | 'given-up' | 'too-many'> {
    if (limit.signal.aborted) return 'given-up';
    if (this.#free > 0) {
      this.#free -= 1;
      return 'taken';
    }
    if (this.#waiting.size >= this.#waitingMax) return 'too-many';
    return new Promise((resolve) => {
      const settle = (outcome: 'taken' | 'given-up') => {
        this.#waiting.delete(go);
        limit.signal.removeEventListener('abort', giveUp);
        resolve(outcome);
      };
      const go = () => settle('taken');
      const giveUp = () => settle('given-up');
      this.#waiting.add(go);
      limit.signal.addEventListener('abort', giveUp);
    });
  }

  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free += 1;
    else next();
  }
}
