/**
 * The one request that starts a held run: a JSON patch (RFC 6902) that tests before it
 * removes. It is atomic, so a run that was cancelled, started or made again meanwhile is left
 * as it is; a blind merge patch was seen to revive a cancelled run.
 *
 * Always true: it starts exactly the object that was observed, once.
 */
import { wholeSeconds } from '../instants.ts';
import { HELD_LABEL, PENDING, pointer, START_BEFORE, STARTED_BY, WAITING_ANNOTATIONS } from '../names.ts';
import type { Notes, SeenRun } from './seen-run.ts';

export type PatchStep =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export interface StartSeal {
  /** By the API server's clock; a policy on the server refuses the start after it. */
  readonly startBeforeMs: number;
  /** The leader that asks; a policy on the server refuses the start of a deposed one. Null where there is one process only. */
  readonly startedBy: string | null;
}

/** What of a run its start depends on. */
export type Startable = Pick<SeenRun, 'uid' | 'hasHeldLabel' | 'hasAnnotations' | 'notes'>;

export function startPatch(run: Startable, seal: StartSeal): readonly PatchStep[] {
  const label = `/metadata/labels/${pointer(HELD_LABEL)}`;
  return [
    { op: 'test', path: '/metadata/uid', value: run.uid },
    { op: 'test', path: '/spec/status', value: PENDING },
    // An adopted run gets the label with its start, so that it stays recognisable as ours.
    ...(run.hasHeldLabel ? [{ op: 'test', path: label, value: 'true' } as const] : []),
    ...annotate(run, sealed(seal)),
    ...removeNotes(run.notes),
    { op: 'remove', path: '/spec/status' },
  ];
}

function sealed(seal: StartSeal): Readonly<Record<string, string>> {
  // Cut, so never later than meant; the server's own stamp has no finer unit.
  const before = { [START_BEFORE]: wholeSeconds(seal.startBeforeMs) };
  return seal.startedBy === null ? before : { ...before, [STARTED_BY]: seal.startedBy };
}

/** `add` below the annotations needs that map to exist. */
export function annotate(
  run: Pick<SeenRun, 'hasAnnotations'>,
  annotations: Readonly<Record<string, string>>,
): readonly PatchStep[] {
  if (!run.hasAnnotations) return [{ op: 'add', path: '/metadata/annotations', value: annotations }];
  return Object.entries(annotations).map(([key, value]) => ({
    op: 'add',
    path: `/metadata/annotations/${pointer(key)}`,
    value,
  }));
}

/** Tekton copies annotations down to the pods; what was true while it waited is true no more. */
function removeNotes(notes: Notes): readonly PatchStep[] {
  return (Object.keys(notes) as (keyof Notes)[]).map((key) => ({
    op: 'remove',
    path: `/metadata/annotations/${pointer(WAITING_ANNOTATIONS[key])}`,
  }));
}
