/** The figures of an assessment, a row each: likely, the range, and what to think of it. */
import type { Assessment, PoolUse } from '../../../core/assessment/report.ts';
import type { Quantiles } from '../../../core/forecast/types.ts';
import type { Cell } from './blocks.ts';
import { bytes, count, length, range, share, timeOfDay } from './said.ts';

type Row = readonly Cell[];

export function figureRows(assessment: Assessment): readonly Row[] {
  return [
    ...endRows(assessment),
    ...atOnceRows(assessment),
    ...waitRows(assessment),
    ...workRows(assessment),
    ...outcomeRows(assessment),
  ];
}

function row(title: string, band: Quantiles, said: (value: number) => string, note = ''): Row {
  return [{ text: title }, { text: said(band.p50) }, { text: range(band, said) }, { text: note }];
}

function endRows({ finish, policy, occurrence, neverStarted }: Assessment): readonly Row[] {
  if (finish === null) {
    return [[{ text: 'all done' }, { text: 'never' }, { text: '' }, { text: 'no pipeline can start' }]];
  }
  const at = (ms: number): string => timeOfDay(policy.timeZone, ms, occurrence.day);
  const note = neverStarted.p50 > 0 ? 'of those that start' : '';
  return [row('all done', finish.allAtMs, at, note), row('9 of 10 done', finish.mostAtMs, at, note)];
}

function atOnceRows({ atOnce, pools, limit, launches }: Assessment): readonly Row[] {
  const isKnown = limit !== null;
  const [pool] = pools;
  const runningNote =
    pool === undefined ? '' : `of ${count(Math.floor((pool.size - pool.otherUse) / pool.units))} that fit`;
  return [
    row('pipelines wanted at once', atOnce.wanted, count, 'at the peak, if none had to wait'),
    ...(isKnown ? [row('running at once', atOnce.running, count, runningNote)] : []),
    ...(isKnown ? [row('waiting at once', atOnce.waiting, count)] : []),
    row('launched in one minute', launches.busiestMinute, count, 'in the busiest'),
  ];
}

function waitRows({ wait, scope, limit, neverStarted }: Assessment): readonly Row[] {
  if (limit === null) return [];
  const never = neverStarted.p90 === 0 ? [] : [row('never started', neverStarted, count)];
  if (wait.longestMs.p90 < 1_000) return never;
  return [
    row('pipelines that wait', wait.waited, count, `of ${count(scope.launches)}`),
    row('wait of one in ten', wait.p90Ms, length, 'or longer'),
    row('longest wait', wait.longestMs, length),
    ...never,
  ];
}

function workRows({ execution, pools, resources }: Assessment): readonly Row[] {
  const { jobMs, cpuMs, memoryBytes, samplesWithJobs, samplesWithUsage } = resources;
  return [
    row('one pipeline takes', execution.eachMs, length),
    row('total execution time', execution.totalMs, length, 'summed over all pipelines'),
    ...(jobMs === null ? [] : [row('total job time', jobMs, length, `by ${count(samplesWithJobs)} samples`)]),
    ...(cpuMs === null ? [] : [row('CPU time', cpuMs, length, `by ${count(samplesWithUsage)} samples`)]),
    ...(memoryBytes === null
      ? []
      : [row('memory used at the peak', memoryBytes, bytes, 'if each holds its most')]),
    ...reservedRows(resources),
    ...pools.flatMap((pool) => poolRows(pool, resources.samplesWithTasks)),
  ];
}

function reservedRows({ reservedCpuMillis, reservedMemoryBytes }: Assessment['resources']): readonly Row[] {
  const cores = (millis: number): string => String(Math.round(millis / 100) / 10);
  const note = 'reserved by the tasks that work at the same time';
  return [
    ...(reservedCpuMillis === null ? [] : [row('CPUs reserved at the peak', reservedCpuMillis, cores, note)]),
    ...(reservedMemoryBytes === null
      ? []
      : [row('memory reserved at the peak', reservedMemoryBytes, bytes, note)]),
  ];
}

/** Where tasks come and go, what is used at once is less than what is kept for them. */
function poolRows({ name, size, basis, meanShare, peakUnits }: PoolUse, samples: number): readonly Row[] {
  const mean = row(`use of ${name}`, meanShare, share, `of ${count(size)}, on average until all is done`);
  if (basis === 'request') return [mean];
  const by = samples === 1 ? 'by the tasks of 1 sample' : `by the tasks of ${count(samples)} samples`;
  return [mean, row(`${name} at once`, peakUnits, count, `at the peak, ${by}`)];
}

function outcomeRows({ evidence, timeouts, scope }: Assessment): readonly Row[] {
  const { success } = evidence;
  const rows: Row[] = [];
  if (success !== null) {
    const { low, high } = success.interval;
    const ends = `${share(low)} to ${share(high)}`;
    rows.push([
      { text: 'success rate' },
      { text: share(success.rate) },
      { text: ends },
      { text: `${count(success.succeeded)} of ${count(success.runs)} samples; the range is a 95 % interval` },
    ]);
  }
  const { limitMs, withHolding, withoutHolding, stuck } = timeouts;
  if (limitMs !== null && withHolding !== null) {
    rows.push(
      row('time out', withHolding, count, `of ${count(scope.launches)}, after ${length(limitMs)} each`),
    );
  }
  if (withoutHolding !== null) {
    const lost = (level: keyof Quantiles): number =>
      withoutHolding.waiting[level] + withoutHolding.running[level];
    const all = { p10: lost('p10'), p50: lost('p50'), p90: lost('p90') };
    rows.push(row('time out without holding', all, count, 'created at once, the timeout counting from then'));
  }
  if (stuck !== null && stuck.p90 > 0) {
    rows.push(row('dropped by GitLab', stuck, count, 'waited 24 h for a runner'));
  }
  return rows;
}
