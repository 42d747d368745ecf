/**
 * What lies before the held runs of one picture: why each waits, its place, and how many
 * are ahead of it where it waits. Workers compute it (`core/forecast/outlook.ts`); here it
 * is given its names again.
 *
 * Always true: what is said of a run is that of one snapshot; the thread that asks works some
 * milliseconds at a time.
 */
import type { OutlookColumns } from '../../core/forecast/outlook.ts';
import type { PlannedStart } from '../../core/forecast/plan.ts';
import { runRows } from '../../core/jobs/run-rows.ts';
import type { HoldReason } from '../../core/model/decision.ts';
import type { RunId } from '../../core/model/run.ts';
import type { HeldRun, Snapshot } from '../../core/model/snapshot.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Workers } from '../../ports/workers.ts';
import { heldRun } from '../admission/build-snapshot.ts';
import { isDecidedUpon } from '../admission/decided-upon.ts';
import { inSteps } from '../forecasting/same-thread.ts';
import type { AdmissionSettings } from '../settings.ts';
import type { Picture } from './picture.ts';

export interface Prospect {
  readonly run: HeldRun;
  /** Null when nothing keeps it from starting now. */
  readonly reason: HoldReason | null;
  readonly plan: PlannedStart | null;
  readonly aheadInPool: number | null;
}

export interface Outlook {
  /** In the order of the plan, runs without a place in it last; then by (held since, id). */
  readonly prospects: readonly Prospect[];
  readonly byId: ReadonlyMap<RunId, Prospect>;
}

export interface OutlookParts {
  readonly settings: Pick<AdmissionSettings, 'mode' | 'shadowAdopts'>;
  readonly workers: Workers;
  readonly clock: Clock;
}

/** @throws what the port `Workers` throws */
export async function outlookOf(picture: Picture, parts: OutlookParts): Promise<Outlook> {
  const columns = await columnsOf(picture.snapshot, parts.workers);
  return inSteps(parts.clock, named(picture, columns, parts.settings));
}

async function columnsOf(snapshot: Snapshot, workers: Workers): Promise<OutlookColumns> {
  const { held, active, ...head } = snapshot;
  const rows = { [Symbol.iterator]: () => runRows({ held, active }) };
  const job = workers.open('outlook', { head, rows });
  try {
    return await job.ask(null);
  } finally {
    job.close();
  }
}

const RUNS_PER_STEP = 2_000;

function* named(
  picture: Picture,
  columns: OutlookColumns,
  settings: OutlookParts['settings'],
): Generator<void, Outlook> {
  const { held } = picture.snapshot;
  const prospects: Prospect[] = [];
  const unplanned = malformed(picture, settings);
  yield;
  for (const [nth, place] of columns.order.entries()) {
    if (nth % RUNS_PER_STEP === RUNS_PER_STEP - 1) yield;
    const prospect = prospectOf(held, columns, place);
    (prospect.plan === null ? unplanned : prospects).push(prospect);
  }
  prospects.push(...unplanned.toSorted(byHeldSince));
  yield;
  const byId = new Map<RunId, Prospect>();
  for (const prospect of prospects) byId.set(prospect.run.id, prospect);
  return { prospects, byId };
}

function prospectOf(held: readonly HeldRun[], columns: OutlookColumns, place: number): Prospect {
  const ahead = columns.aheadInPool[place] as number;
  return {
    run: held[place] as HeldRun,
    reason: reasonOf(held, columns, place),
    plan: planOf(columns, place),
    aheadInPool: ahead < 0 ? null : ahead,
  };
}

function reasonOf(held: readonly HeldRun[], columns: OutlookColumns, place: number): HoldReason | null {
  const first = columns.reasons[columns.reason[place] as number] ?? null;
  const head = held[columns.head[place] as number];
  if (first === null || head === undefined) return first;
  return { kind: 'behind', head: head.id, ahead: columns.behind[place] as number, first };
}

function planOf({ position, startAtMs, finishAtMs }: OutlookColumns, place: number): PlannedStart | null {
  const at = position[place] as number;
  if (at === 0) return null;
  return { position: at, startAtMs: startAtMs[place] as number, finishAtMs: finishAtMs[place] as number };
}

/** Held runs whose needs cannot be understood: in no snapshot, but people must find them. */
function malformed({ runs, model }: Picture, settings: OutlookParts['settings']): Prospect[] {
  const found: Prospect[] = [];
  for (const run of runs.values()) {
    if (run.state !== 'held' || run.fault === null || !isDecidedUpon(run, settings)) continue;
    const held = heldRun(run, { estimateOf: (series) => model.estimate(series) });
    const reason = { kind: 'malformed', problem: run.fault } as const;
    found.push({ run: held, reason, plan: null, aheadInPool: null });
  }
  return found;
}

function byHeldSince({ run: a }: Prospect, { run: b }: Prospect): number {
  const id = a.id < b.id ? -1 : Number(a.id > b.id);
  return a.heldSinceMs - b.heldSinceMs || id;
}
