/** Use of pools and of machines, from what one pipeline asks for and from what samples have measured. */
import { bandOf, countBandOf } from '../forecast/timeline.ts';
import type { Quantiles } from '../forecast/types.ts';
import type { Measures } from './measures.ts';
import type { AssessmentQuestion, PolicySample } from './question.ts';
import type { PoolUse, Resources } from './report.ts';
import { profiledSamples, type TaskUse, taskUse } from './task-use.ts';
import { requestsOf } from './trials.ts';

/** First what each pipeline asks for, then what only its tasks were seen to work on. */
export function poolUses(question: AssessmentQuestion, measures: Measures): readonly PoolUse[] {
  if (!question.isCapacityKnown) return [];
  const requests = requestsOf(question);
  const platforms = profiledSamples(question).flatMap(
    ({ profile }) => profile?.tasks.flatMap(({ platform }) => platform ?? []) ?? [],
  );
  return [...new Set([...Object.keys(requests), ...platforms])].flatMap((name) => {
    const pool = question.rules.pools.find((one) => one.name === name);
    if (pool === undefined) return [];
    const units = requests[name] ?? 0;
    const tasks = taskUse(question, measures, ({ platform }) => Number(platform === name));
    const { peak, weightMs, finishMs } = tasks ?? requestedUse(units, measures);
    const share = weightMs.map((ms, r) => {
      const room = pool.size * (finishMs[r] as number);
      return room > 0 ? Math.min(1, ms / room) : 0;
    });
    return {
      name,
      size: pool.size,
      otherUse: pool.otherUse,
      units,
      basis: tasks === null ? ('request' as const) : ('tasks' as const),
      meanShare: bandOf(share),
      peakUnits: countBandOf(peak),
    };
  });
}

/** As admission counts it: what a pipeline asks for is its own from its start to its end. */
function requestedUse(units: number, { totals }: Measures): TaskUse {
  return {
    peak: totals.peakRunning.map((count) => units * count),
    weightMs: totals.workMs.map((workMs, r) => {
      const started = (totals.launches[r] as number) - (totals.neverStarted[r] as number);
      return started > 0 ? units * workMs : 0;
    }),
    finishMs: totals.finishMs,
  };
}

export function resourcesOf(question: AssessmentQuestion, measures: Measures): Resources {
  const { totals } = measures;
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
  const cpu = taskUse(question, measures, ({ cpuRequestMillis }) => cpuRequestMillis ?? 0);
  const reserved = taskUse(question, measures, ({ memoryRequestBytes }) => memoryRequestBytes ?? 0);
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
    reservedCpuMillis: cpu === null ? null : countBandOf(cpu.peak),
    reservedMemoryBytes: reserved === null ? null : countBandOf(reserved.peak),
    samplesWithUsage: withUsage.length,
    samplesWithTasks: profiledSamples(question).length,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
