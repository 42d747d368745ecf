/**
 * The forecast of a queue: many replications of the event simulation, each with durations
 * drawn anew, each calling the controller's own admission; then quantiles over them.
 *
 * Always true: the same input gives the same bytes; replications may be computed in several
 * steps, so that a server can answer others in between. Memory is bounded by
 * `RUN_REPLICATIONS_MAX`.
 */
import { byHeldSince } from '../admission/order.ts';
import { assert } from '../assert.ts';
import type { DurationModel } from '../duration/model.ts';
import type { RunId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';
import { Simulation } from '../simulation/simulate.ts';
import { WithoutHolding } from '../simulation/without-holding.ts';
import { Draws } from './draws.ts';
import { medianPlan } from './plan.ts';
import { bandOf, countBandOf, timeline } from './timeline.ts';
import type { Quantiles, QueueForecast, RunForecast } from './types.ts';

/** Two times 8 bytes each: 320 MB at the most. */
export const RUN_REPLICATIONS_MAX = 20_000_000;
const TIMELINE_STEPS = 60;
/** With fewer samples of its own a run's range rests mostly on other pipelines. */
const FEW_SAMPLES = 5;

export interface ForecastInput {
  readonly snapshot: Snapshot;
  readonly model: DurationModel;
  /** >= 1 */
  readonly replications: number;
  readonly seed: number;
}

export function forecastQueue(input: ForecastInput): QueueForecast {
  const forecast = new ForecastInSteps(input);
  forecast.advance(input.replications);
  return forecast.result();
}

export class ForecastInSteps {
  readonly #input: ForecastInput;
  readonly #runs: ReadonlyMap<RunId, HeldRun | ActiveRun>;
  readonly #simulation: Simulation;
  readonly #withoutHolding: WithoutHolding;
  readonly #draws: Draws;
  readonly #startMs: Float64Array;
  readonly #endMs: Float64Array;
  /** In how many replications each run started and exceeded its timeout. */
  readonly #overran: Int32Array;
  /** 1 for the runs that would exceed their timeout in the replication at hand. */
  readonly #overruns: Uint8Array;
  /** One value a replication each. */
  readonly #totals: Readonly<Record<Total, Float64Array>>;
  /** Starts and ends of one replication, to find its peak. */
  readonly #events: Float64Array;
  #done = 0;

  constructor(input: ForecastInput) {
    assert(
      Number.isInteger(input.replications) && input.replications >= 1,
      `${input.replications} replications`,
    );
    this.#input = input;
    this.#runs = new Map([...input.snapshot.held, ...input.snapshot.active].map((run) => [run.id, run]));
    this.#simulation = new Simulation(input.snapshot);
    const { tables } = this.#simulation;
    this.#withoutHolding = new WithoutHolding(tables);
    this.#draws = new Draws({ tables, model: input.model, seed: input.seed, runs: this.#runs });
    const cells = tables.ids.length * input.replications;
    assert(cells <= RUN_REPLICATIONS_MAX, `a forecast of ${cells} run replications is too large`);
    this.#startMs = new Float64Array(cells);
    this.#endMs = new Float64Array(cells);
    this.#overran = new Int32Array(tables.ids.length);
    this.#overruns = new Uint8Array(tables.ids.length);
    this.#events = new Float64Array(2 * tables.ids.length);
    const totals = TOTALS.map((name) => [name, new Float64Array(input.replications)] as const);
    this.#totals = Object.fromEntries(totals) as Record<Total, Float64Array>;
  }

  /** Computes up to `count` more replications; true when all are done. */
  advance(count: number): boolean {
    const until = Math.min(this.#input.replications, this.#done + count);
    for (; this.#done < until; this.#done += 1) this.#replicate(this.#done);
    return this.#done === this.#input.replications;
  }

  /** @throws AssertionError before all replications are done */
  result(): QueueForecast {
    assert(this.#done === this.#input.replications, 'the forecast is not finished');
    const { snapshot, model, replications, seed } = this.#input;
    const { tables } = this.#simulation;
    const finishAtMs = this.#instants('finish');
    const runs = this.#runForecasts();
    const everStarts = new Set(runs.map((run) => run.id));
    return {
      madeAtMs: snapshot.nowMs,
      replications,
      seed,
      assumption: 'nothing-new-arrives',
      finishAtMs,
      lastStartAtMs: this.#instants('lastStart'),
      peakRunning: countBandOf(this.#totals.peak),
      timeouts: countBandOf(this.#totals.timeouts),
      withoutHolding: {
        succeeded: countBandOf(this.#totals.lostSucceeded),
        timedOutWaiting: countBandOf(this.#totals.lostWaiting),
        timedOutRunning: countBandOf(this.#totals.lostRunning),
        wastedSlotMs: bandOf(this.#totals.lostSlotMs),
      },
      runs,
      timeline: timeline({
        fromMs: tables.nowMs,
        toMs: finishAtMs.p90,
        steps: TIMELINE_STEPS,
        replications,
        runs: tables.ids.length,
        startMs: this.#startMs,
        endMs: this.#endMs,
      }),
      neverStart: snapshot.held
        .filter((run) => !everStarts.has(run.id))
        .sort(byHeldSince)
        .map((run) => run.id),
      evidence: evidenceOf([...this.#runs.values()], model, this.#draws.seriesCount),
    };
  }

  #replicate(replication: number): void {
    const { tables } = this.#simulation;
    this.#draws.draw(replication);
    const durations = this.#draws.durationsMs;
    const lost = this.#withoutHolding.run(durations);
    const overruns = this.#overruns;
    overruns.fill(0);
    for (let run = 0; run < durations.length; run += 1) {
      const limitMs = tables.timeoutMs[run] as number;
      if ((durations[run] as number) <= limitMs) continue;
      durations[run] = Math.max(1, limitMs);
      overruns[run] = 1;
    }
    const { startMs, endMs } = this.#simulation.run(durations);
    let timeouts = 0;
    for (let run = 0; run < durations.length; run += 1) {
      // What does not start does not time out: waiting is free.
      if (overruns[run] === 0 || Number.isNaN(startMs[run] as number)) continue;
      timeouts += 1;
      this.#overran[run] = (this.#overran[run] as number) + 1;
    }
    const offset = replication * tables.ids.length;
    const last = this.#keep(offset, startMs, endMs);
    const totals = this.#totals;
    totals.finish[replication] = last.endMs;
    totals.lastStart[replication] = last.startMs;
    totals.peak[replication] = peakRunning(startMs, endMs, this.#events);
    totals.timeouts[replication] = timeouts;
    totals.lostSucceeded[replication] = lost.succeeded;
    totals.lostWaiting[replication] = lost.timedOutWaiting;
    totals.lostRunning[replication] = lost.timedOutRunning;
    totals.lostSlotMs[replication] = lost.wastedSlotMs;
  }

  /** Keeps the schedule relative to now; answers when the last start and the last end are. */
  #keep(offset: number, startMs: Float64Array, endMs: Float64Array): { startMs: number; endMs: number } {
    const { nowMs } = this.#simulation.tables;
    const last = { startMs: 0, endMs: 0 };
    for (let run = 0; run < startMs.length; run += 1) {
      const start = (startMs[run] as number) - nowMs;
      const end = (endMs[run] as number) - nowMs;
      this.#startMs[offset + run] = start;
      this.#endMs[offset + run] = end;
      if (start > last.startMs) last.startMs = start;
      if (end > last.endMs) last.endMs = end;
    }
    return last;
  }

  #instants(total: Total): Quantiles {
    return shifted(bandOf(this.#totals[total]), this.#simulation.tables.nowMs);
  }

  /** Runs that start in some replication, in the order of the median plan; what is active comes first. */
  #runForecasts(): RunForecast[] {
    const { tables } = this.#simulation;
    const { snapshot, replications } = this.#input;
    const plan = medianPlan(snapshot);
    const forecasts: { readonly order: number; readonly sinceMs: number; readonly run: RunForecast }[] = [];
    for (let run = 0; run < tables.ids.length; run += 1) {
      const id = tables.ids[run] as RunId;
      const start = this.#column(this.#startMs, run);
      if (start.length === 0) continue;
      forecasts.push({
        order: run < tables.heldCount ? (plan.get(id)?.position ?? Number.MAX_SAFE_INTEGER) : 0,
        sinceMs: tables.sinceMs[run] as number,
        run: {
          id,
          startAtMs: shifted(bandOf(start), tables.nowMs),
          finishAtMs: shifted(bandOf(this.#column(this.#endMs, run)), tables.nowMs),
          timeoutChance: (this.#overran[run] as number) / replications,
        },
      });
    }
    return forecasts
      .sort((a, b) => a.order - b.order || a.sinceMs - b.sinceMs || (a.run.id < b.run.id ? -1 : 1))
      .map(({ run }) => run);
  }

  /** One run over the replications in which it starts. */
  #column(cells: Float64Array, run: number): Float64Array {
    const runs = this.#simulation.tables.ids.length;
    const column = new Float64Array(this.#input.replications);
    let length = 0;
    for (let replication = 0; replication < this.#input.replications; replication += 1) {
      const value = cells[replication * runs + run] as number;
      if (Number.isNaN(value)) continue;
      column[length] = value;
      length += 1;
    }
    return column.subarray(0, length);
  }
}

const TOTALS = [
  'finish',
  'lastStart',
  'peak',
  'timeouts',
  'lostSucceeded',
  'lostWaiting',
  'lostRunning',
  'lostSlotMs',
] as const;
type Total = (typeof TOTALS)[number];

function shifted(band: Quantiles, byMs: number): Quantiles {
  return {
    p10: Math.round(band.p10 + byMs),
    p50: Math.round(band.p50 + byMs),
    p90: Math.round(band.p90 + byMs),
  };
}

/** Most runs at one moment; a run that ends when another starts is not counted with it. */
function peakRunning(startMs: Float64Array, endMs: Float64Array, events: Float64Array): number {
  let count = 0;
  for (let run = 0; run < startMs.length; run += 1) {
    if (Number.isNaN(startMs[run] as number)) continue;
    events[count] = startMs[run] as number;
    count += 1;
  }
  const starts = events.subarray(0, count).sort();
  const ends = events.subarray(count, 2 * count);
  let at = 0;
  for (let run = 0; run < endMs.length; run += 1) {
    if (Number.isNaN(startMs[run] as number)) continue;
    ends[at] = endMs[run] as number;
    at += 1;
  }
  ends.sort();
  let peak = 0;
  let ended = 0;
  for (let started = 0; started < count; started += 1) {
    while (ended < count && (ends[ended] as number) <= (starts[started] as number)) ended += 1;
    peak = Math.max(peak, started + 1 - ended);
  }
  return peak;
}

function evidenceOf(
  runs: readonly (HeldRun | ActiveRun)[],
  model: DurationModel,
  series: number,
): QueueForecast['evidence'] {
  const evidence = runs.map((run) => model.evidence(run));
  return {
    samples: evidence[0]?.pooledSamples ?? 0,
    series,
    runsWithFewSamples: evidence.filter((one) => one.ownSamples < FEW_SAMPLES).length,
  };
}
