/**
 * The event simulation: a queue, given durations, and the same admission code as the
 * controller. It imagines nothing else; what it returns is the schedule those durations
 * lead to, to the millisecond.
 *
 * Always true: all events of one millisecond are applied before the decision of that
 * millisecond; equal inputs give equal schedules, byte for byte.
 */

import { buildTables } from '../admission/build-tables.ts';
import { grantsOf } from '../admission/decide.ts';
import { AdmissionQueue } from '../admission/queue.ts';
import type { Tables } from '../admission/tables.ts';
import type { RunId } from '../model/run.ts';
import type { Grant, HeldRun, Snapshot } from '../model/snapshot.ts';
import { type PlainQueue, plainQueue } from './plain-queue.ts';
import { Running } from './running.ts';
import type { Schedule } from './schedule.ts';

export interface SimulationOptions {
  /** Runs that will be held later; each arrives at its `heldSinceMs`, after the snapshot's now. */
  readonly arrivals?: readonly HeldRun[];
  /** From the decision to start a run until it runs; its slot is occupied meanwhile. Milliseconds. */
  readonly startLatencyMs?: number;
}

export class Simulation {
  readonly tables: Tables;
  readonly #queue: AdmissionQueue;
  readonly #running: Running;
  readonly #startLatencyMs: number;
  readonly #firstArrival: number;
  readonly #schedule: Schedule;
  readonly #order: { readonly starts: Int32Array; readonly ends: Int32Array; count: number };
  /** Set when the queue is one of first come, first served, which needs no events. */
  readonly #plain: PlainQueue | null;

  constructor(snapshot: Snapshot, options: SimulationOptions = {}) {
    this.tables = buildTables(withArrivals(snapshot, options.arrivals ?? []));
    this.#queue = new AdmissionQueue(this.tables);
    const runs = this.tables.heldCount + this.tables.activeCount;
    this.#startLatencyMs = options.startLatencyMs ?? 0;
    this.#plain = plainQueue(this.tables);
    this.#order = { starts: new Int32Array(runs), ends: new Int32Array(runs), count: 0 };
    this.#schedule = {
      startMs: new Float64Array(runs),
      endMs: new Float64Array(runs),
      order: this.#plain === null ? this.#order : null,
    };
    this.#running = new Running(this.#schedule.startMs);
    let first = this.tables.heldCount;
    while (first > 0 && (this.tables.sinceMs[first - 1] as number) > this.tables.nowMs) first -= 1;
    this.#firstArrival = first;
  }

  /**
   * @param durationsMs by run index: how long each run runs, whole milliseconds >= 1; for
   *   active runs counted from when they started. Timeouts are the caller's business.
   */
  run(durationsMs: Float64Array): Schedule {
    if (this.#plain === null) this.#runEvents(durationsMs);
    else this.#plain.run(durationsMs, this.#startLatencyMs, this.#schedule);
    return this.#schedule;
  }

  /** The grants that stand at a moment of the schedule which these durations lead to. */
  grantsAt(durationsMs: Float64Array, atMs: number): readonly Grant[] {
    if (this.#plain !== null) return [];
    this.#runEvents(durationsMs, atMs);
    return grantsOf(this.#queue);
  }

  #runEvents(durationsMs: Float64Array, untilMs = Number.MAX_VALUE): void {
    const { tables } = this;
    const { startMs, endMs } = this.#schedule;
    // The end of what never starts is no number either.
    startMs.fill(Number.NaN);
    this.#running.clear();
    this.#queue.reset(tables.nowMs);
    const runs = tables.heldCount + tables.activeCount;
    for (let run = tables.heldCount; run < runs; run += 1) {
      const sinceMs = tables.sinceMs[run] as number;
      const end = Math.max(tables.nowMs, sinceMs + (durationsMs[run] as number));
      startMs[run] = sinceMs;
      endMs[run] = end;
      this.#running.add(run, tables.runTenant[run] as number, tables.runSignature[run] as number, end);
      this.#order.starts[run - tables.heldCount] = run;
    }
    this.#replay(durationsMs, untilMs);
    for (let run = 0; run < tables.heldCount; run += 1) {
      endMs[run] = (startMs[run] as number) + this.#startLatencyMs + (durationsMs[run] as number);
    }
  }

  #replay(durationsMs: Float64Array, untilMs: number): void {
    const { heldCount, sinceMs } = this.tables;
    const { startMs } = this.#schedule;
    const queue = this.#queue;
    const { waiting, ledger } = queue;
    const { timers } = waiting;
    const running = this.#running;
    const { starts, ends } = this.#order;
    const startLatencyMs = this.#startLatencyMs;
    let started = this.tables.activeCount;
    let ended = 0;
    let arrival = this.#firstArrival;
    let arrivalMs = arrival < heldCount ? (sinceMs[arrival] as number) : Number.POSITIVE_INFINITY;
    let endMs = running.nextEndMs();
    for (let nowMs = this.tables.nowMs; nowMs <= untilMs; ) {
      while (endMs <= nowMs) {
        const slot = running.end();
        ends[ended] = running.runOf(slot);
        ended += 1;
        queue.release(running.tenantOf(slot), running.signatureOf(slot));
        endMs = running.nextEndMs();
      }
      while (arrivalMs <= nowMs) {
        queue.arrive(arrival);
        arrival += 1;
        arrivalMs = arrival < heldCount ? (sinceMs[arrival] as number) : Number.POSITIVE_INFINITY;
      }
      queue.advance(nowMs);
      // Most starts take the last there is: to see that here saves a call for each.
      for (let c = queue.choose(); c >= 0; c = ledger.isFull() ? -1 : queue.choose()) {
        const run = waiting.headOf(c);
        const untilMs = nowMs + startLatencyMs + (durationsMs[run] as number);
        startMs[run] = nowMs;
        starts[started] = run;
        started += 1;
        queue.start(c);
        running.add(run, waiting.tenantOf(c), waiting.signatureOf(c), untilMs);
      }
      queue.give(running);
      endMs = running.nextEndMs();
      nowMs = endMs;
      if (arrivalMs < nowMs) nowMs = arrivalMs;
      if (timers.nextWideMs < nowMs) nowMs = timers.nextWideMs;
    }
    this.#order.count = started;
  }
}

function withArrivals(snapshot: Snapshot, arrivals: readonly HeldRun[]): Snapshot {
  // A run held "in the future" by a clock that is ahead of ours is here all the same.
  const held = snapshot.held.map((run) =>
    run.heldSinceMs > snapshot.nowMs ? { ...run, heldSinceMs: snapshot.nowMs } : run,
  );
  return { ...snapshot, held: [...held, ...arrivals] };
}

export interface ScheduledRun {
  readonly id: RunId;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The schedule that given durations lead to, as plain data: runs that start, by start time,
 * then in the order in which they wait.
 *
 * @param durationMs of each run, by id; whole milliseconds >= 1
 */
export function simulate(
  snapshot: Snapshot,
  durationMs: (id: RunId) => number,
  options: SimulationOptions = {},
): readonly ScheduledRun[] {
  const simulation = new Simulation(snapshot, options);
  const { ids } = simulation.tables;
  const { startMs, endMs } = simulation.run(Float64Array.from(ids, durationMs));
  return ids
    .map((id, run) => ({ id, startMs: startMs[run] as number, endMs: endMs[run] as number }))
    .filter((run) => !Number.isNaN(run.startMs))
    .sort((a, b) => a.startMs - b.startMs);
}
