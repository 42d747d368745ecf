/**
 * How good forecasts of a queue would have been: at moments spread over the past it is
 * forecast as it stood, with what was known of durations then, and compared with what came.
 *
 * Always true: each run counts once, at the first moment that sees it waiting; no forecast
 * knows what came after its moment.
 */
import type { DurationModel } from '../duration/model.ts';
import { forecastStarts, type StartForecast } from '../forecast/start-forecast.ts';
import type { Quantiles } from '../forecast/types.ts';
import type { RunId } from '../model/run.ts';
import type { HeldRun, Snapshot } from '../model/snapshot.ts';
import { quantile } from '../stats/quantile.ts';
import type { Spans } from './past-run.ts';

export interface InstantScores {
  readonly scored: number;
  /** Share that came no later than P90, and from P10 to P90. */
  readonly coverageP90: number;
  readonly coverage80: number;
  /** Median of what came less P50: above 0, things came later than forecast. */
  readonly medianBiasMs: number;
  readonly medianErrorMs: number;
}

export interface ForecastScores {
  /** At which something waited. */
  readonly moments: number;
  readonly starts: InstantScores | null;
  readonly finishes: InstantScores | null;
}

export interface ScoredMoment {
  readonly snapshot: Snapshot;
  readonly model: DurationModel;
  readonly futures: readonly (readonly HeldRun[])[];
}

export interface ScoringInput {
  readonly momentsMs: readonly number[];
  readonly momentAt: (atMs: number) => ScoredMoment;
  /** What came. */
  readonly truth: Spans;
  readonly replications: number;
  /** About how many run-replications in all moments together; longer queues get fewer replications, then fewer moments. */
  readonly runReplicationsMax: number;
  readonly seed: number;
}

/** Simulated between two breaths: some ten milliseconds. */
const STEP_RUN_REPLICATIONS = 10_000;
/** Fewer have no P90 to speak of. */
const REPLICATIONS_MIN = 20;

/** Yields now and then, so that whoever drives it can do something else in between. */
export function* scoreForecasts(input: ScoringInput): Generator<void, ForecastScores> {
  const starts = new InstantKeeper();
  const finishes = new InstantKeeper();
  const seen = new Set<RunId>();
  let moments = 0;
  let spent = 0;
  for (const [place, atMs] of input.momentsMs.entries()) {
    // A long queue may cost more than its part; then moments are skipped until that is made good.
    if (spent > (input.runReplicationsMax * place) / input.momentsMs.length) continue;
    const moment = input.momentAt(atMs);
    yield;
    const fresh = moment.snapshot.held.filter(({ id }) => !seen.has(id) && input.truth.has(id));
    if (fresh.length === 0) continue;
    moments += 1;
    const size = sizeOf(moment, input);
    spent += size.runs * size.replications;
    const forecasts = yield* forecast(moment, { ...size, seed: input.seed });
    for (const { id } of fresh) {
      const said = forecasts.get(id);
      const came = input.truth.get(id);
      if (said === undefined || came === undefined) continue;
      seen.add(id);
      starts.add(said.startAtMs, came.startMs);
      finishes.add(said.finishAtMs, came.endMs);
    }
  }
  return { moments, starts: starts.scores(), finishes: finishes.scores() };
}

interface Size {
  readonly runs: number;
  readonly replications: number;
}

function sizeOf({ snapshot, futures }: ScoredMoment, input: ScoringInput): Size {
  const coming = Math.max(...futures.map((future) => future.length));
  const runs = snapshot.held.length + snapshot.active.length + coming;
  const affordable = Math.floor(input.runReplicationsMax / input.momentsMs.length / runs);
  return { runs, replications: Math.min(input.replications, Math.max(affordable, REPLICATIONS_MIN)) };
}

function* forecast(
  moment: ScoredMoment,
  { runs, replications, seed }: Size & { readonly seed: number },
): Generator<void, ReadonlyMap<RunId, StartForecast>> {
  const perStep = Math.max(1, Math.floor(STEP_RUN_REPLICATIONS / runs));
  const steps = forecastStarts({ ...moment, replications, seed });
  for (let done = 1; ; done += 1) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (done % perStep === 0) yield;
  }
}

class InstantKeeper {
  readonly #biasMs: number[] = [];
  #belowP90 = 0;
  #within80 = 0;

  add({ p10, p50, p90 }: Quantiles, cameMs: number): void {
    this.#biasMs.push(cameMs - p50);
    if (cameMs > p90) return;
    this.#belowP90 += 1;
    if (cameMs >= p10) this.#within80 += 1;
  }

  scores(): InstantScores | null {
    const scored = this.#biasMs.length;
    if (scored === 0) return null;
    return {
      scored,
      coverageP90: this.#belowP90 / scored,
      coverage80: this.#within80 / scored,
      medianBiasMs: median(this.#biasMs),
      medianErrorMs: median(this.#biasMs.map(Math.abs)),
    };
  }
}

function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** Moments at which runs arrived, spread evenly over the arrivals; at most `most`. */
export function momentsOf(arrivalsMs: readonly number[], most: number): readonly number[] {
  const sorted = [...new Set(arrivalsMs)].sort((a, b) => a - b);
  if (sorted.length <= most) return sorted;
  return Array.from(
    { length: most },
    (_, place) => sorted[Math.floor((place * sorted.length) / most)] as number,
  );
}
