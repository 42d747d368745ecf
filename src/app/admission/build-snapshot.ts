/**
 * Builds the snapshot an admission decision is made from, out of what was observed.
 * Pure, so that whoever only opens the store (a command without a server) sees the same
 * queue as the loop does.
 *
 * Always true: a run is held or active, never both; a run with an unsettled start mark is
 * active, though the engine still shows it held; a run that is not decided
 * upon, or whose needs cannot be understood, is never held here.
 */
import type { Series } from '../../core/duration/model.ts';
import { type Estimate, isFinished, type RunId } from '../../core/model/run.ts';
import type { ActiveRun, ClassStart, Grant, HeldRun, Pool, Snapshot } from '../../core/model/snapshot.ts';
import type { ObservedRun } from '../../ports/engine.ts';
import type { StartMark } from '../../ports/store.ts';
import type { AdmissionSettings } from '../settings.ts';
import { isDecidedUpon } from './decided-upon.ts';

export interface SnapshotInput {
  readonly nowMs: number;
  readonly settings: AdmissionSettings;
  readonly pools: readonly Pool[];
  readonly runs: readonly ObservedRun[];
  /** Unsettled ones only. */
  readonly marks: readonly StartMark[];
  readonly grants: readonly Grant[];
  readonly classStarts: readonly ClassStart[];
  readonly estimateOf: (series: Series) => Estimate;
  /** Absent: each is made anew. */
  readonly heldRunOf?: (run: ObservedRun) => HeldRun;
  /** Held runs that are not to be tried now. */
  readonly notNow?: ReadonlySet<RunId>;
}

export function buildSnapshot(input: SnapshotInput): Snapshot {
  const heldRunOf = input.heldRunOf ?? ((run: ObservedRun): HeldRun => heldRun(run, input));
  const markedAtMs = new Map(input.marks.map((mark) => [mark.runId, mark.markedAtMs]));
  const held: HeldRun[] = [];
  const active: ActiveRun[] = [];
  for (const run of input.runs) {
    if (isFinished(run.state)) continue;
    const marked = markedAtMs.get(run.id);
    if (run.state !== 'held' || marked !== undefined) {
      active.push(activeRun(run, run.startedAtMs ?? marked ?? run.heldSinceMs, input));
    } else if (isDecidedUpon(run, input.settings) && run.fault === null && !input.notNow?.has(run.id)) {
      held.push(heldRunOf(run));
    }
  }
  return {
    nowMs: input.nowMs,
    paused: input.settings.paused,
    maxGrants: input.settings.maxGrants,
    pools: input.pools,
    priorities: input.settings.priorities,
    tenants: input.settings.tenants,
    held,
    active,
    grants: input.grants,
    classStarts: stillTelling(input.classStarts, held),
  };
}

/** A class start before the oldest held run began to wait can make nobody more or less overdue. */
function stillTelling(starts: readonly ClassStart[], held: readonly HeldRun[]): readonly ClassStart[] {
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const run of held) oldestMs = Math.min(oldestMs, run.heldSinceMs);
  return starts.filter((start) => start.atMs > oldestMs);
}

export function heldRun(run: ObservedRun, input: Pick<SnapshotInput, 'estimateOf'>): HeldRun {
  return {
    id: run.id,
    project: run.project,
    tenant: run.tenant,
    contentHash: run.contentHash,
    priority: run.priority,
    requests: run.requests,
    heldSinceMs: run.heldSinceMs,
    estimate: input.estimateOf(run),
    timeoutMs: run.timeoutMs,
  };
}

function activeRun(run: ObservedRun, sinceMs: number, input: SnapshotInput): ActiveRun {
  return {
    id: run.id,
    project: run.project,
    tenant: run.tenant,
    contentHash: run.contentHash,
    requests: run.requests,
    sinceMs,
    estimate: input.estimateOf(run),
    timeoutMs: run.timeoutMs,
  };
}
