/**
 * The last changes, in order, for readers that go at their own pace.
 *
 * Always true: memory is bounded however slow a reader is, because readers keep a place and
 * no changes; whoever asks from a place that is forgotten, or that was never in this journal,
 * is told so and never given less than everything since.
 */
import type { Change } from './change.ts';

/** Some minutes of a busy installation, about 10 MB. */
const CHANGES_KEPT = 10_000;

export interface JournalEntry {
  /** 1, 2, 3, ... */
  readonly seq: number;
  readonly change: Change;
}

export class Journal {
  readonly #kept: number;
  /** The entry with `seq` is at `seq % kept`. */
  readonly #entries: JournalEntry[] = [];
  #last = 0;
  /** Of places before it, something may be missing. */
  #wholeFrom = 0;
  readonly #waiting = new Set<() => void>();

  constructor(kept: number = CHANGES_KEPT) {
    this.#kept = kept;
  }

  /** The place after the last change. */
  get last(): number {
    return this.#last;
  }

  add(change: Change): void {
    this.#last += 1;
    this.#entries[this.#last % this.#kept] = { seq: this.#last, change };
    this.#wholeFrom = Math.max(this.#wholeFrom, this.#last - this.#kept);
    this.#wakeAll();
  }

  /** Changes may have been missed: every place there was is forgotten. */
  break(): void {
    this.#last += 1;
    this.#wholeFrom = this.#last;
    this.#entries.length = 0;
    this.#wakeAll();
  }

  /** Up to `limit` changes after a place, none where there are none; null where it is no place (any more). */
  after(place: number, limit: number): readonly JournalEntry[] | null {
    if (place < this.#wholeFrom || place > this.#last) return null;
    const until = Math.min(this.#last, place + limit);
    const found: JournalEntry[] = [];
    for (let seq = place + 1; seq <= until; seq += 1) {
      const entry = this.#entries[seq % this.#kept];
      if (entry?.seq === seq) found.push(entry);
    }
    return found;
  }

  /** Calls `wake` once, with the next change; returns what takes that back. */
  onNext(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  #wakeAll(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
