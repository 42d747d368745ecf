/** What forecasts are made with: threads to compute them, who is expected to come, and what became of earlier ones. */
import { availableParallelism } from 'node:os';
import { workerThreads } from '../adapters/worker-threads/worker-threads.ts';
import { ExpectedArrivals } from '../app/forecasting/expected-arrivals.ts';
import { KeptForecasts } from '../app/forecasting/kept-forecasts.ts';
import { sameThread } from '../app/forecasting/same-thread.ts';
import { StartLatency } from '../app/forecasting/start-latency.ts';
import type { Config } from '../config/config.ts';
import type { QueueForecast } from '../core/forecast/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Workers } from '../ports/workers.ts';
import { type PlannedRunsSources, plannedRuns } from './policies.ts';

/** More help little, and each holds the queue it forecasts. */
const THREADS_MAX = 4;

export interface Forecasting {
  readonly workers: Workers;
  readonly arrivals: ExpectedArrivals;
  readonly startLatency: StartLatency;
  readonly kept: KeptForecasts;
}

export interface ForecastingParts extends PlannedRunsSources {
  readonly clock: Clock;
  readonly log: Log;
  readonly withLoop: boolean;
  readonly onForecast: (forecast: QueueForecast) => void;
}

export function composeForecasting(
  config: Pick<Config, 'forecast' | 'admission' | 'projects'>,
  parts: ForecastingParts,
): Forecasting {
  const { store, clock, log, withLoop, onForecast } = parts;
  const planned = plannedRuns(config, parts);
  const usual = config.forecast.usualArrivals;
  const threads = Math.max(1, Math.min(THREADS_MAX, availableParallelism()));
  return {
    // A command that only asks has nothing else to do meanwhile, and threads take a while to begin.
    workers: withLoop ? workerThreads(threads) : sameThread(clock),
    arrivals: new ExpectedArrivals({ store, clock, planned, usual }),
    startLatency: new StartLatency(),
    kept: new KeptForecasts({ store, clock, log, onForecast }),
  };
}
