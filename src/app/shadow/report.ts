/**
 * The shadow report: what really happened to the runs of some time, beside what Penstock
 * would have made of them, and how good its forecasts would have been.
 *
 * Always true: it reads the store and the sizes of pools, and writes nothing anywhere; the
 * work is bounded, and done in steps with room for others in between.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { RunId } from '../../core/model/run.ts';
import type { Pool } from '../../core/model/snapshot.ts';
import { type ForecastScores, scoreForecasts } from '../../core/replay/forecast-scores.ts';
import { type ArrivalsTaken, type Comparison, ReplayedHistory } from '../../core/replay/replayed-history.ts';
import type { ComparedRun } from '../../core/replay/waits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import type { ShownReason } from '../access/shown-reason.ts';
import { breath } from '../forecasting/same-thread.ts';
import { countLive, type Picture } from '../queries/picture.ts';
import type { AdmissionSettings } from '../settings.ts';
import { assumptions } from './assumptions.ts';
import { readWindow } from './read-window.ts';

export interface ShadowQuery {
  /** Null: a day before the end. */
  readonly sinceMs: number | null;
  /** Null: now. */
  readonly untilMs: number | null;
  /** What if the pools had these sizes; those not named keep theirs. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** The forecasts that people are shown take it that nothing new arrives; beside them others that expect arrivals as before. */
export interface ScoresByArrivals {
  readonly nothingNew: ForecastScores;
  readonly asBefore: ForecastScores;
}

export interface ScheduledRow {
  readonly id: RunId;
  readonly tenant: string;
  readonly heldSinceMs: number;
  readonly realStartMs: number;
  readonly penstockStartMs: number;
}

export interface ShadowReport extends Omit<Comparison, 'neverStart'> {
  readonly neverStart: {
    readonly runs: number;
    readonly first: readonly { readonly id: RunId; readonly reason: ShownReason }[];
  };
  readonly madeAtMs: number;
  readonly mode: AdmissionSettings['mode'];
  readonly fromMs: number;
  readonly toMs: number;
  /** There were too many runs: the window begins later than asked for. */
  readonly isCut: boolean;
  /** Held or running now, and therefore in no figure. */
  readonly unfinished: number;
  readonly forecasts: {
    /** Against the schedule that Penstock would have made. */
    readonly penstock: ScoresByArrivals;
    /** Against what really happened, which somebody else decided. */
    readonly real: ScoresByArrivals;
  };
  /** By held since. */
  readonly schedule: readonly ScheduledRow[];
  /** What the report takes for granted, one line each. */
  readonly assumptions: readonly string[];
}

export interface ReportParts {
  readonly picture: Picture;
  readonly store: Pick<Store, 'finishedRuns' | 'samples'>;
  readonly clock: Clock;
  readonly settings: Pick<AdmissionSettings, 'mode' | 'firstEstimate'>;
}

const DAY_MS = 86_400_000;
const LIMITS = { moments: 24, steps: 48, named: 10, groups: 50 };
/** A second or two of work for each of the four. */
const SCORING = { replications: 100, runReplicationsMax: 1_000_000, seed: 1 };

export async function shadowReport(
  parts: ReportParts,
  query: ShadowQuery,
  signal: AbortSignal,
): Promise<ShadowReport> {
  const { picture, store, clock, settings } = parts;
  const nowMs = clock.nowMs();
  const toMs = Math.min(query.untilMs ?? nowMs, nowMs);
  const fromMs = query.sinceMs ?? toMs - DAY_MS;
  if (fromMs >= toMs) {
    throw new CodedError('request-invalid', 'since: must be before until, and before now.', {
      field: 'since',
    });
  }
  const pools = poolsWith(query.sizes, picture.snapshot.pools);
  const { window, past, earlier, isCut } = await readWindow(store, { fromMs, toMs }, signal);
  const { priorities, maxGrants, tenants } = picture.snapshot;
  const history = new ReplayedHistory({
    window,
    past,
    earlier,
    rules: { pools, priorities, maxGrants, tenants: tenants.map((tenant) => ({ ...tenant, paused: false })) },
    firstEstimate: settings.firstEstimate,
    limits: LIMITS,
  });
  await breath(clock);
  const comparison = history.comparison();
  const scores = (truth: 'penstock' | 'real') => scoresByArrivals(history, truth, { clock, signal });
  const forecasts = { penstock: await scores('penstock'), real: await scores('real') };
  const { held, starting, running } = countLive(picture);
  const unfinished = held + starting + running;
  return {
    madeAtMs: nowMs,
    mode: settings.mode,
    ...window,
    isCut,
    unfinished,
    ...comparison,
    forecasts,
    schedule: history.compared.map(scheduledRow),
    assumptions: assumptions({ comparison, sizes: query.sizes, isCut, unfinished }),
  };
}

/** Nothing in use by others, nothing paused, nothing in doubt: what there was of that then is not known. */
function poolsWith(sizes: Readonly<Record<string, number>>, pools: readonly Pool[]): readonly Pool[] {
  const known = pools.map((pool) => pool.name).toSorted();
  for (const name of Object.keys(sizes)) {
    if (known.includes(name)) continue;
    throw new CodedError(
      'pool-unknown',
      `size: there is no pool "${name}"; use one of ${known.join(', ')}.`,
      {
        field: 'size',
      },
    );
  }
  return pools.map(({ name, size }) => ({
    name,
    size: sizes[name] ?? size,
    otherUse: 0,
    paused: false,
    doubt: null,
  }));
}

interface Driver {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function scoresByArrivals(
  history: ReplayedHistory,
  truth: 'penstock' | 'real',
  driver: Driver,
): Promise<ScoresByArrivals> {
  const scores = (arrivals: ArrivalsTaken) =>
    driven(scoreForecasts(history.scoring(truth, arrivals, SCORING)), driver);
  return { nothingNew: await scores('none'), asBefore: await scores('as-before') };
}

async function driven<T>(steps: Generator<void, T>, { clock, signal }: Driver): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breath(clock);
    signal.throwIfAborted();
  }
}

function scheduledRow({ run, realStartMs, penstockStartMs }: ComparedRun): ScheduledRow {
  return { id: run.id, tenant: run.tenant, heldSinceMs: run.heldSinceMs, realStartMs, penstockStartMs };
}
