/**
 * A process that can die at any step. Everything Penstock gets from outside is handed to
 * it through here: a dead process is answered nothing, its timers never fire, and what it
 * still calls has no effect.
 *
 * A step is a call of a port. A crash can be set for a number of calls ahead, so that it
 * falls between any two of them: after a mark is durable and before the start is asked
 * for, say, or in the middle of starting up.
 */
import type { Clock } from '../src/ports/clock.ts';
import type { Scheduler } from './scheduler.ts';

export class Mortal {
  #alive = true;
  #callsLeft = Number.POSITIVE_INFINITY;
  #onDeath: () => void;

  constructor(onDeath: () => void) {
    this.#onDeath = onDeath;
  }

  alive(): boolean {
    return this.#alive;
  }

  /** It dies instead of making the call that comes after this many more. */
  dieAfterCalls(calls: number): void {
    this.#callsLeft = calls;
  }

  die(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#onDeath();
  }

  call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#alive) {
      if (this.#callsLeft <= 0) this.die();
      this.#callsLeft -= 1;
    }
    if (!this.#alive) return new Promise<T>(() => {});
    return new Promise<T>((resolve, reject) => {
      work().then(
        (value) => {
          if (this.#alive) resolve(value);
        },
        (error: unknown) => {
          if (this.#alive) reject(error);
        },
      );
    });
  }

  listener(work: () => void): () => void {
    return () => {
      if (this.#alive) work();
    };
  }
}

/** A process's own clock: it may be off from the engine's, and jump. Its timers count real time, as a machine's do. */
export class OwnClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #offsetMs: () => number;
  readonly #mortal: Mortal;

  constructor(scheduler: Scheduler, mortal: Mortal, offsetMs: () => number) {
    this.#scheduler = scheduler;
    this.#mortal = mortal;
    this.#offsetMs = offsetMs;
  }

  nowMs(): number {
    return this.#scheduler.nowMs() + this.#offsetMs();
  }

  at(atMs: number, callback: () => void): () => void {
    let cancel = (): void => {};
    const plan = (): void => {
      cancel = this.#scheduler.after(Math.max(0, atMs - this.nowMs()), () => {
        if (!this.#mortal.alive()) return;
        if (this.nowMs() < atMs) plan();
        else callback();
      });
    };
    plan();
    return () => cancel();
  }
}
