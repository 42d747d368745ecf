/**
 * A binary heap of (time, item) pairs in typed arrays: completions, overdue times. Pairs of
 * one time leave in an order that depends on how the heap was filled; whoever uses it
 * applies all of them before anything that could tell.
 *
 * A pair that leaves mostly makes room for one that comes: so the first place stays vacant
 * until then, and the two together sift once instead of twice.
 *
 * Always true: every place after those in use has the time Infinity, so that the earlier of
 * two children is found by arithmetic: nobody, a branch predictor least of all, can tell
 * which of the two it will be.
 */
export class TimerHeap {
  #time: Float64Array;
  #item: Int32Array;
  /** Places in use, a vacant first one included. */
  #size = 0;
  #vacant = false;

  constructor(capacity: number) {
    const places = Math.max(4, capacity + 1);
    this.#time = new Float64Array(places).fill(Number.POSITIVE_INFINITY);
    this.#item = Int32Array.from({ length: places }, (_, place) => place);
  }

  clear(): void {
    this.#time.fill(Number.POSITIVE_INFINITY, 0, this.#size);
    this.#size = 0;
    this.#vacant = false;
  }

  /** Returns what makes it as it is now, no longer in any place than it ever was. */
  remember(): () => void {
    this.#fill();
    const size = this.#size;
    const time = this.#time.slice(0, size);
    const item = this.#item.slice(0, size);
    return () => {
      this.clear();
      this.#time.set(time);
      this.#item.set(item);
      this.#size = size;
    };
  }

  get count(): number {
    return this.#vacant ? this.#size - 1 : this.#size;
  }

  /** The items that are in, in no order: the first `count` entries, until the heap changes. */
  get items(): Int32Array {
    this.#fill();
    return this.#item;
  }

  /**
   * An item that is in no pair, for who numbers its items by what is spare: the one that left
   * last, or one that left before it, or the next number that never was an item.
   */
  spare(): number {
    return this.#item[this.#vacant ? 0 : this.#size] as number;
  }

  /** Time of the first pair; Infinity when empty. */
  topTime(): number {
    const times = this.#time;
    return this.#vacant ? (times[earlierOf(times, 1)] as number) : (times[0] as number);
  }

  push(time: number, item: number): void {
    if (this.#vacant) {
      this.#vacant = false;
      this.#sink(time, item);
      return;
    }
    if (this.#size + 1 === this.#time.length) this.#grow();
    const times = this.#time;
    const items = this.#item;
    let at = this.#size;
    this.#size = at + 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = times[parent] as number;
      if (parentTime <= time) break;
      times[at] = parentTime;
      items[at] = items[parent] as number;
      at = parent;
    }
    times[at] = time;
    items[at] = item;
  }

  /** Removes the first pair and returns its item; only when not empty. */
  pop(): number {
    this.#fill();
    this.#vacant = true;
    return this.#item[0] as number;
  }

  /** Moves the last pair to the first place if that is vacant. */
  #fill(): void {
    if (!this.#vacant) return;
    this.#vacant = false;
    const last = this.#size - 1;
    this.#size = last;
    const time = this.#time[last] as number;
    const item = this.#item[last] as number;
    this.#time[last] = Number.POSITIVE_INFINITY;
    this.#item[last] = this.#item[0] as number;
    if (last > 0) this.#sink(time, item);
  }

  /** Puts the pair where it belongs, the first place being vacant. */
  #sink(time: number, item: number): void {
    const times = this.#time;
    const items = this.#item;
    const size = this.#size;
    let at = 0;
    for (let left = 1; left < size; left = 2 * at + 1) {
      const child = earlierOf(times, left);
      const childTime = times[child] as number;
      if (childTime >= time) break;
      times[at] = childTime;
      items[at] = items[child] as number;
      at = child;
    }
    times[at] = time;
    items[at] = item;
  }

  #grow(): void {
    const time = new Float64Array(this.#time.length * 2).fill(Number.POSITIVE_INFINITY);
    const item = Int32Array.from({ length: time.length }, (_, place) => place);
    time.set(this.#time);
    item.set(this.#item);
    this.#time = time;
    this.#item = item;
  }
}

/** Of a place and the one to its right the one whose time comes first. */
function earlierOf(times: Float64Array, left: number): number {
  return left + Number((times[left + 1] as number) < (times[left] as number));
}
