/** How good forecasts were, by what was forecast and how far ahead. */
import { Gauge, type Registry } from 'prom-client';
import type { CalibrationView } from '../../app/forecasting/kept-forecasts.ts';

type Row = CalibrationView['starts'][number];

export function calibrationGauges(registry: Registry, calibration: () => Promise<CalibrationView>): void {
  const gauge = (name: string, help: string, valueIn: (row: Row) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['of', 'horizon'],
      registers: [registry],
      async collect() {
        // A store that does not answer makes no failure of all other figures.
        const view = await calibration().catch(() => null);
        this.reset();
        const horizon = (row: Row): string => `${row.fromHorizonMs / 1_000}s`;
        for (const row of view?.starts ?? []) this.set({ of: 'start', horizon: horizon(row) }, valueIn(row));
        for (const row of view?.finishes ?? [])
          this.set({ of: 'finish', horizon: horizon(row) }, valueIn(row));
      },
    });
  };
  gauge(
    'penstock_forecasts_settled',
    'Runs whose first forecast could be compared with what came',
    (row) => row.forecasts,
  );
  gauge(
    'penstock_forecast_p90_coverage',
    'Share of runs that came no later than P90 of their first forecast; 0.9 is right',
    (row) => row.coverageP90,
  );
  gauge(
    'penstock_forecast_pinball',
    'Mean pinball loss of P10, P50 and P90, in units of the time forecast',
    (row) => row.pinball,
  );
  gauge(
    'penstock_forecast_bias_seconds',
    'Median of what came less P50; above 0, things came later than forecast',
    (row) => row.biasMs / 1_000,
  );
}
