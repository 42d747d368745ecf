/**
 * When to look: on any hint, and at set times. One pass at a time; however many hints
 * come during a pass, exactly one more follows it.
 *
 * Always true: a stream of hints cannot keep the process busy with passes alone. After each
 * it rests as long as the pass took, up to a bound, and what is heard meanwhile makes one pass.
 * While a pass could start nothing, it rests longer, until somebody says that one could.
 */
import type { Clock } from '../../ports/clock.ts';

/** Too short for anybody to notice, long enough for a burst of events to come in whole. */
const REST_MAX_MS = 20;
/** Nothing can be started meanwhile; what is shown is this old at most. */
const IDLE_REST_MS = 250;

export class Triggers {
  readonly #clock: Clock;
  readonly #pass: () => Promise<void>;
  readonly #isIdle: () => boolean;
  #asked = false;
  #running: Promise<void> | null = null;
  #stopped = false;
  #cancelTimer: (() => void) | null = null;
  #waiting: (() => void)[] = [];
  #endRest: () => void = () => {};
  #restsIdly = false;

  /** `pass` must not throw. `isIdle`: a pass now could start nothing, whatever it saw. */
  constructor(clock: Clock, pass: () => Promise<void>, isIdle: () => boolean = () => false) {
    this.#clock = clock;
    this.#pass = pass;
    this.#isIdle = isIdle;
  }

  wake(): void {
    if (this.#stopped) return;
    this.#asked = true;
    this.#running ??= this.#run();
  }

  /** A pass could start something again: what was heard while none could is followed now. */
  idleIsOver(): void {
    if (this.#restsIdly) this.#endRest();
  }

  /** Looks again, and resolves when a pass that began after this call has ended; at once when stopped. */
  passed(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const passed = new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    this.idleIsOver();
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
    this.#restsIdly = this.#isIdle() && this.#waiting.length === 0;
    const restMs = this.#restsIdly ? IDLE_REST_MS : Math.min(tookMs, REST_MAX_MS);
    if (restMs <= 0 || this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = this.#clock.at(this.#clock.nowMs() + restMs, resolve);
      this.#endRest = () => {
        end();
        resolve();
      };
    });
  }
}
