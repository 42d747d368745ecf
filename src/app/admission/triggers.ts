/**
 * When to look: on any hint, and at set times. One pass at a time; however many hints
 * come during a pass, exactly one more follows it.
 */
import type { Clock } from '../../ports/clock.ts';

export class Triggers {
  readonly #clock: Clock;
  readonly #pass: () => Promise<void>;
  #asked = false;
  #running: Promise<void> | null = null;
  #stopped = false;
  #cancelTimer: (() => void) | null = null;
  #waiting: (() => void)[] = [];

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
    await this.#running;
  }

  async #run(): Promise<void> {
    // Hints given in the same breath belong to the same pass.
    await Promise.resolve();
    while (this.#asked && !this.#stopped) {
      this.#asked = false;
      const waiting = this.#waiting.splice(0);
      await this.#pass();
      for (const passed of waiting) passed();
    }
    if (this.#stopped) for (const passed of this.#waiting.splice(0)) passed();
    this.#running = null;
  }
}
