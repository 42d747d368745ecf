/**
 * How evenly waiting falls on tenants: Jain's index over each tenant's mean slowdown.
 * 1 means that all are slowed down alike; 1 / tenants that one bears everything.
 *
 * Sources: Jain, Chiu and Hawe, "A Quantitative Measure of Fairness and Discrimination for
 * Resource Allocation in Shared Computer Systems", DEC TR-301 (1984); bounded slowdown:
 * Feitelson and Rudolph, "Metrics and Benchmarking for Parallel Job Scheduling" (1998).
 */
import { mean } from '../stats/quantile.ts';
import { measuredMs } from './past-run.ts';
import type { ComparedRun } from './waits.ts';

/** Shorter runs count as this long: a wait of 10 s before a run of 10 ms is no slowdown of 1,000. */
const SHORT_MS = 10_000;

export interface Fairness {
  readonly tenants: number;
  readonly real: number;
  readonly penstock: number;
}

/** Null with fewer than two tenants. */
export function fairness(compared: readonly ComparedRun[]): Fairness | null {
  const tenants = new Map<string, { readonly real: number[]; readonly penstock: number[] }>();
  for (const { run, realWaitMs, penstockWaitMs } of compared) {
    const known = tenants.get(run.tenant) ?? { real: [], penstock: [] };
    tenants.set(run.tenant, known);
    const lengthMs = Math.max(SHORT_MS, measuredMs(run));
    known.real.push((realWaitMs + lengthMs) / lengthMs);
    known.penstock.push((penstockWaitMs + lengthMs) / lengthMs);
  }
  if (tenants.size < 2) return null;
  const rows = [...tenants.values()];
  return {
    tenants: rows.length,
    real: jainIndex(rows.map((row) => mean(row.real))),
    penstock: jainIndex(rows.map((row) => mean(row.penstock))),
  };
}

/** (sum x)^2 / (n sum x^2), for x > 0. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return (sum * sum) / (values.length * squares);
}
