/**
 * Heads of idle tenants, by level and colour, those that wait longest first. Of many tenants
 * most use nothing at any moment; all those have the same share, so the first of them is
 * found here without looking at each.
 *
 * Always true: every head of an idle tenant is in the heap of its level and colour. Others
 * may be in too: nobody removes them but who finds them in front.
 */
import type { Ledger } from './ledger.ts';
import { NO_RUN, RunHeap } from './run-heap.ts';
import type { Tables } from './tables.ts';

const COLORS = 32;

/** Who knows where heads stand. */
interface Standing {
  isHeadAt(c: number, level: number, run: number): boolean;
  tenantOf(c: number): number;
}

export class IdleHeads {
  readonly #tables: Tables;
  readonly #ledger: Ledger;
  readonly #standing: Standing;
  /** By level * colours + colour. */
  readonly #heaps: readonly RunHeap[];
  /** The first of each heap, or NO_RUN: most need no closer look. */
  readonly #front: Int32Array;
  /** By run: 1 + the level in a heap of which it is, or 0. */
  readonly #isIn: Uint8Array;
  #best = NO_RUN;

  constructor(tables: Tables, ledger: Ledger, standing: Standing) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#standing = standing;
    this.#heaps = Array.from({ length: tables.rankCount * COLORS }, () => new RunHeap());
    this.#front = new Int32Array(this.#heaps.length).fill(NO_RUN);
    this.#isIn = new Uint8Array(tables.heldCount);
  }

  reset(): void {
    for (const heap of this.#heaps) heap.clear();
    this.#front.fill(NO_RUN);
    this.#isIn.fill(0);
  }

  /** Returns what makes everything here as it is now. */
  remember(): () => void {
    const heaps = this.#heaps.map((heap) => heap.remember());
    const front = this.#front.slice();
    const isIn = this.#isIn.slice();
    return () => {
      for (const restore of heaps) restore();
      this.#front.set(front);
      this.#isIn.set(isIn);
    };
  }

  /** The run is a head at that level, and its tenant may be idle. */
  add(run: number, level: number): void {
    if (this.#isIn[run] === level + 1) return;
    this.#isIn[run] = level + 1;
    const color = this.#tables.signatures.color[this.#tables.runSignature[run] as number] as number;
    const at = level * COLORS + Math.clz32(color);
    (this.#heaps[at] as RunHeap).push(run);
    if (run < (this.#front[at] as number)) this.#front[at] = run;
  }

  /** The first at the level of an open colour that `mayStart`, or NO_RUN. */
  first(level: number, open: number, mayStart: (run: number) => boolean): number {
    this.#best = NO_RUN;
    for (let left = open; left !== 0; ) {
      const bit = Math.clz32(left);
      left &= ~(0x80000000 >>> bit);
      const at = level * COLORS + bit;
      if ((this.#front[at] as number) < this.#best) this.#searchHeap(at, level, mayStart);
    }
    return this.#best;
  }

  #searchHeap(at: number, level: number, mayStart: (run: number) => boolean): void {
    const heap = this.#heaps[at] as RunHeap;
    let front = heap.first();
    while (front < this.#best && !this.#isHere(front, level)) {
      heap.drop();
      if (this.#isIn[front] === level + 1) this.#isIn[front] = 0;
      front = heap.first();
    }
    this.#front[at] = front;
    if (front >= this.#best) return;
    if (mayStart(front)) {
      this.#best = front;
      return;
    }
    this.#search(heap, 1, level, mayStart);
    this.#search(heap, 2, level, mayStart);
  }

  /** Looks for a better one at the place and below it. */
  #search(heap: RunHeap, place: number, level: number, mayStart: (run: number) => boolean): void {
    if (place >= heap.size) return;
    const run = heap.runs[place] as number;
    if (run >= this.#best) return;
    if (this.#isHere(run, level) && mayStart(run)) {
      this.#best = run;
      return;
    }
    this.#search(heap, 2 * place + 1, level, mayStart);
    this.#search(heap, 2 * place + 2, level, mayStart);
  }

  #isHere(run: number, level: number): boolean {
    const c = this.#tables.runClass[run] as number;
    return this.#standing.isHeadAt(c, level, run) && this.#ledger.isIdle(this.#standing.tenantOf(c));
  }
}
