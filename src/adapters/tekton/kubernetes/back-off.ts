/** Pauses between attempts: doubled each time, with chance in them, up to a longest; for ever. */
import type { Time } from './time.ts';

export class BackOff {
  readonly #time: Time;
  readonly #minMs: number;
  readonly #maxMs: number;
  #failures = 0;

  constructor(time: Time, minMs: number, maxMs: number) {
    this.#time = time;
    this.#minMs = minMs;
    this.#maxMs = maxMs;
  }

  /** Half to all of the doubled pause, and never less than the server asked for. */
  nextMs(retryAfterMs: number | null = null): number {
    // Beyond this many doublings the longest is reached anyway, and powers stay finite.
    const doubledMs = this.#minMs * 2 ** Math.min(this.#failures, 30);
    this.#failures += 1;
    const jittered = Math.min(doubledMs, this.#maxMs) * (0.5 + this.#time.random() / 2);
    return Math.max(jittered, retryAfterMs ?? 0);
  }

  reset(): void {
    this.#failures = 0;
  }
}
