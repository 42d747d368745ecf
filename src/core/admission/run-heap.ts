/** A binary heap of run indexes, the one that waits longest first. */

/** Is after every run. */
export const NO_RUN = 0x7fffffff;

export class RunHeap {
  /** The runs, in heap order: the children of place i are at 2i + 1 and 2i + 2. */
  runs = new Int32Array(8);
  size = 0;

  clear(): void {
    this.size = 0;
  }

  /** Returns what makes it as it is now. */
  remember(): () => void {
    const runs = this.runs.slice(0, this.size);
    return () => {
      this.runs.set(runs);
      this.size = runs.length;
    };
  }

  /** NO_RUN when empty. */
  first(): number {
    return this.size > 0 ? (this.runs[0] as number) : NO_RUN;
  }

  push(run: number): void {
    if (this.size === this.runs.length) this.#grow();
    const { runs } = this;
    let at = this.size;
    this.size = at + 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = runs[parent] as number;
      if (above <= run) break;
      runs[at] = above;
      at = parent;
    }
    runs[at] = run;
  }

  /** Removes the first; only when there is one. */
  drop(): void {
    const { runs } = this;
    const size = this.size - 1;
    this.size = size;
    const run = runs[size] as number;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && (runs[child + 1] as number) < (runs[child] as number)) child += 1;
      const below = runs[child] as number;
      if (below >= run) break;
      runs[at] = below;
      at = child;
    }
    runs[at] = run;
  }

  #grow(): void {
    const runs = new Int32Array(this.runs.length * 2);
    runs.set(this.runs);
    this.runs = runs;
  }
}
