/**
 * Why what a reflector shows may not be so any more, in words for a person, and the log of it:
 * one line when an outage is long enough to matter, one when it is over.
 */
import type { Log } from '../../../../ports/log.ts';
import type { Time } from '../time.ts';

/** More of them are counted, not named. */
const UNREADABLE_MAX = 1_000;

export interface DoubtsOptions {
  readonly path: string;
  readonly log: Log;
  readonly time: Time;
  readonly doubtAfterMs: number;
}

export class Doubts {
  readonly #options: DoubtsOptions;
  readonly #unreadable = new Map<string, string>();
  /** Since when there is no watch, by both clocks; null while there is one. */
  #down: { readonly steadyMs: number; readonly wallMs: number } | null;
  #why = 'none was opened yet';
  #cancelWarning: () => void = () => {};
  #hasWarned = false;

  constructor(options: DoubtsOptions) {
    this.#options = options;
    this.#down = this.#now();
    this.#armWarning();
  }

  /** The watch ended; unless another soon follows, nothing is seen any more. */
  broken(why: string): void {
    this.#why = why;
    if (this.#down !== null) return;
    this.#down = this.#now();
    this.#armWarning();
  }

  listFailed(why: string): void {
    this.#why = why;
  }

  /** There is a watch that shows the present. */
  settled(): void {
    this.#down = null;
    this.#cancelWarning();
    if (this.#hasWarned) this.#options.log.info({ path: this.#options.path }, 'The watch is back');
    this.#hasWarned = false;
  }

  unreadable(uid: string, place: string, why: string): void {
    const { log, path } = this.#options;
    if (this.#unreadable.has(uid) || this.#unreadable.size >= UNREADABLE_MAX) return;
    this.#unreadable.set(uid, `${place}: ${why}`);
    log.error({ path, object: place, why }, 'An object cannot be read');
  }

  readable(uid: string): void {
    this.#unreadable.delete(uid);
  }

  sentence(isSynced: boolean): string | null {
    const { path, doubtAfterMs } = this.#options;
    const down = this.#down;
    const since = down === null ? '' : new Date(down.wallMs).toISOString();
    if (!isSynced) return `${path} has not been listed yet (since ${since}: ${this.#why})`;
    if (down !== null && this.#options.time.steadyMs() - down.steadyMs >= doubtAfterMs) {
      return `${path} has not been watched since ${since} (${this.#why})`;
    }
    for (const what of this.#unreadable.values()) return `${path}: an object cannot be read (${what})`;
    return null;
  }

  close(): void {
    this.#cancelWarning();
  }

  #armWarning(): void {
    const { time, doubtAfterMs, log, path } = this.#options;
    this.#cancelWarning = time.after(doubtAfterMs, () => {
      this.#hasWarned = true;
      log.warn({ path, why: this.#why }, 'There is no watch: what is shown may be stale');
    });
  }

  #now(): { readonly steadyMs: number; readonly wallMs: number } {
    const { time } = this.#options;
    return { steadyMs: time.steadyMs(), wallMs: time.wallMs() };
  }
}
