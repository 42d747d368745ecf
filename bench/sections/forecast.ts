/**
 * The forecast of a queue as `GET /v1/forecast` makes it: drawn durations, admission, the
 * counterfactual and all quantiles, on two worker threads; and for how long at most the
 * thread that admits is kept from its work meanwhile.
 */
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { workerThreads } from '../../src/adapters/worker-threads/worker-threads.ts';
import { computeForecast } from '../../src/app/forecasting/queue-forecast.ts';
import { LearnedDurations } from '../../src/core/duration/learned-durations.ts';
import type { ForecastInput } from '../../src/core/forecast/forecast.ts';
import { runId } from '../../src/core/model/run.ts';
import type { HeldRun, Pool } from '../../src/core/model/snapshot.ts';
import type { Workers } from '../../src/ports/workers.ts';
import { atMost, type Effort, type Line, type Section } from '../harness/line.ts';
import { medians } from '../harness/median.ts';
import { FIRST, history } from '../workloads/durations.ts';

const SIZES = [
  { runs: 300, replications: 1_000, goalS: 0.1 },
  { runs: 10_000, replications: 1_000, goalS: 2 },
  { runs: 100_000, replications: 100, goalS: 4 },
] as const;
const SERIES = 100;
const SAMPLES_EACH = 10;
const TENANTS = 20;
const PLATFORMS = 5;
const BLOCKED_MS = 10;
const MINUTE_MS = 60_000;

async function run({ rounds, scale }: Effort): Promise<readonly Line[]> {
  const workers = workerThreads(2);
  try {
    const lines: Line[] = [];
    for (const { runs, replications, goalS } of SIZES) {
      const input = queueOf(
        Math.max(10, Math.round(runs * scale)),
        Math.max(1, Math.round(replications * scale)),
      );
      let blockedMs = 0;
      const found = await medians(rounds, {
        forecast: async () => {
          const blocked = longestBlock();
          const seconds = await elapsed(input, workers);
          blockedMs = Math.max(blockedMs, blocked());
          return seconds;
        },
      });
      const what = `${runs} runs x ${replications} replications`;
      lines.push({
        what,
        value: found.forecast,
        unit: 's',
        against: null,
        goal: atMost(goalS, found.forecast),
      });
      lines.push({
        what: '  longest time the admitting thread was blocked',
        value: blockedMs,
        unit: 'ms',
        against: null,
        goal: atMost(BLOCKED_MS, blockedMs),
      });
    }
    return lines;
  } finally {
    await workers.close();
  }
}

async function elapsed(input: ForecastInput, workers: Workers): Promise<number> {
  const began = performance.now();
  await computeForecast(input, { workers, clock: systemClock() });
  return (performance.now() - began) / 1_000;
}

/** Watches this thread; the answer ends the watch, with the longest time between two turns in milliseconds. */
function longestBlock(): () => number {
  let worstMs = 0;
  let last = performance.now();
  let next = setImmediate(function turn() {
    const now = performance.now();
    worstMs = Math.max(worstMs, now - last);
    last = now;
    next = setImmediate(turn);
  });
  return () => {
    clearImmediate(next);
    return worstMs;
  };
}

/** One pool of all runs and one of each platform, some tenants, pipelines with ten samples each. */
function queueOf(runs: number, replications: number): ForecastInput {
  const learned = new LearnedDurations({ first: FIRST });
  const samples = history(SERIES * SAMPLES_EACH, SERIES);
  for (const sample of samples) learned.record(sample);
  const model = learned.model();
  const pool = (name: string, size: number): Pool => ({
    name,
    size,
    otherUse: 0,
    paused: false,
    doubt: null,
  });
  const platforms = Array.from({ length: PLATFORMS }, (_, nth) => `platform-${nth}`);
  const held = Array.from({ length: runs }, (_, nth): HeldRun => {
    const { project, contentHash } = samples[nth % SERIES] as (typeof samples)[number];
    const series = { project, contentHash, tenant: `tenant-${nth % TENANTS}` };
    return {
      ...series,
      id: runId(`run-${nth}`),
      priority: 'normal',
      requests: { runs: 1, [platforms[nth % PLATFORMS] as string]: 1 },
      heldSinceMs: nth,
      estimate: model.estimate(series),
      timeoutMs: 60 * MINUTE_MS,
    };
  });
  return {
    snapshot: {
      nowMs: runs,
      paused: false,
      maxGrants: 4,
      pools: [pool('runs', 20), ...platforms.map((name) => pool(name, 8))],
      priorities: [{ name: 'normal', patienceMs: null }],
      tenants: [],
      held,
      active: [],
      grants: [],
      classStarts: [],
    },
    model,
    replications,
    seed: 1,
  };
}

export const forecast: Section = {
  name: 'forecast',
  title: 'the forecast of a queue, on two worker threads',
  run,
};
