/**
 * Up to which resource version a collection is shown, and who waits for how much. Versions are
 * compared as numbers (see `contents.ts`); one that is none is never reached.
 */
interface Waiting {
  readonly version: number;
  readonly resolve: () => void;
}

export class Progress {
  #upTo = Number.NEGATIVE_INFINITY;
  readonly #waiting = new Set<Waiting>();

  /** Everything up to this version is shown. */
  advance(version: string): void {
    const upTo = Number(version);
    if (!(upTo > this.#upTo)) return;
    this.#upTo = upTo;
    for (const waiting of this.#waiting) if (waiting.version <= upTo) waiting.resolve();
  }

  /** The cluster was rebuilt: its versions begin anew. */
  reset(): void {
    this.#upTo = Number.NEGATIVE_INFINITY;
  }

  reached(version: string, signal: AbortSignal): Promise<void> {
    const wanted = Number(version);
    if (wanted <= this.#upTo) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(waiting);
        signal.removeEventListener('abort', giveUp);
      };
      const giveUp = (): void => {
        end();
        reject(new Error(`version ${version} was not seen in time`));
      };
      const waiting: Waiting = {
        version: wanted,
        resolve: () => {
          end();
          resolve();
        },
      };
      this.#waiting.add(waiting);
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp);
    });
  }
}
