/**
 * Why and when work must stop: a tree of scopes (run, phase, task, step), each with a
 * timeout of its own. Stopping a scope stops everything in it; the first cause stays.
 */
export type StopCause =
  | { readonly kind: 'cancelled'; readonly reason: string }
  /** `what` names whose timeout it was, in words. */
  | { readonly kind: 'timed-out'; readonly what: string };

/** Node fires a longer timer at once. About 24.8 days; a longer timeout is set anew when this has passed. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Scope {
  #cause: StopCause | null = null;
  readonly #listeners = new Set<(cause: StopCause) => void>();
  #timer: NodeJS.Timeout | null = null;
  #leave: () => void = () => undefined;

  /** A scope within this one that stops by itself after its timeout. Close it when its work is done. */
  within(timeoutMs: number | null, what: string): Scope {
    const inner = new Scope();
    inner.#leave = this.onStop((cause) => inner.stop(cause));
    if (timeoutMs !== null) inner.#arm(Date.now() + timeoutMs, { kind: 'timed-out', what });
    return inner;
  }

  #arm(atMs: number, cause: StopCause): void {
    const leftMs = atMs - Date.now();
    if (leftMs <= 0 && this.#timer !== null) this.stop(cause);
    else
      this.#timer = setTimeout(() => this.#arm(atMs, cause), Math.max(0, Math.min(leftMs, LONGEST_TIMER_MS)));
  }

  get cause(): StopCause | null {
    return this.#cause;
  }

  stop(cause: StopCause): void {
    if (this.#cause !== null) return;
    this.#cause = cause;
    for (const listener of this.#listeners) listener(cause);
  }

  /** Calls at once when it has stopped already. Returns the unsubscriber. */
  onStop(listener: (cause: StopCause) => void): () => void {
    if (this.#cause !== null) {
      listener(this.#cause);
      return () => undefined;
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#leave();
  }
}
