/**
 * Figures that engine and capacity sources offer, under the names of `ports/figures.ts`.
 *
 * Always true: all names are there whatever runs, with series only for what was offered.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import { FIGURES, type Figure, type FigureName } from '../../ports/figures.ts';
import type { LabelNames } from './bounded-names.ts';

export function offeredFigures(
  registry: Registry,
  offered: () => readonly Figure[],
  names: LabelNames,
): void {
  for (const name of Object.keys(FIGURES) as FigureName[]) {
    const { kind, help, labels } = FIGURES[name];
    const told = { name, help, labelNames: labels, registers: [registry] };
    const collect = function (this: Counter | Gauge): void {
      this.reset();
      for (const figure of offered()) {
        if (figure.name === name) this.inc(bounded(figure.labels, names), figure.value);
      }
    };
    if (kind === 'counter') new Counter({ ...told, collect });
    else new Gauge({ ...told, collect });
  }
}

function bounded(labels: Figure['labels'], names: LabelNames): Record<string, string> {
  const { pool } = labels;
  return pool === undefined ? { ...labels } : { ...labels, pool: names.pool(pool) };
}
