/**
 * A binary heap of (time, item) pairs in typed arrays: completions, overdue times. Pairs of
 * one time leave in an order that depends on how the heap was filled; whoever uses it
 * applies all of them before anything that could tell.
 */
export class TimerHeap {
  #time: Float64Array;
  #item: Int32Array;
  size = 0;

  constructor(capacity: number) {
    this.#time = new Float64Array(Math.max(4, capacity));
    this.#item = new Int32Array(Math.max(4, capacity));
  }

  clear(): void {
    this.size = 0;
  }

  /** The items that are in, in no order: the first `size` entries. */
  get items(): Int32Array {
    return this.#item;
  }

  /** Time of the first pair; Infinity when empty. */
  topTime(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.#time[0] as number);
  }

  push(time: number, item: number): void {
    if (this.size === this.#time.length) this.#grow();
    const times = this.#time;
    const items = this.#item;
    let at = this.size;
    this.size = at + 1;
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
    const times = this.#time;
    const items = this.#item;
    const first = items[0] as number;
    const size = this.size - 1;
    this.size = size;
    if (size === 0) return first;
    const time = times[size] as number;
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
    items[at] = items[size] as number;
    return first;
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
