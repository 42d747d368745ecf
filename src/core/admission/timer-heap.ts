/**
 * A binary heap of (time, item) pairs in typed arrays: completions, overdue times. Pairs of
 * one time leave in an order that depends on how the heap was filled; whoever uses it
 * applies all of them before anything that could tell.
 *
 * A pair that leaves mostly makes room for one that comes: so the first place stays vacant
 * until then, and the two together sift once instead of twice.
 */
export class TimerHeap {
  #time: Float64Array;
  #item: Int32Array;
  /** Places in use, a vacant first one included. */
  #size = 0;
  #vacant = false;

  constructor(capacity: number) {
    this.#time = new Float64Array(Math.max(4, capacity));
    this.#item = new Int32Array(Math.max(4, capacity));
  }

  clear(): void {
    this.#size = 0;
    this.#vacant = false;
  }

  get count(): number {
    return this.#vacant ? this.#size - 1 : this.#size;
  }

  /** The items that are in, in no order: the first `count` entries, until the heap changes. */
  get items(): Int32Array {
    this.#fill();
    return this.#item;
  }

  /** Time of the first pair; Infinity when empty. */
  topTime(): number {
    const times = this.#time;
    const size = this.#size;
    if (!this.#vacant) return size === 0 ? Number.POSITIVE_INFINITY : (times[0] as number);
    if (size <= 2) return size === 1 ? Number.POSITIVE_INFINITY : (times[1] as number);
    const left = times[1] as number;
    const right = times[2] as number;
    return Math.min(left, right);
  }

  push(time: number, item: number): void {
    if (this.#vacant) {
      this.#vacant = false;
      this.#sink(time, item);
      return;
    }
    if (this.#size === this.#time.length) this.#grow();
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
    if (last > 0) this.#sink(this.#time[last] as number, this.#item[last] as number);
  }

  /** Puts the pair where it belongs, the first place being vacant. */
  #sink(time: number, item: number): void {
    const times = this.#time;
    const items = this.#item;
    const size = this.#size;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      let childTime = times[child] as number;
      if (child + 1 < size && (times[child + 1] as number) < childTime) {
        child += 1;
        childTime = times[child] as number;
      }
      if (childTime >= time) break;
      times[at] = childTime;
      items[at] = items[child] as number;
      at = child;
    }
    times[at] = time;
    items[at] = item;
  }

  #grow(): void {
    const time = new Float64Array(this.#time.length * 2);
    const item = new Int32Array(this.#item.length * 2);
    time.set(this.#time);
    item.set(this.#item);
    this.#time = time;
    this.#item = item;
  }
}
