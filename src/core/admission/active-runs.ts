/** The runs that occupy pools now, for whoever drives the admission queue without a heap of completions. */
import type { ActiveSet } from './promise.ts';
import type { Tables } from './tables.ts';

export class ActiveRuns implements ActiveSet {
  count = 0;
  readonly runs: Int32Array;
  readonly startedAtMs: Float64Array;

  /** Begins with the active runs of the snapshot. */
  constructor({ heldCount, activeCount, sinceMs }: Tables) {
    this.runs = new Int32Array(heldCount + activeCount);
    this.startedAtMs = new Float64Array(heldCount + activeCount);
    for (let run = heldCount; run < heldCount + activeCount; run += 1) this.add(run, sinceMs[run] as number);
  }

  add(run: number, startedAtMs: number): void {
    this.runs[this.count] = run;
    this.startedAtMs[run] = startedAtMs;
    this.count += 1;
  }

  remove(run: number): void {
    const place = this.runs.subarray(0, this.count).indexOf(run);
    if (place < 0) return;
    this.count -= 1;
    this.runs[place] = this.runs[this.count] as number;
  }
}
