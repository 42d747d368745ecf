/**
 * The forecast of a queue: many replications of the event simulation, each with durations
 * drawn anew, each calling the controller's own admission; then quantiles over them. On one
 * thread; `queue-job.ts` is the same for several.
 *
 * Always true: the same input gives the same bytes. Memory is bounded by `RUN_REPLICATIONS_MAX`.
 */
import { assert } from '../assert.ts';
import type { DurationModel } from '../duration/model.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { assemble } from './assemble.ts';
import { type Coming, futuresOf, NOTHING_NEW } from './coming.ts';
import { Replications } from './replications.ts';
import { columns, listing } from './summary.ts';
import { bandOf, timeline } from './timeline.ts';
import { type Cells, noTotals, TOTALS, type Totals } from './totals.ts';
import type { QueueForecast } from './types.ts';

/** Two times 8 bytes each: 320 MB at the most. */
export const RUN_REPLICATIONS_MAX = 20_000_000;
export const TIMELINE_STEPS = 60;

export interface ForecastInput {
  readonly snapshot: Snapshot;
  readonly model: DurationModel;
  /** >= 1 */
  readonly replications: number;
  readonly seed: number;
  /** Absent: nothing new arrives. */
  readonly coming?: Coming;
  /** From the moment a slot is free for a run until it runs; 0 unless given. Milliseconds. */
  readonly startLatencyMs?: number;
}

export function forecastQueue(input: ForecastInput): QueueForecast {
  const forecast = new ForecastInSteps(input);
  forecast.advance(input.replications);
  return forecast.result();
}

export class ForecastInSteps {
  readonly #input: ForecastInput;
  readonly #replications: Replications;
  readonly #cells: Cells;
  readonly #totals: Totals;
  /** In how many replications each run exceeded its timeout. */
  readonly #overran: Int32Array;
  #done = 0;

  constructor(input: ForecastInput) {
    const { replications } = input;
    assert(Number.isInteger(replications) && replications >= 1, `${replications} replications`);
    this.#input = input;
    const { snapshot, model, seed } = input;
    const futures = futuresOf(input.coming ?? NOTHING_NEW, { nowMs: snapshot.nowMs, model, seed });
    this.#replications = new Replications({
      ...input,
      futures,
      startLatencyMs: input.startLatencyMs ?? 0,
    });
    const runs = this.#replications.tables.ids.length;
    const cells = checkedCells(runs, replications);
    this.#cells = { startMs: new Float64Array(cells), endMs: new Float64Array(cells) };
    this.#totals = noTotals(replications);
    this.#overran = new Int32Array(runs);
  }

  /** Computes up to `count` more replications; true when all are done. */
  advance(count: number): boolean {
    const { replications } = this.#input;
    const until = Math.min(replications, this.#done + count);
    for (; this.#done < until; this.#done += 1) {
      const values = this.#replications.replicate(this.#done, this.#cells, this.#overran);
      for (const name of TOTALS) this.#totals[name][this.#done] = values[name];
    }
    return this.#done === replications;
  }

  /** @throws AssertionError before all replications are done */
  result(): QueueForecast {
    const { snapshot, model, replications, seed, coming } = this.#input;
    assert(this.#done === replications, 'the forecast is not finished');
    const { tables, seriesCount } = this.#replications;
    const runs = tables.ids.length;
    const steps = assemble({
      snapshot,
      replications,
      seed,
      assumption: (coming ?? NOTHING_NEW).assumption,
      totals: this.#totals,
      columns: columns(this.#cells, { runs, replications, from: 0, to: runs }),
      overran: this.#overran,
      listing: listing(snapshot, tables, model),
      timeline: timeline({
        fromMs: tables.nowMs,
        toMs: Math.round(bandOf(this.#totals.finish).p90 + tables.nowMs),
        steps: TIMELINE_STEPS,
        replications,
        runs,
        ...this.#cells,
      }),
      seriesCount,
    });
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }
}

/** @throws AssertionError where memory would not do */
export function checkedCells(runs: number, replications: number): number {
  const cells = runs * replications;
  assert(cells <= RUN_REPLICATIONS_MAX, `a forecast of ${cells} run replications is too large`);
  return cells;
}
