/**
 * A binary heap of (time, item) pairs in typed arrays: completions, overdue times.
 * Equal times leave by the smaller item, so the order never depends on how it was filled.
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

  /** Time of the first pair; Infinity when empty. */
  topTime(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : (this.#time[0] as number);
  }

  push(time: number, item: number): void {
    if (this.size === this.#time.length) this.#grow();
    const times = this.#time;
    const items = this.#item;
    let at = this.size;
    this.size += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = times[parent] as number;
      if (parentTime < time || (parentTime === time && (items[parent] as number) <= item)) break;
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
    this.size -= 1;
    const size = this.size;
    if (size === 0) return first;
    const time = times[size] as number;
    const item = items[size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size) {
        const difference = (times[right] as number) - (times[child] as number);
        if (difference < 0 || (difference === 0 && (items[right] as number) < (items[child] as number)))
          child = right;
      }
      const childTime = times[child] as number;
      if (childTime > time || (childTime === time && (items[child] as number) >= item)) break;
      times[at] = childTime;
      items[at] = items[child] as number;
      at = child;
    }
    times[at] = time;
    items[at] = item;
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
