/**
 * A map that forgets, beyond a bound, what was not set for longest. (What was set only while
 * it was less than half full counts as set then for the first time.)
 */
export class RecentMap<V> extends Map<string, V> {
  readonly #most: number;

  constructor(most: number, entries: Iterable<readonly [string, V]> = []) {
    super();
    this.#most = most;
    for (const [key, value] of entries) this.set(key, value);
  }

  override set(key: string, value: V): this {
    // While there is room nobody asks which was set last.
    if (this.size > this.#most / 2) this.delete(key);
    super.set(key, value);
    if (this.size > this.#most) {
      const oldest = this.keys().next();
      if (oldest.done !== true) this.delete(oldest.value);
    }
    return this;
  }
}
