/**
 * The replay: the same runs arrive at the same moments and take as long as they took, but
 * Penstock's own admission decides when each starts. Given the true durations the forecast
 * is the schedule, so this is exactly when Penstock would have started them.
 *
 * Always true: what ran when the window began runs in the replay from then on as well; runs
 * that waited already have waited since then.
 */
import type { RunId } from '../model/run.ts';
import type { Grant, HeldRun, Snapshot } from '../model/snapshot.ts';
import { Simulation } from '../simulation/simulate.ts';
import type { PastRun, Span, Spans } from './past-run.ts';
import { asActive, asHeld, type EstimateOf, queueAt, type Rules } from './world.ts';

export interface ReplayInput {
  readonly fromMs: number;
  /** By held since. */
  readonly runs: readonly PastRun[];
  readonly rules: Rules;
  /** As known when the run arrived. */
  readonly estimateOf: EstimateOf;
  /** Whole milliseconds >= 1. */
  readonly durationOf: (run: PastRun) => number;
}

export class Replay {
  readonly #input: ReplayInput;
  readonly #simulation: Simulation;
  readonly #durationsMs: Float64Array;
  /** What would have happened; without the runs that would never have started. */
  readonly spans: Spans;
  /** The queue when the window began, with everything that came later added. */
  readonly everything: Snapshot;

  constructor(input: ReplayInput) {
    this.#input = input;
    const { fromMs, runs, rules, estimateOf, durationOf } = input;
    const before = runs.filter((run) => ranBefore(run, fromMs));
    const held = runs.filter((run) => !ranBefore(run, fromMs)).map((run) => asHeld(run, estimateOf));
    const isHere = (run: HeldRun): boolean => run.heldSinceMs <= fromMs;
    const snapshot: Snapshot = {
      nowMs: fromMs,
      paused: false,
      ...rules,
      held: held.filter(isHere),
      active: before.map((run) => asActive(run, run.startedAtMs ?? fromMs, estimateOf)),
      grants: [],
      classStarts: [],
    };
    this.#simulation = new Simulation(snapshot, { arrivals: held.filter((run) => !isHere(run)) });
    this.everything = { ...snapshot, held };
    const { ids } = this.#simulation.tables;
    const byId = new Map(runs.map((run) => [run.id, run]));
    this.#durationsMs = Float64Array.from(ids, (id) => durationOf(byId.get(id) as PastRun));
    const { startMs, endMs } = this.#simulation.run(this.#durationsMs);
    const spans = ids.map((id, at): [RunId, Span] => [
      id,
      { startMs: startMs[at] as number, endMs: endMs[at] as number },
    ]);
    this.spans = new Map(spans.filter(([, span]) => !Number.isNaN(span.startMs)));
  }

  /** The queue as it would have stood then, with what was known of durations then. */
  queueAt(atMs: number, estimateOf: EstimateOf): Snapshot {
    const { rules, runs } = this.#input;
    return queueAt({ atMs, rules, runs, spans: this.spans, grants: this.#grantsAt(atMs), estimateOf });
  }

  #grantsAt(atMs: number): readonly Grant[] {
    return this.#simulation.grantsAt(this.#durationsMs, atMs);
  }
}

/** It ran when the window began, whoever had started it. */
export function ranBefore({ startedAtMs }: PastRun, fromMs: number): boolean {
  return startedAtMs !== null && startedAtMs < fromMs;
}
