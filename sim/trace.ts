/**
 * The trace of a simulation: every step as a line. Two runs of a seed must give the same
 * hash; the last lines are kept to be shown with a failure.
 */
import { hash32 } from '../src/core/random/random.ts';

const LINES_KEPT = 60;

export class Trace {
  readonly #lines: string[] = [];
  #low = 0x811c9dc5;
  #high = 0x01000193;
  #count = 0;

  add(atMs: number, line: string): void {
    const text = `${atMs} ${line}`;
    this.#low = hash32(text, this.#low);
    this.#high = hash32(text, this.#high ^ this.#count);
    this.#lines[this.#count % LINES_KEPT] = text;
    this.#count += 1;
  }

  count(): number {
    return this.#count;
  }

  hash(): string {
    return [this.#low, this.#high].map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  lastLines(): readonly string[] {
    const from = Math.max(0, this.#count - LINES_KEPT);
    return Array.from({ length: this.#count - from }, (_, i) => this.#lines[(from + i) % LINES_KEPT] ?? '');
  }
}
