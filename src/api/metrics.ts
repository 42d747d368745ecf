/**
 * Figures for Prometheus. What happens is counted from the events of the admission loop;
 * what is, is read from its last pass when somebody scrapes. docs/guides/metrics.md lists them.
 *
 * Always true: the number of series is bounded. Tenants beyond the first `TENANTS_SHOWN` are
 * counted together as `other`, and so are pools beyond `POOLS_SHOWN`.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { AdmissionListener } from '../app/admission/events.ts';
import type { AdmissionView } from '../app/admission/view.ts';
import type { CalibrationView } from '../app/forecasting/kept-forecasts.ts';
import type { ErrorCode } from '../core/errors/catalogue.ts';
import type { Figure } from '../ports/figures.ts';
import { labelNames } from './metrics/bounded-names.ts';
import { calibrationGauges } from './metrics/calibration-gauges.ts';
import { eventCounters } from './metrics/event-counters.ts';
import { offeredFigures } from './metrics/offered-figures.ts';
import { viewGauges } from './metrics/view-gauges.ts';

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  readonly countError: (code: ErrorCode) => void;
  /** For the admission loop to report to. */
  readonly onEvent: AdmissionListener;
}

export interface MetricSources {
  /** The last pass of the loop; null where none runs. */
  readonly view: () => AdmissionView | null;
  /** Whether this process may start runs. */
  readonly leads: () => boolean;
  /** How good forecasts were. */
  readonly calibration: () => Promise<CalibrationView>;
  /** Of engine and capacity sources. */
  readonly figures: () => readonly Figure[];
}

export function createMetrics({ view, leads, figures, calibration }: MetricSources): Metrics {
  const registry = new Registry();
  const names = labelNames();
  collectDefaultMetrics({ register: registry });
  viewGauges(registry, view, names);
  offeredFigures(registry, figures, names);
  calibrationGauges(registry, calibration);
  new Gauge({
    name: 'penstock_leading',
    help: '1 while this process may start runs, 0 while another one leads or it only watches',
    registers: [registry],
    collect() {
      this.set(leads() ? 1 : 0);
    },
  });
  const errors = new Counter({
    name: 'penstock_errors_total',
    help: 'Errors answered to requests, by code of the error catalogue',
    labelNames: ['code'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countError: (code) => errors.inc({ code }),
    onEvent: eventCounters(registry, names),
  };
}
