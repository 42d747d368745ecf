/**
 * The forecasts of runs that people were shown, kept until the truth is known, and how good
 * they were. Of each run the first forecast counts, since it looks furthest ahead.
 *
 * Always true: keeping is bounded and makes no failure of a forecast; a model that is out of
 * calibration is told of in the log once, and again only after it was in calibration.
 */
import { type CalibrationRow, calibration, type SettledForecast } from '../../core/forecast/calibration.ts';
import type { QueueForecast } from '../../core/forecast/types.ts';
import type { RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { RunForecastRecord, SettledRunForecast, Store } from '../../ports/store.ts';

/** Of a long queue so many runs are kept, spread over it: one write of some milliseconds. */
const KEPT_PER_FORECAST = 200;
/** Those that are known to be kept are not written again. */
const REMEMBERED = 20_000;
/** The newest ones say how good the model is now. */
const JUDGED = 5_000;
const PACE_MS = 60_000;

export interface CalibrationView {
  readonly nowMs: number;
  /** Of when runs started, and of when they finished; by how far ahead the forecast looked. */
  readonly starts: readonly CalibrationRow[];
  readonly finishes: readonly CalibrationRow[];
}

export interface KeptForecastsParts {
  readonly store: Pick<Store, 'saveRunForecasts' | 'settledRunForecasts'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'info'> | null;
  /** Told of every forecast, kept or not. */
  readonly onForecast?: (forecast: QueueForecast) => void;
}

export class KeptForecasts {
  readonly #parts: KeptForecastsParts;
  readonly #kept = new Set<RunId>();
  #view: CalibrationView | null = null;
  #isOff = false;

  constructor(parts: KeptForecastsParts) {
    this.#parts = parts;
  }

  /** @param held those that wait: of a run that runs already the start is no forecast */
  async keep(forecast: QueueForecast, held: ReadonlySet<RunId>): Promise<void> {
    this.#parts.onForecast?.(forecast);
    const fresh = forecast.runs.filter(({ id }) => held.has(id) && !this.#kept.has(id));
    const every = Math.max(1, Math.ceil(fresh.length / KEPT_PER_FORECAST));
    const records: RunForecastRecord[] = [];
    fresh.forEach(({ id, startAtMs, finishAtMs }, nth) => {
      this.#remember(id);
      if (nth % every !== 0) return;
      records.push({ runId: id, madeAtMs: forecast.madeAtMs, startAtMs, finishAtMs });
    });
    if (records.length === 0) return;
    await this.#parts.store.saveRunForecasts(records).catch(() => {});
  }

  /** A run that was left out stays left out: a later, shorter forecast of it would count twice as easy. */
  #remember(id: RunId): void {
    this.#kept.add(id);
    if (this.#kept.size <= REMEMBERED) return;
    const oldest = this.#kept.values().next();
    if (oldest.done !== true) this.#kept.delete(oldest.value);
  }

  async calibration(): Promise<CalibrationView> {
    const { store, clock } = this.#parts;
    const nowMs = clock.nowMs();
    if (this.#view !== null && nowMs < this.#view.nowMs + PACE_MS) return this.#view;
    const settled = await store.settledRunForecasts({ limit: JUDGED });
    this.#view = {
      nowMs,
      starts: calibration(settled.flatMap(startOf)),
      finishes: calibration(settled.map(finishOf)),
    };
    this.#tell(this.#view);
    return this.#view;
  }

  #tell({ starts, finishes }: CalibrationView): void {
    const off = [...starts, ...finishes].find((row) => row.drifts);
    const { log } = this.#parts;
    if (off !== undefined && !this.#isOff) {
      const { coverageP90, forecasts, fromHorizonMs } = off;
      log?.warn(
        { coverageP90, forecasts, fromHorizonMs },
        'Forecasts are out of calibration: P90 does not hold as often as it says',
      );
    }
    if (off === undefined && this.#isOff) log?.info({}, 'Forecasts are in calibration again');
    this.#isOff = off !== undefined;
  }
}

function startOf({ madeAtMs, startAtMs, startedAtMs }: SettledRunForecast): readonly SettledForecast[] {
  return startedAtMs === null ? [] : [{ madeAtMs, saidAtMs: startAtMs, cameAtMs: startedAtMs }];
}

function finishOf({ madeAtMs, finishAtMs, finishedAtMs }: SettledRunForecast): SettledForecast {
  return { madeAtMs, saidAtMs: finishAtMs, cameAtMs: finishedAtMs };
}
