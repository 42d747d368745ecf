/**
 * The API server's clock as far as its answers tell: their `Date` is cut to the second.
 *
 * Always true: a moment of ours is never translated to a later moment of the server than it
 * is there, so a deadline given to the server is never later than the one meant. Each answer
 * only says "at least"; the best of the last ones is within their latency of the truth.
 */
import type { Clock } from '../../ports/clock.ts';

/** Enough to hit the turn of a second, few enough to follow a clock that is set. */
const ANSWERS_KEPT = 64;

export class ServerClock {
  readonly #clock: Clock;
  readonly #aheadMs: number[] = [];
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `dateMs` is the Date of an answer that has just come. */
  heard(dateMs: number | null): void {
    if (dateMs === null) return;
    this.#aheadMs[this.#next] = dateMs - this.#clock.nowMs();
    this.#next = (this.#next + 1) % ANSWERS_KEPT;
  }

  /** Null before the first answer. */
  fromOurs(atMs: number): number | null {
    return this.#aheadMs.length === 0 ? null : atMs + Math.max(...this.#aheadMs);
  }
}
