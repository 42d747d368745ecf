/** Use of pools and of machines, from what one pipeline asks for and from what samples have measured. */
import { bandOf, countBandOf } from '../forecast/timeline.ts';
import type { Quantiles } from '../forecast/types.ts';
import type { Measures } from './measures.ts';
import type { AssessmentQuestion, PolicySample } from './question.ts';
import type { PoolUse, Resources } from './report.ts';
import { requestsOf } from './trials.ts';

export function poolUses(question: AssessmentQuestion, { totals }: Measures): readonly PoolUse[] {
  const { pools } = question.rules;
  return Object.entries(requestsOf(question)).flatMap(([name, units]) => {
    const pool = pools.find((one) => one.name === name);
    if (pool === undefined || !question.isCapacityKnown) return [];
    const share = totals.workMs.map((workMs, r) => {
      const room = pool.size * (totals.finishMs[r] as number);
      const started = (totals.launches[r] as number) - (totals.neverStarted[r] as number);
      return room > 0 && started > 0 ? Math.min(1, (units * workMs) / room) : 0;
    });
    return {
      name,
      size: pool.size,
      otherUse: pool.otherUse,
      units,
      meanShare: bandOf(share),
      peakUnits: countBandOf(totals.peakRunning.map((count) => units * count)),
    };
  });
}

export function resourcesOf(question: AssessmentQuestion, { totals }: Measures): Resources {
  const samples = question.samples.filter(({ outcome }) => outcome !== 'cancelled');
  const withJobs = samples.filter(({ jobMs }) => jobMs !== null);
  const withUsage = samples.filter(({ usage }) => usage !== null);
  const units = requestsOf(question).runs ?? 1;
  const scaled = (values: Float64Array, by: number): Quantiles => {
    const { p10, p50, p90 } = bandOf(values.map((value) => value * by));
    return { p10: Math.round(p10), p50: Math.round(p50), p90: Math.round(p90) };
  };
  const perRunMs = (some: readonly PolicySample[], of: (sample: PolicySample) => number): number =>
    sum(some, of) /
    Math.max(
      1,
      sum(some, ({ durationMs }) => durationMs),
    );
  const memory = sum(withUsage, ({ usage }) => usage?.peakMemoryBytes ?? 0) / Math.max(1, withUsage.length);
  const hasUsage = withUsage.length > 0;
  return {
    slotMs: scaled(totals.workMs, units),
    jobMs:
      withJobs.length === 0
        ? null
        : scaled(
            totals.workMs,
            perRunMs(withJobs, ({ jobMs }) => jobMs ?? 0),
          ),
    cpuMs: hasUsage
      ? scaled(
          totals.workMs,
          perRunMs(withUsage, ({ usage }) => 1_000 * (usage?.cpuSeconds ?? 0)),
        )
      : null,
    memoryBytes: hasUsage ? scaled(totals.peakRunning, memory) : null,
    samplesWithJobs: withJobs.length,
    samplesWithUsage: withUsage.length,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
