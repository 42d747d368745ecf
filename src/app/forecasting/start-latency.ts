/**
 * How long a slot stands idle between two runs: from the end of one until the next has
 * really begun, as seen by the admission loop's own events. Forecasts count it for each
 * start; runs of hours do not notice it, runs of seconds do.
 *
 * The k-th start takes the slot of the k-th end, unless that end is long past: then nobody
 * waited. The median of the newest turnovers counts, so that a rest of the queue and a run
 * that waits for a scarce pool move nothing. Memory is bounded.
 */
import type { RunId } from '../../core/model/run.ts';
import { quantile } from '../../core/stats/quantile.ts';
import type { FinishedRun } from '../../ports/store.ts';
import type { AdmissionEvent } from '../admission/events.ts';

const KEPT = 200;
/** Fewer say nothing. */
const LEAST = 10;
/** An end so long before a start did not bring it about. */
const BEFORE_MS = 30_000;
/** No more is believed. */
const MOST_MS = 120_000;
const RUNNING_MAX = 10_000;

export class StartLatency {
  /** Ends whose slot nobody has taken yet, oldest first. */
  readonly #freedAtMs: number[] = [];
  /** Of runs on their way or running: when their slot came free. */
  readonly #slotFreeAtMs = new Map<RunId, number>();
  readonly #turnoversMs: number[] = [];

  readonly onEvent = (event: AdmissionEvent): void => {
    if (event.kind === 'run-finished' || event.kind === 'run-finished-elsewhere') this.#finished(event.run);
    else if (event.kind === 'run-started') this.#started(event);
    else if (event.kind === 'start-lapsed') this.#slotFreeAtMs.delete(event.runId);
  };

  /** 0 as long as too little was seen. */
  medianMs(): number {
    if (this.#turnoversMs.length < LEAST) return 0;
    return Math.round(
      quantile(
        this.#turnoversMs.toSorted((a, b) => a - b),
        0.5,
      ),
    );
  }

  #started({ runId, atMs, heldForMs }: Extract<AdmissionEvent, { kind: 'run-started' }>): void {
    const freed = this.#freedAtMs;
    while (freed.length > 0 && (freed[0] as number) < atMs - BEFORE_MS) freed.shift();
    const freeAtMs = freed.shift();
    if (freeAtMs === undefined || this.#slotFreeAtMs.size >= RUNNING_MAX) return;
    // A run that came later did not wait for the slot.
    if (atMs - heldForMs <= freeAtMs) this.#slotFreeAtMs.set(runId, freeAtMs);
  }

  #finished({ id, startedAtMs, finishedAtMs }: FinishedRun): void {
    const freeAtMs = this.#slotFreeAtMs.get(id);
    this.#slotFreeAtMs.delete(id);
    if (startedAtMs === null) return;
    if (freeAtMs !== undefined) {
      this.#turnoversMs.push(Math.min(MOST_MS, Math.max(0, startedAtMs - freeAtMs)));
      if (this.#turnoversMs.length > KEPT) this.#turnoversMs.shift();
    }
    this.#freedAtMs.push(finishedAtMs);
    if (this.#freedAtMs.length > RUNNING_MAX) this.#freedAtMs.shift();
  }
}
