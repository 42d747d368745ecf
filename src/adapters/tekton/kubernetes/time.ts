/**
 * Time and chance, as this folder uses them; tests give their own.
 *
 * Two clocks, because leases and back-off measure how long something took, which the time of
 * day cannot say while somebody may set it.
 */
export interface Time {
  /** The time of day, in milliseconds since the epoch. */
  wallMs(): number;
  /** From any origin; never goes back. */
  steadyMs(): number;
  /** Calls back once, `delayMs` later by the steady clock; returns what cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /** From 0 up to but not including 1. */
  random(): number;
}

/** Timers do not keep the process alive: whoever waits for something holds it otherwise. */
export const MACHINE_TIME: Time = {
  wallMs: () => Date.now(),
  steadyMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.ceil(delayMs)));
    timer.unref();
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Resolves after the delay, or at once when the signal fires. Never rejects. */
export function pause(time: Time, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = time.after(delayMs, done);
    signal.addEventListener('abort', done);
  });
}
