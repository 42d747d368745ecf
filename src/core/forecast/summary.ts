/**
 * What the replications come to: for each run its quantiles, and the order in which runs are
 * told of. Made in parts, so that several threads can share it.
 */
import { byHeldSince } from '../admission/order.ts';
import type { Tables } from '../admission/tables.ts';
import type { DurationModel } from '../duration/model.ts';
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';
import { selectQuantiles } from '../stats/select.ts';
import { medianPlan } from './plan.ts';
import type { Cells } from './totals.ts';
import type { QueueForecast } from './types.ts';

/** Values a run: start at P10, P50 and P90, end at the same, and in how many replications it starts. */
export const COLUMN_VALUES = 7;
const LEVELS = [0.1, 0.5, 0.9] as const;

/** Runs gathered at once: what lies side by side in memory is fetched together. */
const RUNS_AT_ONCE = 16;

/** Of runs `from` until before `to`, each over the replications in which it starts. */
export function columns(
  cells: Cells,
  size: { readonly runs: number; readonly replications: number; readonly from: number; readonly to: number },
): Float64Array {
  const { runs, replications, from, to } = size;
  const values = new Float64Array((to - from) * COLUMN_VALUES);
  const gathered = new Float64Array(RUNS_AT_ONCE * replications);
  const length = new Int32Array(RUNS_AT_ONCE);
  const found = new Float64Array(LEVELS.length);
  for (let first = from; first < to; first += RUNS_AT_ONCE) {
    const count = Math.min(RUNS_AT_ONCE, to - first);
    for (const [place, of] of [
      [0, cells.startMs],
      [LEVELS.length, cells.endMs],
    ] as const) {
      gather(of, { runs, replications, first, count }, gathered, length);
      for (let nth = 0; nth < count; nth += 1) {
        const at = (first + nth - from) * COLUMN_VALUES;
        const known = length[nth] as number;
        values[at + COLUMN_VALUES - 1] = known;
        if (known === 0) continue;
        const column = gathered.subarray(nth * replications, nth * replications + known);
        values.set(selectQuantiles(column, LEVELS, found), at + place);
      }
    }
  }
  return values;
}

/** What the runs came to in all replications, run after run; and how many numbers each has. */
function gather(
  of: Float64Array,
  size: {
    readonly runs: number;
    readonly replications: number;
    readonly first: number;
    readonly count: number;
  },
  into: Float64Array,
  length: Int32Array,
): void {
  const { runs, replications, first, count } = size;
  length.fill(0);
  for (let replication = 0; replication < replications; replication += 1) {
    const cell = replication * runs + first;
    for (let nth = 0; nth < count; nth += 1) {
      const value = of[cell + nth] as number;
      const known = length[nth] as number;
      // What is no number is written too, and the next one over it.
      into[nth * replications + known] = value;
      length[nth] = known + Number(!Number.isNaN(value));
    }
  }
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
