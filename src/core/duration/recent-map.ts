/**
 * A map that keeps what was set last and forgets, beyond a bound, what was not set for longest.
 */
export class RecentMap<V> extends Map<string, V> {
  readonly #most: number;

  constructor(most: number, entries: Iterable<readonly [string, V]> = []) {
    super();
    this.#most = most;
    for (const [key, value] of entries) this.set(key, value);
  }

  override set(key: string, value: V): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.#most) {
      const oldest = this.keys().next();
      if (oldest.done !== true) this.delete(oldest.value);
    }
    return this;
  }
}
