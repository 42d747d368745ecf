/**
 * The replications of a forecast: durations drawn anew, the controller's own admission over
 * them, and when each run that is here now starts and ends. Runs that may come are given as
 * several possible futures, which the replications take in turn.
 *
 * Always true: a replication depends on the input and its number alone, so that replications
 * may be computed in any order, by several threads; what is kept of each lies where its
 * number says.
 */
import type { Tables } from '../admission/tables.ts';
import { assert } from '../assert.ts';
import type { DurationModel } from '../duration/model.ts';
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';
import type { Order } from '../simulation/schedule.ts';
import { Simulation } from '../simulation/simulate.ts';
import { WithoutHolding } from '../simulation/without-holding.ts';
import { Draws } from './draws.ts';
import { type Extent, Extents } from './extent.ts';
import type { Cells, Total } from './totals.ts';

export interface ReplicationsInput {
  readonly snapshot: Snapshot;
  readonly model: DurationModel;
  readonly seed: number;
  /** Each the runs that come after now, at their `heldSinceMs`. At least one; an empty one for "nothing new". */
  readonly futures: readonly (readonly HeldRun[])[];
  /** From the moment a slot is free for a run until it runs. Milliseconds. */
  readonly startLatencyMs: number;
}

export class Replications {
  readonly #input: ReplicationsInput;
  readonly #futures: (Future | null)[];
  readonly #withoutHolding: WithoutHolding;
  readonly #extents: Extents;
  /** Of the runs that are here now: held ones in the order in which they wait, then active ones. */
  readonly tables: Tables;
  readonly seriesCount: number;

  constructor(input: ReplicationsInput) {
    assert(input.futures.length >= 1, 'a forecast of no future');
    this.#input = input;
    const bare = new Future(input, []);
    this.tables = bare.simulation.tables;
    this.seriesCount = bare.draws.seriesCount;
    this.#futures = input.futures.map((arrivals) => (arrivals.length === 0 ? bare : null));
    this.#withoutHolding = new WithoutHolding(this.tables);
    this.#extents = new Extents(this.tables.ids.length);
  }

  /** @param overran by run: counts one up where it exceeds its timeout */
  replicate(replication: number, cells: Cells, overran: Int32Array): Readonly<Record<Total, number>> {
    const future = this.#future(replication);
    const { tables } = this;
    future.draw(replication);
    const lost = this.#withoutHolding.run(future.here());
    const offset = replication * tables.ids.length;
    const { timeouts } = future.schedule(cells, offset, overran);
    const extent = future.extent(cells, offset, this.#extents);
    return {
      finish: extent.finishMs,
      lastStart: extent.lastStartMs,
      peak: extent.peak,
      timeouts,
      lostSucceeded: lost.succeeded,
      lostWaiting: lost.timedOutWaiting,
      lostRunning: lost.timedOutRunning,
      lostSlotMs: lost.wastedSlotMs,
    };
  }

  #future(replication: number): Future {
    const place = replication % this.#futures.length;
    const known = this.#futures[place];
    if (known !== null && known !== undefined) return known;
    const future = new Future(this.#input, this.#input.futures[place] as readonly HeldRun[]);
    this.#futures[place] = future;
    return future;
  }
}

/** One possible future: what comes, and the simulation with it. */
class Future {
  readonly simulation: Simulation;
  readonly draws: Draws;
  readonly #startLatencyMs: number;
  /** Held runs that are here, and those that come between them and the active ones. */
  readonly #held: number;
  readonly #coming: number;
  #order: Order | null = null;
  readonly #here: Float64Array;

  constructor({ snapshot, model, seed, startLatencyMs }: ReplicationsInput, arrivals: readonly HeldRun[]) {
    this.simulation = new Simulation(snapshot, { arrivals, startLatencyMs });
    this.#startLatencyMs = startLatencyMs;
    const runs: readonly (HeldRun | ActiveRun)[] = [...snapshot.held, ...snapshot.active, ...arrivals];
    const { tables } = this.simulation;
    this.draws = new Draws({
      tables,
      model,
      seed,
      runs: new Map<RunId, HeldRun | ActiveRun>(runs.map((run) => [run.id, run])),
    });
    let held = tables.heldCount;
    while (held > 0 && (tables.sinceMs[held - 1] as number) > tables.nowMs) held -= 1;
    this.#held = held;
    this.#coming = tables.heldCount - held;
    this.#here = new Float64Array(tables.ids.length - this.#coming);
  }

  draw(replication: number): void {
    this.draws.draw(replication);
  }

  /** What the runs take that are here now, before any timeout. */
  here(): Float64Array {
    const drawn = this.draws.durationsMs;
    if (this.#coming === 0) return drawn;
    this.#here.set(drawn.subarray(0, this.#held));
    this.#here.set(drawn.subarray(this.#held + this.#coming), this.#held);
    return this.#here;
  }

  /** Applies timeouts, simulates, and keeps what becomes of the runs that are here now. */
  schedule(cells: Cells, offset: number, overran: Int32Array): { readonly timeouts: number } {
    const { tables } = this.simulation;
    const durations = this.draws.durationsMs;
    const overruns = new Uint8Array(durations.length);
    for (let run = 0; run < durations.length; run += 1) {
      const limitMs = tables.timeoutMs[run] as number;
      if ((durations[run] as number) <= limitMs) continue;
      durations[run] = Math.max(1, limitMs);
      overruns[run] = 1;
    }
    const { startMs, endMs, order } = this.simulation.run(durations);
    const { nowMs } = tables;
    this.#order = order;
    let timeouts = 0;
    for (let here = 0; here < this.#here.length; here += 1) {
      const isHeld = here < this.#held;
      const run = isHeld ? here : here + this.#coming;
      const start = startMs[run] as number;
      cells.startMs[offset + here] = start - nowMs + (isHeld ? this.#startLatencyMs : 0);
      cells.endMs[offset + here] = (endMs[run] as number) - nowMs;
      // What does not start does not time out: waiting is free.
      if (overruns[run] === 0 || Number.isNaN(start)) continue;
      timeouts += 1;
      overran[here] = (overran[here] as number) + 1;
    }
    return { timeouts };
  }

  /** Of what `schedule` has kept there. */
  extent(cells: Cells, offset: number, extents: Extents): Extent {
    return extents.of(cells, offset, { held: this.#held, coming: this.#coming }, this.#order);
  }
}
