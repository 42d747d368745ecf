/** A budget per second that may be saved up to a bound. */
import type { Time } from '../time.ts';

export class TokenBucket {
  readonly #time: Time;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(time: Time, perSecond: number, burst: number) {
    this.#time = time;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = time.steadyMs();
  }

  /** How long until there is one; 0 when it was taken. */
  take(): number {
    const nowMs = this.#time.steadyMs();
    const earned = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return ((1 - this.#tokens) / this.#perSecond) * 1000;
    this.#tokens -= 1;
    return 0;
  }
}
