/**
 * Forecasts of the queue: the one that goes with every queue and explanation, cheap and
 * shared by all who ask, and those that somebody asks for by name, which are kept to be
 * scored when the truth is known.
 *
 * Always true: the work of one forecast is bounded, with fewer replications for longer
 * queues; workers do it, or steps with room for others in between; and however often the
 * queue changes, at most a twentieth of the time goes into the shared one, because until
 * then the one before serves, provided it knows every run that is asked about.
 */
import { NOTHING_NEW } from '../../core/forecast/coming.ts';
import type { ForecastInput } from '../../core/forecast/forecast.ts';
import type { QueueForecast, RunForecast } from '../../core/forecast/types.ts';
import type { RunId } from '../../core/model/run.ts';
import { hash32 } from '../../core/random/random.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ForecastRecord, Store } from '../../ports/store.ts';
import type { Workers } from '../../ports/workers.ts';
import type { ExpectedArrivals } from '../forecasting/expected-arrivals.ts';
import type { KeptForecasts } from '../forecasting/kept-forecasts.ts';
import { computeForecast, type ForecastParts } from '../forecasting/queue-forecast.ts';
import type { StartLatency } from '../forecasting/start-latency.ts';
import type { Outlook } from './outlook.ts';
import type { Picture } from './picture.ts';

/** More replications do not make a P10 or P90 visibly better. */
const SHARED_REPLICATIONS_MAX = 200;
/** About a quarter of a second of work in all. */
const SHARED_RUN_REPLICATIONS_MAX = 300_000;
/** Some seconds of work and 160 MB; whoever asks for more gets fewer replications, and is told how many. */
const ASKED_RUN_REPLICATIONS_MAX = 10_000_000;
/** The shared forecast serves until this many times its own cost has passed. */
const REST_FACTOR = 20;
/** Always the same draws, so that times change only when the queue does. */
const SHARED_SEED = 1;

export type RunForecasts = ReadonlyMap<RunId, RunForecast>;

interface Shared {
  readonly picture: Picture;
  readonly runs: RunForecasts;
  readonly restUntilMs: number;
}

export type SharedParts = Pick<ForecastParts, 'clock' | 'workers'> & {
  readonly arrivals: ExpectedArrivals | null;
  readonly startLatency: StartLatency | null;
  readonly kept: KeptForecasts | null;
};

export class SharedForecast {
  readonly #parts: SharedParts;
  #shared: Shared | null = null;
  #underWay: Promise<void> | null = null;

  constructor(parts: SharedParts) {
    this.#parts = parts;
  }

  async of(picture: Picture, outlook: Outlook): Promise<RunForecasts> {
    for (;;) {
      const known = this.#shared;
      if (known !== null && this.#serves(known, picture, outlook)) return known.runs;
      if (this.#underWay === null) {
        this.#underWay = this.#make(picture).finally(() => {
          this.#underWay = null;
        });
        await this.#underWay;
        return (this.#shared as Shared | null)?.runs ?? new Map();
      }
      // Somebody else's forecast may do; its failure is theirs to report.
      await this.#underWay.catch(() => {});
    }
  }

  #serves(known: Shared, picture: Picture, outlook: Outlook): boolean {
    if (known.picture === picture) return true;
    if (this.#parts.clock.nowMs() >= known.restUntilMs) return false;
    return outlook.prospects.every(({ run, plan }) => plan === null || known.runs.has(run.id));
  }

  async #make(picture: Picture): Promise<void> {
    const beganAtMs = this.#parts.clock.nowMs();
    const replications = affordable(runsIn(picture), SHARED_REPLICATIONS_MAX, SHARED_RUN_REPLICATIONS_MAX);
    const { snapshot, model } = picture;
    const input = {
      ...(await surroundings(picture, this.#parts)),
      snapshot,
      model,
      replications,
      seed: SHARED_SEED,
    };
    const forecast = await computeForecast(input, this.#parts);
    await this.#parts.kept?.keep(forecast, heldIn(picture));
    const nowMs = this.#parts.clock.nowMs();
    this.#shared = {
      picture,
      runs: new Map(forecast.runs.map((run) => [run.id, run])),
      restUntilMs: nowMs + REST_FACTOR * (nowMs - beganAtMs),
    };
  }
}

export interface AskedForecast {
  readonly picture: Picture;
  readonly store: Store;
  readonly clock: Clock;
  readonly workers: Workers;
  readonly arrivals: ExpectedArrivals | null;
  readonly startLatency: StartLatency | null;
  readonly kept: KeptForecasts | null;
  readonly replications: number;
  /** Null: one that follows from the moment. */
  readonly seed: number | null;
  readonly signal: AbortSignal;
}

/** A forecast somebody asked for; kept, unless it is about nothing. */
export async function askedForecast(asked: AskedForecast): Promise<QueueForecast> {
  const { picture } = asked;
  const { snapshot, model } = picture;
  const replications = affordable(runsIn(picture), asked.replications, ASKED_RUN_REPLICATIONS_MAX);
  const seed = asked.seed ?? hash32(`forecast at ${snapshot.nowMs}`);
  const input = { ...(await surroundings(picture, asked)), snapshot, model, replications, seed };
  const forecast = await computeForecast(input, asked);
  await asked.kept?.keep(forecast, heldIn(picture));
  if (forecast.runs.length > 0) await asked.store.saveForecast(recordOf(forecast));
  return forecast;
}

/** Without the runs that whoever asks may not see; sums and quantiles of the whole stay. */
export function asSeen(forecast: QueueForecast, sees: (id: RunId) => boolean): QueueForecast {
  return {
    ...forecast,
    runs: forecast.runs.filter((run) => sees(run.id)),
    neverStart: forecast.neverStart.filter(sees),
  };
}

/** Its id follows from what it says, so that the same forecast is kept once. */
export function recordOf(forecast: QueueForecast): ForecastRecord {
  const { madeAtMs, finishAtMs, replications, seed } = forecast;
  const runIds = forecast.runs.map((run) => run.id);
  const text = JSON.stringify([madeAtMs, runIds.toSorted(), finishAtMs, replications, seed]);
  const hash = [hash32(text), hash32(`${text}\n`, 1)]
    .map((half) => half.toString(16).padStart(8, '0'))
    .join('');
  return { id: `forecast-${madeAtMs}-${hash}`, madeAtMs, runIds, finishAtMs, replications, seed };
}

function heldIn({ snapshot }: Picture): ReadonlySet<RunId> {
  return new Set(snapshot.held.map((run) => run.id));
}

/** What a forecast takes for granted besides the queue. */
async function surroundings(
  { snapshot }: Picture,
  parts: Pick<SharedParts, 'arrivals' | 'startLatency'>,
): Promise<Pick<ForecastInput, 'coming' | 'startLatencyMs'>> {
  const coming = (await parts.arrivals?.of(snapshot)) ?? NOTHING_NEW;
  return { coming, startLatencyMs: parts.startLatency?.medianMs() ?? 0 };
}

/** As many replications of this many runs as the bound on the work allows; at least one. */
export function affordable(runs: number, wanted: number, runReplicationsMax: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(runReplicationsMax / runs)));
}

function runsIn({ snapshot }: Picture): number {
  return Math.max(1, snapshot.held.length + snapshot.active.length);
}
