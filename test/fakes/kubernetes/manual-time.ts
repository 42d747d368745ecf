/**
 * Time that passes when a test says so. Both clocks go together unless one is set on its own.
 */
import type { Time } from '../../../src/adapters/tekton/kubernetes/time.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

export class ManualTime implements Time {
  #timers: Timer[] = [];
  #steadyMs = 1_000;
  #wallMs = Date.UTC(2026, 0, 1);
  /** What `random` gives. */
  chance = 0.5;
  /** As in a process that is stopped: the clocks go on, nothing is called. */
  isStopped = false;

  wallMs(): number {
    return this.#wallMs;
  }

  steadyMs(): number {
    return this.#steadyMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#steadyMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  random(): number {
    return this.chance;
  }

  /** When the next timer is due; null when there is none. */
  get nextMs(): number | null {
    return this.#timers.length === 0
      ? null
      : Math.min(...this.#timers.map(({ atMs }) => atMs)) - this.#steadyMs;
  }

  /** Lets the time pass and calls what is due, in order; what that sets may be due as well. */
  pass(ms: number): void {
    const endMs = this.#steadyMs + ms;
    for (;;) {
      const due = this.isStopped ? [] : this.#timers.filter(({ atMs }) => atMs <= endMs);
      const next = due.toSorted((a, b) => a.atMs - b.atMs)[0];
      this.#moveTo(Math.max(this.#steadyMs, next?.atMs ?? endMs));
      if (next === undefined) return;
      this.#timers = this.#timers.filter((each) => each !== next);
      next.callback();
    }
  }

  /** As when somebody sets the clock of the machine. */
  setWall(wallMs: number): void {
    this.#wallMs = wallMs;
  }

  #moveTo(steadyMs: number): void {
    this.#wallMs += steadyMs - this.#steadyMs;
    this.#steadyMs = steadyMs;
  }
}
