/** A forecast put together from what its parts came to, wherever those were computed. */
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';
import { COLUMN_VALUES, type Listing } from './summary.ts';
import { bandOf, countBandOf } from './timeline.ts';
import type { Totals } from './totals.ts';
import type { Assumption, Quantiles, QueueForecast, RunForecast, TimelinePoint } from './types.ts';

export interface Computed {
  readonly snapshot: Snapshot;
  readonly replications: number;
  readonly seed: number;
  readonly assumption: Assumption;
  readonly totals: Totals;
  /** By run as numbered in the tables; see `columns`. */
  readonly columns: Float64Array;
  readonly overran: Int32Array;
  readonly listing: Listing;
  readonly timeline: readonly TimelinePoint[];
  readonly seriesCount: number;
}

/** Yields now and then, since queues may be long. */
export function* assemble(computed: Computed): Generator<void, QueueForecast> {
  const { snapshot, replications, seed, assumption, totals, listing, seriesCount } = computed;
  const { nowMs } = snapshot;
  const runs = yield* runForecasts(computed);
  const never = yield* neverStart(computed);
  return {
    madeAtMs: nowMs,
    replications,
    seed,
    assumption,
    finishAtMs: shifted(bandOf(totals.finish), nowMs),
    lastStartAtMs: shifted(bandOf(totals.lastStart), nowMs),
    peakRunning: countBandOf(totals.peak),
    timeouts: countBandOf(totals.timeouts),
    withoutHolding: {
      succeeded: countBandOf(totals.lostSucceeded),
      timedOutWaiting: countBandOf(totals.lostWaiting),
      timedOutRunning: countBandOf(totals.lostRunning),
      wastedSlotMs: bandOf(totals.lostSlotMs),
    },
    runs,
    timeline: computed.timeline,
    neverStart: never,
    evidence: { ...listing.evidence, series: seriesCount },
  };
}

const RUNS_PER_STEP = 2_000;

/** Runs that start in some replication, in the order of the list. */
function* runForecasts({
  snapshot,
  replications,
  columns,
  overran,
  listing,
}: Computed): Generator<void, RunForecast[]> {
  const { nowMs, held, active } = snapshot;
  const forecasts: RunForecast[] = [];
  for (const [nth, run] of listing.order.entries()) {
    if (nth % RUNS_PER_STEP === RUNS_PER_STEP - 1) yield;
    const at = run * COLUMN_VALUES;
    if (columns[at + COLUMN_VALUES - 1] === 0) continue;
    const place = listing.placeOf[run] as number;
    const { id }: { readonly id: RunId } =
      place < held.length ? (held[place] as HeldRun) : (active[place - held.length] as ActiveRun);
    const band = (first: number): Quantiles => ({
      p10: columns[at + first] as number,
      p50: columns[at + first + 1] as number,
      p90: columns[at + first + 2] as number,
    });
    forecasts.push({
      id,
      startAtMs: shifted(band(0), nowMs),
      finishAtMs: shifted(band(3), nowMs),
      timeoutChance: (overran[run] as number) / replications,
    });
  }
  return forecasts;
}

/** Held runs that start in no replication, in the order in which they wait. */
function* neverStart({ snapshot, columns, listing }: Computed): Generator<void, RunId[]> {
  // By place: runs that ask for more than there is are in the lists, not in the tables.
  const starts = new Uint8Array(snapshot.held.length + snapshot.active.length);
  for (let run = 0; run < listing.placeOf.length; run += 1) {
    if (columns[(run + 1) * COLUMN_VALUES - 1] !== 0) starts[listing.placeOf[run] as number] = 1;
  }
  const never: RunId[] = [];
  for (const [nth, place] of listing.held.entries()) {
    if (nth % RUNS_PER_STEP === RUNS_PER_STEP - 1) yield;
    if (starts[place] === 0) never.push((snapshot.held[place] as HeldRun).id);
  }
  return never;
}

function shifted(band: Quantiles, byMs: number): Quantiles {
  return {
    p10: Math.round(band.p10 + byMs),
    p50: Math.round(band.p50 + byMs),
    p90: Math.round(band.p90 + byMs),
  };
}
