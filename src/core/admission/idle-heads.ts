/**
 * Heads of idle tenants, by level and colour, those that wait longest first. Of many tenants
 * most use nothing at any moment; all those have the same share, so the first of them is
 * found here without looking at each.
 *
 * Always true: every head of an idle tenant is in the heap of its level and colour. Others
 * may be in too: nobody removes them but who finds them in front.
 */
import type { Ledger } from './ledger.ts';
import { RunHeap } from './run-heap.ts';
import type { Tables } from './tables.ts';

const COLORS = 32;
const NO_RUN = 0x7fffffff;

/** Who knows where heads stand. */
interface Standing {
  isHeadAt(c: number, level: number, run: number): boolean;
}

export class IdleHeads {
  readonly #tables: Tables;
  readonly #ledger: Ledger;
  readonly #standing: Standing;
  /** By level * colours + colour. */
  readonly #heaps: readonly RunHeap[];
  /** By run: 1 + the level in a heap of which it is, or 0. */
  readonly #isIn: Uint8Array;
  #best = NO_RUN;

  constructor(tables: Tables, ledger: Ledger, standing: Standing) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#standing = standing;
    this.#heaps = Array.from({ length: tables.rankCount * COLORS }, () => new RunHeap());
    this.#isIn = new Uint8Array(tables.heldCount);
  }

  reset(): void {
    for (const heap of this.#heaps) heap.clear();
    this.#isIn.fill(0);
  }

  /** The run is a head at that level, and its tenant may be idle. */
  add(run: number, level: number): void {
    if (this.#isIn[run] === level + 1) return;
    this.#isIn[run] = level + 1;
    const color = this.#tables.signatures.color[this.#tables.runSignature[run] as number] as number;
    (this.#heaps[level * COLORS + Math.clz32(color)] as RunHeap).push(run);
  }

  /** The first at the level of an open colour that `mayStart`, or NO_RUN. */
  first(level: number, open: number, mayStart: (run: number) => boolean): number {
    this.#best = NO_RUN;
    for (let left = open; left !== 0; ) {
      const bit = Math.clz32(left);
      left &= ~(0x80000000 >>> bit);
      const heap = this.#heaps[level * COLORS + bit] as RunHeap;
      while (heap.size > 0 && !this.#isHere(heap.runs[0] as number, level)) {
        const run = heap.runs[0] as number;
        heap.drop();
        if (this.#isIn[run] === level + 1) this.#isIn[run] = 0;
      }
      this.#search(heap, 0, level, mayStart);
    }
    return this.#best;
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
    return (
      this.#standing.isHeadAt(c, level, run) && this.#ledger.isIdle(this.#tables.classTenant[c] as number)
    );
  }
}
