/**
 * Enumerates every combination of small choices: a generator that asks `below(n)` again and
 * again is run once for each sequence of answers there is, like an odometer.
 *
 * Source of the idea: matklad, "Generate All The Things", and exhaustigen in TigerBeetle.
 */
export class EveryChoice {
  readonly #made: { value: number; bound: number }[] = [];
  #at = 0;
  #first = true;

  /** True while there is a combination that has not been made yet; call once before each. */
  next(): boolean {
    this.#at = 0;
    if (this.#first) {
      this.#first = false;
      return true;
    }
    for (let last = this.#made.pop(); last !== undefined; last = this.#made.pop()) {
      if (last.value + 1 < last.bound) {
        this.#made.push({ value: last.value + 1, bound: last.bound });
        return true;
      }
    }
    return false;
  }

  /** A choice out of 0 .. bound - 1. */
  below(bound: number): number {
    const made = this.#made[this.#at];
    this.#at += 1;
    if (made !== undefined) return made.value;
    this.#made.push({ value: 0, bound });
    return 0;
  }

  chance(): boolean {
    return this.below(2) === 1;
  }

  of<T>(options: readonly T[]): T {
    return options[this.below(options.length)] as T;
  }
}
