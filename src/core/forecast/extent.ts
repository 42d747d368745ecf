/**
 * How far one replication reaches: when the last of its runs starts and ends, and how many run
 * at once at the most.
 *
 * A simulation that went from event to event knows in which order runs start and end, and
 * sorting what is in order already costs more than the simulation of it.
 */
import type { Order } from '../simulation/schedule.ts';
import { mostAtOnce } from '../stats/overlap.ts';
import type { Cells } from './totals.ts';

export interface Extent {
  readonly lastStartMs: number;
  readonly finishMs: number;
  /** A run that ends when another starts is not counted with it. */
  readonly peak: number;
}

/** Which runs of a simulation are here: those before `held`, and those from `held + coming` on, as if they followed. */
export interface Here {
  readonly held: number;
  readonly coming: number;
}

export class Extents {
  readonly #runs: number;
  readonly #startMs: Float64Array;
  readonly #endMs: Float64Array;

  /** @param runs that are here */
  constructor(runs: number) {
    this.#runs = runs;
    this.#startMs = new Float64Array(runs);
    this.#endMs = new Float64Array(runs);
  }

  /** @param offset where the replication lies in the cells */
  of(cells: Cells, offset: number, here: Here, order: Order | null): Extent {
    const count = order === null ? this.#sort(cells, offset) : this.#fill(cells, offset, here, order);
    if (count === 0) return { lastStartMs: 0, finishMs: 0, peak: 0 };
    const startMs = this.#startMs.subarray(0, count);
    const endMs = this.#endMs.subarray(0, count);
    return {
      lastStartMs: Math.max(0, startMs[count - 1] as number),
      finishMs: Math.max(0, endMs[count - 1] as number),
      peak: mostAtOnce(startMs, endMs),
    };
  }

  /** Starts and ends in their order, each by itself; returns how many. */
  #fill(cells: Cells, offset: number, { held, coming }: Here, { starts, ends, count }: Order): number {
    const [startMs, endMs] = [this.#startMs, this.#endMs];
    let begun = 0;
    let ended = 0;
    for (let nth = 0; nth < count; nth += 1) {
      const starting = starts[nth] as number;
      if (starting < held || starting >= held + coming) {
        const cell = starting < held ? starting : starting - coming;
        startMs[begun] = cells.startMs[offset + cell] as number;
        begun += 1;
      }
      const ending = ends[nth] as number;
      if (ending < held || ending >= held + coming) {
        const cell = ending < held ? ending : ending - coming;
        endMs[ended] = cells.endMs[offset + cell] as number;
        ended += 1;
      }
    }
    this.#sortActive(begun);
    return begun;
  }

  /** What runs already comes first, in no order; with clocks apart it may have started after now. */
  #sortActive(begun: number): void {
    const startMs = this.#startMs;
    let sortedUntil = 0;
    let latestMs = Number.NEGATIVE_INFINITY;
    for (let nth = 0; nth < begun; nth += 1) {
      const atMs = startMs[nth] as number;
      if (atMs < latestMs) sortedUntil = nth + 1;
      else latestMs = atMs;
    }
    if (sortedUntil > 0) startMs.subarray(0, sortedUntil).sort();
  }

  #sort({ startMs, endMs }: Cells, offset: number): number {
    let count = 0;
    for (let cell = offset; cell < offset + this.#runs; cell += 1) {
      const start = startMs[cell] as number;
      if (Number.isNaN(start)) continue;
      this.#startMs[count] = start;
      this.#endMs[count] = endMs[cell] as number;
      count += 1;
    }
    this.#startMs.subarray(0, count).sort();
    this.#endMs.subarray(0, count).sort();
    return count;
  }
}
