/**
 * One piece of work at a time, shared by all who asked before it began. Whoever asks while it
 * is under way gets the next one.
 */
export class SharedRuns {
  readonly #work: () => Promise<void>;
  #current: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves or rejects with a run that begins after this call. */
  ask(): Promise<void> {
    if (this.#next !== null) return this.#next;
    if (this.#current === null) return this.#begin();
    const begin = () => this.#begin();
    this.#next = this.#current.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = null;
    const run = this.#work();
    const clear = () => {
      if (this.#current === run) this.#current = null;
    };
    this.#current = run;
    void run.then(clear, clear);
    return run;
  }
}
