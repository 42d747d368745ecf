/**
 * Saying that something was changed, to whoever wants to look again. A hint is no promise:
 * who hears one reads what is there now, and who misses one is late, not wrong. Where several
 * processes share a store, each is told what the others changed as well.
 */
export class Hints<About> {
  readonly #listeners = new Set<(about: About) => void>();

  /** Calls `listener` after each change that is told here. Returns the unsubscriber. */
  subscribe(listener: (about: About) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(about: About): void {
    for (const listener of this.#listeners) listener(about);
  }
}
