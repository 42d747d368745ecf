/**
 * Where everything of the local engine is on disk. The file system is the truth: a run's
 * state is the folder its marker (an empty file) is in, and a marker changes folder only
 * by rename, which is atomic and which only one of several contenders can win.
 *
 *   incoming/<batch>/...              a batch being created; counts once `committed` is there
 *   runs/<id>/run.jsonl               facts, plan and content, one line each; never changes
 *   runs/<id>/supervisor.<token>.json who runs it, one for each attempt to start
 *   runs/<id>/order.<token>.json      what that one was told
 *   runs/<id>/cancel.json             the first request to cancel it
 *   runs/<id>/outcome.json            how it ended; written once
 *   runs/<id>/logs, work, results, scripts
 *   state/held/<id>
 *   state/starting/<id>~<deadlineMs>~<token>
 *   state/running/<id>~<token>
 *   state/ending/<id>~cancelled       cancelled before it ran; the outcome is being written
 *   state/ending/<id>~<token>         its supervisor is gone; what is left of it is being ended
 *   state/finished/<id>
 *   state/archived/<id>               forgotten; kept so that its id is not used again
 *
 * A token names one attempt to start; every process of that attempt carries it in its
 * environment.
 */
import { join } from 'node:path';

export const STATE_FOLDERS = ['held', 'starting', 'ending', 'running', 'finished', 'archived'] as const;
export type StateFolder = (typeof STATE_FOLDERS)[number];

/** In `ending`, instead of a token: the run never ran. */
export const NEVER_RAN = 'cancelled';

/** Ids become file names: no separators, no dots in front, short enough for every file system. */
export const RUN_ID_PATTERN = /^[a-z0-9][a-z0-9.-]{0,100}$/;

export function stateFolder(folder: string, state: StateFolder): string {
  return join(folder, 'state', state);
}

export function heldMarker(folder: string, id: string): string {
  return join(folder, 'state', 'held', id);
}

export interface Attempt {
  readonly id: string;
  readonly deadlineMs: number;
  readonly token: string;
}

export function startingMarker(folder: string, attempt: Attempt): string {
  return join(folder, 'state', 'starting', `${attempt.id}~${attempt.deadlineMs}~${attempt.token}`);
}

/** Null for a file that is no marker of ours. */
export function readStartingName(name: string): Attempt | null {
  const [id, deadline, token] = name.split('~');
  const deadlineMs = Number(deadline);
  if (id === undefined || token === undefined || !Number.isFinite(deadlineMs)) return null;
  return { id, deadlineMs, token };
}

export function runningMarker(folder: string, id: string, token: string): string {
  return join(folder, 'state', 'running', `${id}~${token}`);
}

export function endingMarker(folder: string, id: string, token: string): string {
  return join(folder, 'state', 'ending', `${id}~${token}`);
}

/** For names in `running` and `ending`. */
export function readTokenName(name: string): { readonly id: string; readonly token: string } | null {
  const [id, token] = name.split('~');
  return id === undefined || token === undefined ? null : { id, token };
}

export function finishedMarker(folder: string, id: string): string {
  return join(folder, 'state', 'finished', id);
}

export function archivedMarker(folder: string, id: string): string {
  return join(folder, 'state', 'archived', id);
}

export function runFolder(folder: string, id: string): string {
  return join(folder, 'runs', id);
}

export function logFileName(task: string, step: string): string {
  return `${task}.${step}.log`;
}
