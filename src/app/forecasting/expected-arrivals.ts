/**
 * Who is expected to come to the queue: the launches of enabled policies, as planned, and as
 * many other runs as usual, learned from the runs that have finished.
 *
 * Always true: history is read page by page with room for others in between, at most so much
 * of it, and not more often than the pace below; with too little of it nothing is assumed,
 * and the forecast says so. A history that cannot be read makes no failure of a forecast.
 */
import { type Coming, NOTHING_NEW, type Usual } from '../../core/forecast/coming.ts';
import type { Assumption } from '../../core/forecast/types.ts';
import type { RunId } from '../../core/model/run.ts';
import type { HeldRun, Snapshot } from '../../core/model/snapshot.ts';
import type { PastRun } from '../../core/replay/past-run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { breath } from './same-thread.ts';

/** What is planned for sure. */
export interface PlannedLaunches {
  /** Runs that policies will launch after `fromMs`, by when, at most so many. */
  upcoming(fromMs: number, most: number): Promise<readonly HeldRun[]>;
  /** Those of these runs that policies launched: they are not background. */
  launched(ids: readonly RunId[]): Promise<ReadonlySet<RunId>>;
}

const DAY_MS = 86_400_000;
const LOOK_BACK_MS = 28 * DAY_MS;
/** With less history nobody knows what is usual. */
const HISTORY_MIN_MS = DAY_MS;
const RUNS_MIN = 50;
const RUNS_MAX = 10_000;
const PAGE = 500;
const PACE_MS = 10 * 60_000;
/** Of one future, for each run that is here; and futures, fewer for longer queues. */
const COMING_FACTOR = 4;
const COMING_MIN = 600;
const COMING_MAX = 5_000;
const FUTURES_MAX = 20;
const FUTURE_RUNS_MAX = 200_000;

/** Runs by when they were held, all of them since `sinceMs`. */
export interface History {
  readonly past: readonly PastRun[];
  readonly sinceMs: number;
}

export interface ArrivalsParts {
  readonly store: Pick<Store, 'finishedRuns'>;
  readonly clock: Clock;
  readonly planned: PlannedLaunches | null;
  /** `forecast.usualArrivals` */
  readonly usual: boolean;
}

export class ExpectedArrivals {
  readonly #parts: ArrivalsParts;
  #history: History | null = null;
  #dueAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(parts: ArrivalsParts) {
    this.#parts = parts;
  }

  async of(snapshot: Snapshot): Promise<Coming> {
    const { nowMs, held, active } = snapshot;
    const here = held.length + active.length;
    if (here === 0) return NOTHING_NEW;
    const most = Math.min(COMING_MAX, Math.max(COMING_MIN, COMING_FACTOR * here));
    const planned = (await this.#parts.planned?.upcoming(nowMs, most)) ?? [];
    const usual = this.#parts.usual ? await this.#usual(nowMs, here, most) : null;
    return { assumption: assumptionOf(planned.length > 0, usual !== null), futures: [planned], usual };
  }

  async #usual(nowMs: number, here: number, most: number): Promise<Usual | null> {
    const history = await this.history(nowMs);
    if (history === null || history.past.length < RUNS_MIN) return null;
    if (nowMs - history.sinceMs < HISTORY_MIN_MS) return null;
    const futures = Math.floor(FUTURE_RUNS_MAX / (here + most));
    return { ...history, most, futures: Math.max(1, Math.min(FUTURES_MAX, futures)) };
  }

  /** What ran in the last weeks without being launched by a policy; null while it cannot be read. */
  async history(nowMs: number): Promise<History | null> {
    await this.#refresh(nowMs);
    if (this.#history === null) return null;
    const { past, sinceMs } = this.#history;
    return { past, sinceMs: Math.max(sinceMs, nowMs - LOOK_BACK_MS) };
  }

  async #refresh(nowMs: number): Promise<void> {
    if (nowMs < this.#dueAtMs) return;
    this.#reading ??= this.#read(nowMs)
      .catch(() => {})
      .finally(() => {
        this.#reading = null;
        this.#dueAtMs = nowMs + PACE_MS;
      });
    await this.#reading;
  }

  async #read(nowMs: number): Promise<void> {
    const { store, clock, planned } = this.#parts;
    const past: PastRun[] = [];
    let before: string | null = null;
    let sinceMs = nowMs - LOOK_BACK_MS;
    for (;;) {
      const page = await store.finishedRuns({ limit: PAGE, before });
      const launched = await planned?.launched(page.runs.map((run) => run.id));
      past.push(...page.runs.filter((run) => run.ours && launched?.has(run.id) !== true));
      const oldest = page.runs.at(-1);
      before = page.next;
      if (oldest === undefined || before === null || oldest.finishedAtMs < sinceMs) break;
      if (past.length >= RUNS_MAX) {
        sinceMs = oldest.finishedAtMs;
        break;
      }
      await breath(clock);
    }
    past.sort((a, b) => a.heldSinceMs - b.heldSinceMs || (a.id < b.id ? -1 : 1));
    // A short history begins with its first run.
    const firstMs = past[0]?.heldSinceMs ?? nowMs;
    this.#history = { past, sinceMs: Math.max(sinceMs, firstMs - 1) };
  }
}

function assumptionOf(planned: boolean, usual: boolean): Assumption {
  if (planned) return usual ? 'planned-launches-and-arrivals-as-usual' : 'planned-launches-arrive';
  return usual ? 'arrivals-as-usual' : 'nothing-new-arrives';
}
