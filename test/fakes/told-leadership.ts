/** Leadership as a test tells it. */
import type { Leadership, Standing } from '../../src/ports/leadership.ts';

export class ToldLeadership implements Leadership {
  readonly #listeners = new Set<() => void>();
  #standing: Standing;
  #terms = 0;

  constructor(leader: string | null) {
    this.#standing = { kind: 'following', leader };
  }

  wins(untilMs: number, formerEndMs: number): void {
    this.#terms += 1;
    this.#becomes({ kind: 'leading', term: this.#terms, untilMs, formerEndMs });
  }

  renews(untilMs: number): void {
    if (this.#standing.kind === 'leading') this.#becomes({ ...this.#standing, untilMs });
  }

  loses(leader: string | null): void {
    this.#becomes({ kind: 'following', leader });
  }

  standing(): Standing {
    return this.#standing;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.loses(null);
  }

  #becomes(standing: Standing): void {
    this.#standing = standing;
    for (const listener of this.#listeners) listener();
  }
}
