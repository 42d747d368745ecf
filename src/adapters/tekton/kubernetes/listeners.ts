/** Those who want to be told. One that throws is logged and keeps nobody else from hearing. */
import type { Log } from '../../../ports/log.ts';

export class Listeners<Told extends readonly unknown[]> {
  readonly #all = new Set<(...told: Told) => void>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  add(listener: (...told: Told) => void): () => void {
    // The same function may listen twice and stop once.
    const own = (...told: Told) => listener(...told);
    this.#all.add(own);
    return () => {
      this.#all.delete(own);
    };
  }

  tell(...told: Told): void {
    for (const listener of this.#all) {
      try {
        listener(...told);
      } catch (error) {
        this.#log.error({ err: error }, 'A listener failed');
      }
    }
  }
}
