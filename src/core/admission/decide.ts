/**
 * Admission for a whole snapshot: which held runs start now, and which grants stand after.
 *
 * It is apart from the loop so that the controller and the forecast run the same code;
 * otherwise prediction and behaviour would drift apart unnoticed. Pure: the same snapshot
 * gives the same decision, whatever order its lists are in.
 */
import type { Decision } from '../model/decision.ts';
import type { RunId } from '../model/run.ts';
import type { Grant, Snapshot } from '../model/snapshot.ts';
import { ActiveRuns } from './active-runs.ts';
import { buildTables } from './build-tables.ts';
import { AdmissionQueue } from './queue.ts';

/** Linear in the runs of the snapshot to read them, then by classes for each start. */
export function decide(snapshot: Snapshot): Decision {
  const queue = new AdmissionQueue(buildTables(snapshot));
  const starts: RunId[] = [];
  const active = new ActiveRuns(queue.tables);
  for (let run = queue.next(); run >= 0; run = queue.next()) {
    starts.push(queue.tables.ids[run] as RunId);
    active.add(run, snapshot.nowMs);
  }
  queue.give(active);
  return { starts, grants: grantsOf(queue), reviewAtMs: reviewAtMs(queue) };
}

export function grantsOf(queue: AdmissionQueue): readonly Grant[] {
  return queue.grants.standing.map((grant) => ({
    runId: queue.tables.ids[grant.run] as RunId,
    grantedAtMs: grant.grantedAtMs,
    promisedAtMs: grant.promisedAtMs,
  }));
}

/**
 * Time alone changes a decision only by making a head overdue. A promise that falls due and
 * an expected end that passes only ever forbid more.
 */
function reviewAtMs(queue: AdmissionQueue): number | null {
  if (queue.tables.paused) return null;
  let earliest = Number.POSITIVE_INFINITY;
  for (let c = 0; c < queue.tables.classCount; c += 1) {
    const atMs = queue.waiting.overdueMs[c] as number;
    if (atMs > queue.nowMs && atMs < earliest) earliest = atMs;
  }
  return Number.isFinite(earliest) ? earliest : null;
}
