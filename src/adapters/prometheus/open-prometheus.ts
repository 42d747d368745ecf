/**
 * Opens the meter of a Prometheus server as the configuration describes it.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../ports/clock.ts';
import { instantQuery } from './instant-query.ts';
import type { MeterQuery } from './measurement.ts';
import { PrometheusMeter, type UseQuery } from './prometheus-meter.ts';

export interface PrometheusOptions {
  readonly url: string;
  /** Read before each query, since tokens change. */
  readonly bearerTokenFile?: string | undefined;
  readonly interval: number;
  readonly timeout: number;
  readonly staleAfter: number;
  readonly use: readonly UseQuery[];
  readonly sizes: readonly MeterQuery[];
}

/** Begins to ask at once; what it cannot get is in doubt. */
export function openPrometheus(options: PrometheusOptions, clock: Clock): PrometheusMeter {
  const { url, bearerTokenFile, interval, timeout, staleAfter, use, sizes } = options;
  const server = {
    url,
    timeoutMs: timeout,
    bearerToken: async () =>
      bearerTokenFile === undefined ? null : (await readFile(bearerTokenFile, 'utf8')).trim(),
    nowMs: () => clock.nowMs(),
  };
  const meter = new PrometheusMeter({
    ask: (query, signal) => instantQuery(server, query, signal),
    clock,
    use,
    sizes,
    intervalMs: interval,
    staleAfterMs: staleAfter,
  });
  meter.start();
  return meter;
}
