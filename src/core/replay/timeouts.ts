/**
 * Runs that timed out, and which of them would not have under Penstock. Waiting is free
 * there, and nothing shares a slot; so what counts is whether the run itself, left alone,
 * takes longer than its timeout.
 *
 * Always true: a run that timed out without having waited for anything would time out again.
 * How long the others would have taken nobody measured: for those the median of their
 * pipeline stands, as known afterwards, and they are counted apart.
 */
import type { DurationModel } from '../duration/model.ts';
import type { RunId } from '../model/run.ts';
import { measuredMs, type PastRun, type Spans, type TimeWindow } from './past-run.ts';
import { overused } from './pool-use.ts';
import { ranBefore } from './replay.ts';
import type { Rules } from './world.ts';

export interface Timeouts {
  readonly real: number;
  /** Its time was up before it started. */
  readonly neverStarted: number;
  /** They ran while a pool that they need was used beyond its size. */
  readonly crowded: number;
  /** Of these two kinds: those whose pipeline usually takes less than the timeout. */
  readonly wouldNotHave: number;
  readonly first: readonly RunId[];
}

/** How long each run takes in the replay. */
export class TrueDurations {
  readonly #spoiled = new Map<RunId, number>();
  readonly timeouts: Timeouts;

  constructor(input: {
    readonly runs: readonly PastRun[];
    readonly real: Spans;
    readonly pools: Rules['pools'];
    readonly window: TimeWindow;
    /** What is known afterwards, but for what these runs took. */
    readonly hindsight: (without: ReadonlySet<RunId>) => DurationModel;
    readonly named: number;
  }) {
    const { runs, pools, real, named } = input;
    const timedOut = runs.filter((run) => run.outcome === 'timed-out');
    const neverStarted = timedOut.filter((run) => run.startedAtMs === null);
    const started = timedOut.filter((run) => run.startedAtMs !== null);
    const over = started.length === 0 ? new Map<string, readonly TimeWindow[]>() : overByPool(input, pools);
    const crowded = started.filter((run) => wasCrowded(run, real, over));
    // What ran when the window began was let go by others, and goes on as it did.
    const spoiled = [...neverStarted, ...crowded.filter((run) => !ranBefore(run, input.window.fromMs))];
    const model = spoiled.length === 0 ? null : input.hindsight(new Set(spoiled.map((run) => run.id)));
    const spared: PastRun[] = [];
    for (const run of spoiled) {
      const limitMs = run.timeoutMs ?? Number.POSITIVE_INFINITY;
      const usualMs = Math.max(1, Math.round((model as DurationModel).estimate(run).p50Ms));
      this.#spoiled.set(run.id, Math.max(1, Math.min(usualMs, limitMs)));
      if (usualMs < limitMs) spared.push(run);
    }
    this.timeouts = {
      real: timedOut.length,
      neverStarted: neverStarted.length,
      crowded: crowded.length,
      wouldNotHave: spared.length,
      first: spared.slice(0, named).map((run) => run.id),
    };
  }

  of(run: PastRun): number {
    return this.#spoiled.get(run.id) ?? measuredMs(run);
  }
}

function overByPool(
  input: { readonly runs: readonly PastRun[]; readonly real: Spans; readonly window: TimeWindow },
  pools: Rules['pools'],
): ReadonlyMap<string, readonly TimeWindow[]> {
  const { runs, real, window } = input;
  return new Map(pools.map((pool) => [pool.name, overused({ pool, runs, spans: real, window })]));
}

function wasCrowded(run: PastRun, real: Spans, over: ReadonlyMap<string, readonly TimeWindow[]>): boolean {
  const span = real.get(run.id);
  if (span === undefined) return false;
  return Object.keys(run.requests).some((pool) =>
    (over.get(pool) ?? []).some(({ fromMs, toMs }) => fromMs < span.endMs && toMs > span.startMs),
  );
}
