/**
 * When each run of a queue starts and ends, and nothing else of a forecast: the same draws
 * through the same simulation, optionally with runs that are yet to come. Who comes is given
 * as several possible futures, and the replications take them in turn.
 *
 * Always true: without anything to come, the ranges are those of `forecastQueue` for the same
 * seed and number of replications, to the millisecond.
 */
import type { DurationModel } from '../duration/model.ts';
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';
import { Simulation } from '../simulation/simulate.ts';
import { Draws } from './draws.ts';
import { bandOf } from './timeline.ts';
import type { Quantiles } from './types.ts';

export interface StartForecastInput {
  readonly snapshot: Snapshot;
  readonly model: DurationModel;
  /** >= 1 */
  readonly replications: number;
  readonly seed: number;
  /** Possible futures: each the runs that come after now. At least one; an empty one for "nothing new". */
  readonly futures: readonly (readonly HeldRun[])[];
}

export interface StartForecast {
  readonly startAtMs: Quantiles;
  readonly finishAtMs: Quantiles;
}

/** Yields after each replication. Runs that start in no replication are not in the answer. */
export function* forecastStarts(
  input: StartForecastInput,
): Generator<void, ReadonlyMap<RunId, StartForecast>> {
  const { snapshot, futures } = input;
  const ids = [...snapshot.held, ...snapshot.active].map((run) => run.id);
  const columns = new Map(ids.map((id) => [id, { starts: [] as number[], ends: [] as number[] }]));
  for (const [place, arrivals] of futures.entries()) {
    const future = new Future(input, arrivals);
    for (let replication = place; replication < input.replications; replication += futures.length) {
      future.replicate(replication, (id, startMs, endMs) => {
        const column = columns.get(id);
        column?.starts.push(startMs);
        column?.ends.push(endMs);
      });
      yield;
    }
  }
  const forecasts = new Map<RunId, StartForecast>();
  for (const [id, { starts, ends }] of columns) {
    if (starts.length > 0) forecasts.set(id, { startAtMs: rounded(starts), finishAtMs: rounded(ends) });
  }
  return forecasts;
}

class Future {
  readonly #simulation: Simulation;
  readonly #draws: Draws;

  constructor({ snapshot, model, seed }: StartForecastInput, arrivals: readonly HeldRun[]) {
    this.#simulation = new Simulation(snapshot, { arrivals });
    const runs: readonly (HeldRun | ActiveRun)[] = [...snapshot.held, ...snapshot.active, ...arrivals];
    const { tables } = this.#simulation;
    this.#draws = new Draws({ tables, model, seed, runs: new Map(runs.map((run) => [run.id, run])) });
  }

  replicate(replication: number, keep: (id: RunId, startMs: number, endMs: number) => void): void {
    const { tables } = this.#simulation;
    this.#draws.draw(replication);
    const durations = this.#draws.durationsMs;
    for (let run = 0; run < durations.length; run += 1) {
      const limitMs = Math.max(1, tables.timeoutMs[run] as number);
      if ((durations[run] as number) > limitMs) durations[run] = limitMs;
    }
    const { startMs, endMs } = this.#simulation.run(durations);
    for (let run = 0; run < tables.ids.length; run += 1) {
      const start = startMs[run] as number;
      if (!Number.isNaN(start)) keep(tables.ids[run] as RunId, start, endMs[run] as number);
    }
  }
}

function rounded(values: readonly number[]): Quantiles {
  const { p10, p50, p90 } = bandOf(Float64Array.from(values));
  return { p10: Math.round(p10), p50: Math.round(p50), p90: Math.round(p90) };
}
