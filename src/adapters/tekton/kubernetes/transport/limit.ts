/**
 * How long a request may take, and who may give it up: one signal out of a deadline, the
 * caller's signal and the closing of the cluster.
 */
import type { Time } from '../time.ts';

export class Limit {
  readonly signal: AbortSignal;
  readonly #time: Time;
  readonly #endMs: number;
  readonly #release: () => void;

  constructor(time: Time, timeoutMs: number, signals: readonly AbortSignal[]) {
    const controller = new AbortController();
    const cancelTimer = time.after(timeoutMs, () => controller.abort(`no answer within ${timeoutMs} ms`));
    const giveUp = () => controller.abort('given up by the caller');
    for (const signal of signals) {
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp);
    }
    this.signal = controller.signal;
    this.#time = time;
    this.#endMs = time.steadyMs() + timeoutMs;
    this.#release = () => {
      cancelTimer();
      for (const signal of signals) signal.removeEventListener('abort', giveUp);
    };
  }

  leftMs(): number {
    return this.#endMs - this.#time.steadyMs();
  }

  /** Which of them it was. */
  why(): string {
    return this.signal.aborted ? String(this.signal.reason) : 'no time was left to write it';
  }

  /** To be called once nothing can be given up any more. */
  release(): void {
    this.#release();
  }
}
