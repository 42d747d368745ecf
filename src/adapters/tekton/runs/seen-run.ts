/**
 * A PipelineRun as far as Penstock uses it. Thousands are kept in memory, so this is all that
 * stays of one.
 *
 * Always true: what is said here is said by the object itself; whether Penstock may start it
 * also depends on its namespace and is decided in `observed-run.ts`.
 */

import type { RunId } from '../../../core/model/run.ts';
import type { Needs } from '../../../core/needs/rule.ts';
import { parseDuration } from '../../../core/text/go-duration.ts';
import { instant } from '../instants.ts';
import type { RawObject } from '../kubernetes/api.ts';
import {
  CANCEL_REASON_ANNOTATION,
  HELD,
  HELD_LABEL,
  MANAGED_BY_TEKTON,
  MAX_AGE_ANNOTATION,
  PENDING,
  REQUEST_HASH_ANNOTATION,
  START_BEFORE,
  WAITING_ANNOTATIONS,
} from '../names.ts';
import { type Ending, endingOf } from './ending.ts';
import { idOf } from './run-ids.ts';

/** What Penstock last wrote on the run while it waits, as it stands there. */
export type Notes = Readonly<Partial<Record<keyof typeof WAITING_ANNOTATIONS, string>>>;

export interface SeenRun {
  readonly id: RunId;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly contentHash: string;
  readonly timeoutMs: number | null;
  readonly needs: Needs;
  readonly isPending: boolean;
  /** The label that says that Penstock held it. */
  readonly hasHeldLabel: boolean;
  /** Another controller's: Tekton leaves it alone, or another queue decides on its start. */
  readonly owner: 'tekton' | 'another-queue' | 'another-controller';
  readonly startedAtMs: number | null;
  readonly ending: Ending | null;
  /** Held for longer than this, it is to be cancelled; null: the configuration says. */
  readonly maxAgeMs: number | null;
  readonly notes: Notes;
  /** A start of Penstock's took effect on it, whatever was written on it since. */
  readonly wasStarted: boolean;
  readonly hasAnnotations: boolean;
  readonly requestHash: string | null;
}

interface RunSpec {
  readonly status?: string;
  readonly managedBy?: string;
  readonly timeouts?: { readonly pipeline?: string };
  readonly timeout?: string;
}

interface RunStatus {
  readonly startTime?: string;
}

/** What does not change in the life of an object, or costs much to find: found once. */
export interface Fixed {
  readonly contentHash: string;
  readonly needs: Needs;
}

export interface SeenRunSettings {
  /** Of a run whose spec has none: Tekton's `default-timeout-minutes`. Null for none. */
  readonly defaultTimeoutMs: number | null;
}

/** Of thousands of runs, so one object. */
const NO_NOTES: Notes = {};

const KUEUE_QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';
const PAC_STATE_ANNOTATION = 'pipelinesascode.tekton.dev/state';

export function seenRun(raw: RawObject, fixed: Fixed, settings: SeenRunSettings): SeenRun {
  const { metadata } = raw;
  const spec = (raw.spec ?? {}) as RunSpec;
  const status = (raw.status ?? {}) as RunStatus;
  const annotations = metadata.annotations ?? {};
  const namespace = metadata.namespace ?? '';
  const startedAtMs = instant(status.startTime);
  const ending = endingOf(raw, startedAtMs, annotations[CANCEL_REASON_ANNOTATION] ?? null);
  return {
    id: idOf(namespace, metadata.name, metadata.uid),
    uid: metadata.uid,
    namespace,
    name: metadata.name,
    createdAtMs: instant(metadata.creationTimestamp) ?? 0,
    contentHash: fixed.contentHash,
    timeoutMs: timeoutOf(spec, settings),
    needs: fixed.needs,
    isPending: spec.status === PENDING,
    hasHeldLabel: metadata.labels?.[HELD_LABEL] === HELD,
    owner: ownerOf(raw, spec),
    startedAtMs: ending?.neverRan === true ? null : startedAtMs,
    ending,
    maxAgeMs: parseDuration(annotations[MAX_AGE_ANNOTATION] ?? '') || null,
    notes: notesOf(annotations),
    wasStarted: annotations[START_BEFORE] !== undefined,
    hasAnnotations: metadata.annotations !== undefined && Object.keys(annotations).length > 0,
    requestHash: annotations[REQUEST_HASH_ANNOTATION] ?? null,
  };
}

/** Whether anything is otherwise that decides upon it or is shown of it; what Penstock itself wrote for people is not. */
export function isOtherRun(before: SeenRun, after: SeenRun): boolean {
  return (
    before.isPending !== after.isPending ||
    before.wasStarted !== after.wasStarted ||
    before.startedAtMs !== after.startedAtMs ||
    before.timeoutMs !== after.timeoutMs ||
    before.maxAgeMs !== after.maxAgeMs ||
    before.hasHeldLabel !== after.hasHeldLabel ||
    before.owner !== after.owner ||
    before.needs !== after.needs ||
    isOtherEnding(before.ending, after.ending)
  );
}

function isOtherEnding(before: Ending | null, after: Ending | null): boolean {
  if (before === null || after === null) return before !== after;
  return before.outcome !== after.outcome || before.atMs !== after.atMs || before.reason !== after.reason;
}

function ownerOf(raw: RawObject, spec: RunSpec): SeenRun['owner'] {
  if (spec.managedBy !== undefined && spec.managedBy !== '' && spec.managedBy !== MANAGED_BY_TEKTON) {
    return 'another-controller';
  }
  const { labels, annotations } = raw.metadata;
  const isQueued =
    labels?.[KUEUE_QUEUE_LABEL] !== undefined || annotations?.[PAC_STATE_ANNOTATION] === 'queued';
  return isQueued ? 'another-queue' : 'tekton';
}

/** A timeout of 0 means none. */
function timeoutOf(spec: RunSpec, settings: SeenRunSettings): number | null {
  const text = spec.timeouts?.pipeline ?? spec.timeout;
  const timeoutMs = text === undefined ? settings.defaultTimeoutMs : parseDuration(text);
  return timeoutMs === 0 ? null : timeoutMs;
}

function notesOf(annotations: Readonly<Record<string, string>>): Notes {
  let notes: Notes = NO_NOTES;
  for (const key of Object.keys(WAITING_ANNOTATIONS) as (keyof Notes)[]) {
    const text = annotations[WAITING_ANNOTATIONS[key]];
    if (text !== undefined) notes = { ...notes, [key]: text };
  }
  return notes;
}
