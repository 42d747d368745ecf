/**
 * When to look: on any hint, and at set times. One pass at a time; however many hints
 * come during a pass, exactly one more follows it.
 *
 * Always true: a stream of hints cannot keep the process busy with passes alone. After each
 * it rests as long as the pass took, up to a bound, and what is heard meanwhile makes one pass.
 */
import type { Clock } from '../../ports/clock.ts';

/** Too short for anybody to notice, long enough for a burst of events to come in whole. */
const REST_MAX_MS = 20;

export class Triggers {
  readonly #clock: Clock;
  readonly #pass: () => Promise<void>;
  #asked = false;
  #running: Promise<void> | null = null;
  #stopped = false;
  #cancelTimer: (() => void) | null = null;
  #waiting: (() => void)[] = [];
  #endRest: () => void = () => {};

  /** `pass` must not throw. */
  constructor(clock: Clock, pass: () => Promise<void>) {
    this.#clock = clock;
    this.#pass = pass;
  }

  wake(): void {
    if (this.#stopped) return;
    this.#asked = true;
    this.#running ??= this.#run();
  }

  /** Looks again, and resolves when a pass that began after this call has ended; at once when stopped. */
  passed(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const passed = new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    this.wake();
    return passed;
  }

  /** Replaces the set time. */
  wakeAt(atMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#stopped ? null : this.#clock.at(atMs, () => this.wake());
  }

  /** Resolves when the pass that runs now has ended; none begins any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#endRest();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Hints given in the same breath belong to the same pass.
    await Promise.resolve();
    while (this.#asked && !this.#stopped) {
      this.#asked = false;
      const waiting = this.#waiting.splice(0);
      const beganAtMs = this.#clock.nowMs();
      await this.#pass();
      for (const passed of waiting) passed();
      await this.#rest(this.#clock.nowMs() - beganAtMs);
    }
    if (this.#stopped) for (const passed of this.#waiting.splice(0)) passed();
    this.#running = null;
  }

  #rest(tookMs: number): Promise<void> {
    if (tookMs <= 0 || this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = this.#clock.at(this.#clock.nowMs() + Math.min(tookMs, REST_MAX_MS), resolve);
      this.#endRest = () => {
        end();
        resolve();
      };
    });
  }
}
