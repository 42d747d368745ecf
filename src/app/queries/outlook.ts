/**
 * What lies before the held runs of one picture: why each waits, its place, and how many
 * are ahead of it where it waits.
 *
 * Always true: reasons, places and the counts ahead come from one snapshot and agree with
 * each other; a run is ahead only if the median plan starts it at an earlier instant.
 */
import { decide } from '../../core/admission/decide.ts';
import { holdReasons } from '../../core/admission/hold-reasons.ts';
import { medianPlan, type PlannedStart } from '../../core/forecast/plan.ts';
import type { HoldReason } from '../../core/model/decision.ts';
import type { RunId } from '../../core/model/run.ts';
import type { HeldRun } from '../../core/model/snapshot.ts';
import { heldRun } from '../admission/build-snapshot.ts';
import { isDecidedUpon } from '../admission/decided-upon.ts';
import type { AdmissionSettings } from '../settings.ts';
import type { Picture } from './picture.ts';
import { poolWaitedFor } from './reason-sentences.ts';

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

export function outlookOf(picture: Picture, settings: Whose): Outlook {
  const { snapshot } = picture;
  const reasons = holdReasons(snapshot, decide(snapshot));
  const plan = medianPlan(snapshot);
  const admissible = snapshot.held.map((run) => ({
    run,
    reason: reasons.get(run.id) ?? null,
    plan: plan.get(run.id) ?? null,
  }));
  const ordered = [...admissible, ...malformed(picture, settings)].toSorted(byPlace);
  const ahead = countAhead(ordered);
  const prospects = ordered.map((row) => ({ ...row, aheadInPool: ahead.get(row.run.id) ?? null }));
  return { prospects, byId: new Map(prospects.map((prospect) => [prospect.run.id, prospect])) };
}

type Row = Omit<Prospect, 'aheadInPool'>;
type Whose = Pick<AdmissionSettings, 'mode' | 'shadowAdopts'>;

/** Held runs whose needs cannot be understood: in no snapshot, but people must find them. */
function malformed({ runs, model }: Picture, settings: Whose): readonly Row[] {
  const rows: Row[] = [];
  for (const run of runs.values()) {
    if (run.state !== 'held' || run.fault === null || !isDecidedUpon(run, settings)) continue;
    const held = heldRun(run, { estimateOf: (series) => model.estimate(series) });
    rows.push({ run: held, reason: { kind: 'malformed', problem: run.fault }, plan: null });
  }
  return rows;
}

function byPlace(a: Row, b: Row): number {
  const place = (row: Row): number => row.plan?.position ?? Number.MAX_SAFE_INTEGER;
  const id = a.run.id < b.run.id ? -1 : Number(a.run.id > b.run.id);
  return place(a) - place(b) || a.run.heldSinceMs - b.run.heldSinceMs || id;
}

/** Runs that the plan starts at the same instant share a position, and none is ahead of the other. */
function countAhead(ordered: readonly Row[]): ReadonlyMap<RunId, number> {
  const ahead = new Map<RunId, number>();
  const earlier = new Map<string, number>();
  let together: Row[] = [];
  const pass = (): void => {
    for (const { run } of together) {
      for (const pool of Object.keys(run.requests)) earlier.set(pool, (earlier.get(pool) ?? 0) + 1);
    }
    together = [];
  };
  for (const row of ordered) {
    if (row.plan === null) break;
    if (together[0]?.plan?.position !== row.plan.position) pass();
    together.push(row);
    const pool = row.reason === null ? null : poolWaitedFor(row.reason);
    if (pool !== null) ahead.set(row.run.id, earlier.get(pool) ?? 0);
  }
  return ahead;
}
