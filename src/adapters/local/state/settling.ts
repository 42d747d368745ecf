/**
 * Bringing to an end what nobody else will: runs cancelled before they ran, and runs
 * whose supervisor is gone (killed, or the machine restarted). Everything here may be
 * done again, by another process too, without another result.
 */
import { join } from 'node:path';
import { endCarriers } from '../end-processes.ts';
import { birthOf } from '../process-table.ts';
import { moved, readIfThere, writeOnce } from './files.ts';
import { endingMarker, finishedMarker, NEVER_RAN, runFolder, runningMarker } from './layout.ts';
import type { CancelRecord, OutcomeRecord, SupervisorRecord } from './records.ts';

export function isAlive(supervisor: SupervisorRecord): boolean {
  return birthOf(supervisor.pid) === supervisor.birth;
}

/** The run is in `ending` and never ran. */
export function settleCancelled(folder: string, id: string): void {
  const request = cancelRequest(folder, id);
  const outcome: OutcomeRecord = {
    outcome: 'cancelled',
    reason: request?.reason ?? 'cancelled',
    usage: null,
    startedAtMs: null,
    finishedAtMs: request?.atMs ?? Date.now(),
  };
  finish(folder, id, NEVER_RAN, outcome);
}

/** The run is in `running` and its supervisor is gone: claims it. False when somebody else did, or it had just finished. */
export function claimLost(folder: string, id: string, token: string): boolean {
  if (readIfThere(join(runFolder(folder, id), 'outcome.json')) !== null) {
    moved(runningMarker(folder, id, token), finishedMarker(folder, id));
    return false;
  }
  return moved(runningMarker(folder, id, token), endingMarker(folder, id, token));
}

export interface LostRun {
  readonly id: string;
  readonly token: string;
  readonly startedAtMs: number | null;
  readonly graceMs: number;
}

/** The run is in `ending`: ends its processes, then says that it failed. */
export async function settleLost(folder: string, lost: LostRun): Promise<void> {
  const left = await endCarriers(lost.token, lost.graceMs);
  const request = cancelRequest(folder, lost.id);
  const rest = left === 0 ? '' : `; ${left} of its processes could not be ended`;
  finish(folder, lost.id, lost.token, {
    outcome: request === null ? 'failed' : 'cancelled',
    reason: (request?.reason ?? 'its supervisor was killed') + rest,
    usage: null,
    startedAtMs: lost.startedAtMs,
    finishedAtMs: Date.now(),
  });
}

function finish(folder: string, id: string, token: string, outcome: OutcomeRecord): void {
  writeOnce(join(runFolder(folder, id), 'outcome.json'), JSON.stringify(outcome), 'through-power-cut');
  moved(endingMarker(folder, id, token), finishedMarker(folder, id));
}

function cancelRequest(folder: string, id: string): CancelRecord | null {
  const text = readIfThere(join(runFolder(folder, id), 'cancel.json'));
  return text === null ? null : (JSON.parse(text) as CancelRecord);
}
