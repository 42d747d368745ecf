/**
 * The median plan: the schedule that follows if every run takes its expected time. It gives
 * each held run its position: 1 + the held runs that it starts earlier.
 */
import { expectedEndMs } from '../admission/expected-end.ts';
import type { RunId } from '../model/run.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { Simulation } from '../simulation/simulate.ts';

export interface PlannedStart {
  readonly position: number;
  readonly startAtMs: number;
  readonly finishAtMs: number;
}

/** Held runs that get a start, in the order in which they wait; runs of one instant share a position. */
export function medianPlan(snapshot: Snapshot): ReadonlyMap<RunId, PlannedStart> {
  const simulation = new Simulation(snapshot);
  const { tables } = simulation;
  const { startMs, endMs } = simulation.run(medianDurations(simulation));
  const started = Array.from({ length: tables.heldCount }, (_, run) => run)
    .filter((run) => !Number.isNaN(startMs[run] as number))
    .sort((a, b) => (startMs[a] as number) - (startMs[b] as number) || a - b);
  const plan = new Map<RunId, PlannedStart>();
  let position = 0;
  started.forEach((run, index) => {
    if (index === 0 || startMs[run] !== startMs[started[index - 1] as number]) position = index + 1;
    plan.set(tables.ids[run] as RunId, {
      position,
      startAtMs: startMs[run] as number,
      finishAtMs: endMs[run] as number,
    });
  });
  return plan;
}

/** P50 of each held run, capped by its timeout; what is active ends when admission expects it to. */
function medianDurations({ tables }: Simulation): Float64Array {
  return Float64Array.from(tables.ids, (_, run) => {
    const span = {
      sinceMs: tables.sinceMs[run] as number,
      p50Ms: tables.p50Ms[run] as number,
      timeoutMs: tables.timeoutMs[run] as number,
    };
    if (run < tables.heldCount) return Math.max(1, Math.min(span.p50Ms, span.timeoutMs));
    return Math.max(1, expectedEndMs(span, tables.nowMs) - span.sinceMs);
  });
}
