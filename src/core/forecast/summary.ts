/**
 * What the replications come to: for each run its quantiles, and the order in which runs are
 * told of. Made in parts, so that several threads can share it.
 */
import { byHeldSince } from '../admission/order.ts';
import type { Tables } from '../admission/tables.ts';
import type { DurationModel } from '../duration/model.ts';
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';
import { quantile } from '../stats/quantile.ts';
import { medianPlan } from './plan.ts';
import type { Cells } from './totals.ts';
import type { QueueForecast } from './types.ts';

/** Values a run: start at P10, P50 and P90, end at the same, and in how many replications it starts. */
export const COLUMN_VALUES = 7;
const LEVELS = [0.1, 0.5, 0.9] as const;

/** Of runs `from` until before `to`, each over the replications in which it starts. */
export function columns(
  cells: Cells,
  size: { readonly runs: number; readonly replications: number; readonly from: number; readonly to: number },
): Float64Array {
  const { runs, replications, from, to } = size;
  const values = new Float64Array((to - from) * COLUMN_VALUES);
  const column = new Float64Array(replications);
  for (let run = from; run < to; run += 1) {
    const at = (run - from) * COLUMN_VALUES;
    for (const [first, of] of [
      [0, cells.startMs],
      [LEVELS.length, cells.endMs],
    ] as const) {
      let length = 0;
      for (let replication = 0; replication < replications; replication += 1) {
        const value = of[replication * runs + run] as number;
        if (Number.isNaN(value)) continue;
        column[length] = value;
        length += 1;
      }
      values[at + 2 * LEVELS.length] = length;
      if (length === 0) continue;
      const sorted = column.subarray(0, length).sort();
      LEVELS.forEach((level, place) => {
        values[at + first + place] = quantile(sorted, level);
      });
    }
  }
  return values;
}

export interface Listing {
  /** Runs as numbered in the tables, in the order of the median plan; what is active comes first. */
  readonly order: Int32Array;
  /** By run as numbered in the tables: its place in the list of held, then active runs. */
  readonly placeOf: Int32Array;
  /** Places of all held runs, in the order in which they wait. */
  readonly held: Int32Array;
  readonly evidence: Pick<QueueForecast['evidence'], 'samples' | 'runsWithFewSamples'>;
}

/** With fewer samples of its own a run's range rests mostly on other pipelines. */
const FEW_SAMPLES = 5;

export function listing(snapshot: Snapshot, tables: Tables, model: DurationModel): Listing {
  const here: readonly (HeldRun | ActiveRun)[] = [...snapshot.held, ...snapshot.active];
  const places = new Map<RunId, number>(here.map((run, place) => [run.id, place]));
  const plan = medianPlan(snapshot);
  const position = Float64Array.from(tables.ids, (id, run) =>
    run < tables.heldCount ? (plan.get(id)?.position ?? Number.MAX_SAFE_INTEGER) : 0,
  );
  const sinceMs = tables.sinceMs;
  const order = Int32Array.from(tables.ids, (_, run) => run).sort(
    (a, b) =>
      (position[a] as number) - (position[b] as number) ||
      (sinceMs[a] as number) - (sinceMs[b] as number) ||
      ((tables.ids[a] as RunId) < (tables.ids[b] as RunId) ? -1 : 1),
  );
  const held = snapshot.held.toSorted(byHeldSince);
  const evidence = here.map((run) => model.evidence(run));
  return {
    order,
    placeOf: Int32Array.from(tables.ids, (id) => places.get(id) as number),
    held: Int32Array.from(held, (run) => places.get(run.id) as number),
    evidence: {
      samples: evidence[0]?.pooledSamples ?? 0,
      runsWithFewSamples: evidence.filter((one) => one.ownSamples < FEW_SAMPLES).length,
    },
  };
}
