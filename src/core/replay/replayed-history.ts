/**
 * A history and its replay side by side: the figures that compare them, and what is needed
 * to score forecasts of either. The shadow report and the back-test of a queue are made of it.
 *
 * Always true: pure; equal input, equal figures. Learned are durations only from what had
 * ended at each moment.
 */
import { decide } from '../admission/decide.ts';
import { holdReasons } from '../admission/hold-reasons.ts';
import { learnDurations } from '../duration/learned-durations.ts';
import type { DurationModel, DurationSample } from '../duration/model.ts';
import type { HoldReason } from '../model/decision.ts';
import type { Estimate, RunId } from '../model/run.ts';
import type { HeldRun, Snapshot } from '../model/snapshot.ts';
import { comingRuns } from './coming-runs.ts';
import { type Fairness, fairness } from './fairness.ts';
import { momentsOf, type ScoredMoment, type ScoringInput } from './forecast-scores.ts';
import { KnownDurations } from './known-durations.ts';
import {
  type ChosenRuns,
  chooseRuns,
  measuredMs,
  type PastRun,
  realSpans,
  type Spans,
  type TimeWindow,
} from './past-run.ts';
import { type PoolUse, poolUse } from './pool-use.ts';
import { Replay, ranBefore } from './replay.ts';
import { type Timeouts, TrueDurations } from './timeouts.ts';
import {
  type ComparedRun,
  comparedRuns,
  type GainsAndLosses,
  gainsAndLosses,
  type WaitRow,
  waitsBy,
  waitsOfAll,
} from './waits.ts';
import { type EstimateOf, queueAt, type Rules } from './world.ts';

export interface HistoryInput {
  readonly window: TimeWindow;
  /** Those outside the window are learned from only. */
  readonly past: readonly PastRun[];
  /** Of before the window. */
  readonly earlier: readonly DurationSample[];
  readonly rules: Rules;
  /** While nothing has been measured. */
  readonly firstEstimate: Estimate;
  readonly limits: HistoryLimits;
}

export interface HistoryLimits {
  /** Moments at which durations are learned and the queue is forecast. */
  readonly moments: number;
  /** Steps of the line of each pool. */
  readonly steps: number;
  /** Runs named in a list. */
  readonly named: number;
  /** Tenants in a list. */
  readonly groups: number;
}

export interface PoolComparison {
  readonly name: string;
  readonly size: number;
  readonly real: PoolUse;
  readonly penstock: PoolUse;
}

export interface NeverStarting {
  readonly runs: number;
  readonly first: readonly { readonly id: RunId; readonly reason: HoldReason }[];
}

export interface Comparison {
  readonly runs: number;
  readonly leftOut: ChosenRuns['leftOut'];
  readonly waits: {
    readonly all: WaitRow | null;
    readonly tenants: readonly WaitRow[];
    readonly priorities: readonly WaitRow[];
    readonly pools: readonly WaitRow[];
  };
  readonly fairness: Fairness | null;
  /** The part of the window in which something waited or ran; what is said of pools is of this time. */
  readonly busy: TimeWindow;
  readonly pools: readonly PoolComparison[];
  readonly timeouts: Timeouts;
  readonly changes: GainsAndLosses;
  readonly neverStart: NeverStarting;
  /** When the last run of the window was done; null without one. */
  readonly allDoneAtMs: { readonly real: number; readonly penstock: number } | null;
}

/** What a forecast takes for granted about runs that are not here yet. */
export type ArrivalsTaken = 'none' | 'as-before';

/** Possible futures of a forecast; of each, so many runs for each one that is here. */
const FUTURES = 20;
const COMING_FACTOR = 4;
const COMING_MIN = 600;
const COMING_MAX = 5_000;

export class ReplayedHistory {
  readonly #input: HistoryInput;
  readonly #runs: readonly PastRun[];
  readonly #leftOut: ChosenRuns['leftOut'];
  readonly #momentsMs: readonly number[];
  readonly #known: KnownDurations;
  readonly #real: Spans;
  readonly #truth: TrueDurations;
  readonly #replay: Replay;
  /** Those that begin to wait or wait already within the window and start both ways. */
  readonly compared: readonly ComparedRun[];

  constructor(input: HistoryInput) {
    this.#input = input;
    const { window, past, earlier, rules, limits } = input;
    const { runs, leftOut } = chooseRuns(past, window);
    this.#runs = runs;
    this.#leftOut = leftOut;
    const waiting = runs.filter((run) => !ranBefore(run, window.fromMs));
    const arrivalsMs = waiting.map((run) => Math.max(window.fromMs, run.heldSinceMs));
    this.#momentsMs = momentsOf(arrivalsMs, limits.moments);
    const samples = [...earlier, ...past.flatMap(sampleOf)];
    const momentsMs = [window.fromMs, ...this.#momentsMs];
    this.#known = new KnownDurations({ samples, momentsMs, first: input.firstEstimate });
    this.#real = realSpans(runs);
    const hindsight = (without: ReadonlySet<RunId>): DurationModel => {
      const unspoiled = past.filter((run) => !without.has(run.id)).flatMap(sampleOf);
      return learnDurations([...earlier, ...unspoiled], input.firstEstimate);
    };
    const { pools } = rules;
    this.#truth = new TrueDurations({
      runs,
      real: this.#real,
      pools,
      window,
      hindsight,
      named: limits.named,
    });
    this.#replay = new Replay({
      fromMs: window.fromMs,
      runs,
      rules,
      estimateOf: (run) => this.#known.at(run.heldSinceMs).estimate(run),
      durationOf: (run) => this.#truth.of(run),
    });
    this.compared = comparedRuns(waiting, this.#real, this.#replay.spans);
  }

  comparison(): Comparison {
    const { limits, rules } = this.#input;
    const { compared } = this;
    const busy = this.#busy();
    return {
      runs: this.#runs.length,
      leftOut: this.#leftOut,
      waits: {
        all: waitsOfAll(compared),
        tenants: waitsBy(compared, (run) => [run.tenant], limits.groups),
        priorities: waitsBy(compared, (run) => [run.priority], limits.groups),
        pools: waitsBy(compared, (run) => Object.keys(run.requests), limits.groups),
      },
      fairness: fairness(compared),
      busy,
      pools: rules.pools.map((pool) => this.#poolComparison(pool, busy)),
      timeouts: this.#truth.timeouts,
      changes: gainsAndLosses(compared, limits.named),
      neverStart: this.#neverStarting(),
      allDoneAtMs: this.#allDoneAtMs(),
    };
  }

  /**
   * To score forecasts with: of Penstock's own queue against its own schedule, or of the
   * queue as it really stood against what really happened, which others decided.
   */
  scoring(
    truth: 'penstock' | 'real',
    arrivals: ArrivalsTaken,
    size: Pick<ScoringInput, 'replications' | 'runReplicationsMax' | 'seed'>,
  ): ScoringInput {
    const momentAt = (atMs: number): ScoredMoment => {
      const model = this.#known.at(atMs);
      const snapshot = this.#queueAt(truth, atMs, (run) => model.estimate(run));
      const futures = arrivals === 'none' ? [[]] : this.#coming(snapshot, model, size.seed);
      return { model, snapshot, futures };
    };
    const spans = truth === 'penstock' ? this.#replay.spans : this.#real;
    return { ...size, momentsMs: this.#momentsMs, momentAt, truth: spans };
  }

  #queueAt(truth: 'penstock' | 'real', atMs: number, estimateOf: EstimateOf): Snapshot {
    if (truth === 'penstock') return this.#replay.queueAt(atMs, estimateOf);
    const { rules } = this.#input;
    return queueAt({ atMs, rules, runs: this.#runs, spans: this.#real, grants: [], estimateOf });
  }

  #coming(
    { nowMs, held, active }: Snapshot,
    model: DurationModel,
    seed: number,
  ): readonly (readonly HeldRun[])[] {
    const sinceMs = Math.max(this.#input.window.fromMs, this.#runs[0]?.heldSinceMs ?? 0);
    const most = Math.min(COMING_MAX, Math.max(COMING_MIN, COMING_FACTOR * (held.length + active.length)));
    return comingRuns({ runs: this.#runs, sinceMs, atMs: nowMs, model, futures: FUTURES, most, seed });
  }

  #busy(): TimeWindow {
    const { fromMs, toMs } = this.#input.window;
    const [first] = this.#runs;
    if (first === undefined) return { fromMs, toMs: fromMs };
    let lastMs = fromMs;
    for (const spans of [this.#real, this.#replay.spans]) {
      for (const { endMs } of spans.values()) lastMs = Math.max(lastMs, endMs);
    }
    return { fromMs: Math.max(fromMs, first.heldSinceMs), toMs: Math.min(toMs, lastMs) };
  }

  #poolComparison({ name, size }: Rules['pools'][number], window: TimeWindow): PoolComparison {
    const { limits } = this.#input;
    const asked = { pool: { name, size }, runs: this.#runs, window, steps: limits.steps };
    return {
      name,
      size,
      real: poolUse({ ...asked, spans: this.#real }),
      penstock: poolUse({ ...asked, spans: this.#replay.spans }),
    };
  }

  #neverStarting(): NeverStarting {
    const never = this.#runs.filter((run) => !this.#replay.spans.has(run.id));
    if (never.length === 0) return { runs: 0, first: [] };
    const { everything } = this.#replay;
    const reasons = holdReasons(everything, decide(everything));
    const first = never.slice(0, this.#input.limits.named).flatMap(({ id }) => {
      const reason = reasons.get(id);
      return reason === undefined ? [] : [{ id, reason }];
    });
    return { runs: never.length, first };
  }

  #allDoneAtMs(): Comparison['allDoneAtMs'] {
    const ends = { real: Number.NEGATIVE_INFINITY, penstock: Number.NEGATIVE_INFINITY };
    for (const { run } of this.compared) {
      ends.real = Math.max(ends.real, this.#real.get(run.id)?.endMs ?? ends.real);
      ends.penstock = Math.max(ends.penstock, this.#replay.spans.get(run.id)?.endMs ?? ends.penstock);
    }
    return Number.isFinite(ends.real) ? ends : null;
  }
}

function sampleOf(run: PastRun): readonly DurationSample[] {
  const { project, tenant, contentHash, startedAtMs, outcome } = run;
  if (startedAtMs === null) return [];
  return [{ project, tenant, contentHash, startedAtMs, durationMs: measuredMs(run), outcome }];
}
