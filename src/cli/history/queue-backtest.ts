/** A queue's whole history, replayed and scored: what `penstock backtest queue` reports. */
import { RUNS_POOL } from '../../core/model/run.ts';
import { type ForecastScores, scoreForecasts } from '../../core/replay/forecast-scores.ts';
import type { PastRun } from '../../core/replay/past-run.ts';
import { type ArrivalsTaken, type Comparison, ReplayedHistory } from '../../core/replay/replayed-history.ts';

export interface QueueBacktestSettings {
  readonly slots: number;
  readonly patienceMs: number;
  readonly moments: number;
  readonly replications: number;
  readonly seed: number;
}

export interface QueueBacktest {
  readonly runs: number;
  readonly waits: Pick<Comparison['waits'], 'all' | 'tenants'>;
  readonly fairness: Comparison['fairness'];
  readonly pools: Comparison['pools'];
  readonly allDoneAtMs: Comparison['allDoneAtMs'];
  /** Of Penstock's own schedule. */
  readonly forecasts: { readonly nothingNew: ForecastScores; readonly asBefore: ForecastScores };
}

/** Before anything was measured. */
const FIRST_ESTIMATE = { p50Ms: 600_000, p90Ms: 7_200_000 };
/** Some ten seconds of work for each way of taking arrivals. */
const RUN_REPLICATIONS_MAX = 20_000_000;
const MAX_GRANTS = 4;

/** @param runs at least one */
export function queueBacktest(runs: readonly PastRun[], settings: QueueBacktestSettings): QueueBacktest {
  const { slots, patienceMs, moments, replications, seed } = settings;
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const run of runs) {
    fromMs = Math.min(fromMs, run.heldSinceMs);
    toMs = Math.max(toMs, run.finishedAtMs + 1);
  }
  const pool = { name: RUNS_POOL, size: slots, otherUse: 0, paused: false, doubt: null };
  const history = new ReplayedHistory({
    window: { fromMs, toMs },
    past: runs,
    earlier: [],
    rules: {
      pools: [pool],
      priorities: [{ name: 'normal', patienceMs }],
      tenants: [],
      maxGrants: MAX_GRANTS,
    },
    firstEstimate: FIRST_ESTIMATE,
    limits: { moments, steps: 48, named: 10, groups: 20 },
  });
  const { waits, fairness, pools, allDoneAtMs } = history.comparison();
  const size = { replications, runReplicationsMax: RUN_REPLICATIONS_MAX, seed };
  const scores = (arrivals: ArrivalsTaken): ForecastScores => {
    const steps = scoreForecasts(history.scoring('penstock', arrivals, size));
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  };
  return {
    runs: runs.length,
    waits: { all: waits.all, tenants: waits.tenants },
    fairness,
    pools,
    allDoneAtMs,
    forecasts: { nothingNew: scores('none'), asBefore: scores('as-before') },
  };
}
