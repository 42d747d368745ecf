/**
 * Launch store: occurrences of policies and their launches, planned ahead as rows. A part of
 * the store (`Store.launches`), with the same promise: every write is durable when its promise
 * resolves.
 *
 * Always true: of a policy's identity, occurrence, project and branch there is one launch; one
 * that is being created or was launched is never planned again.
 */
import type { Outcome, RunId } from '../core/model/run.ts';
import type { Spread } from '../core/policy/model.ts';
import type { Hints } from './hints.ts';

/** What becomes of a launch. Only the first two go on to another. */
export const LAUNCH_STATES = [
  'planned',
  /** The engine is about to be asked, or was and has not answered. */
  'creating',
  /** Its run exists, or existed. */
  'launched',
  /** Its moment passed, and it may not be that late. */
  'missed',
  'snoozed',
  'disabled',
  'out-of-scope',
  /** Its policy was deleted, or no longer has this occurrence. */
  'withdrawn',
  /** Its run was refused, or could not be created in time. */
  'failed',
] as const;
export type LaunchState = (typeof LAUNCH_STATES)[number];

export interface LaunchKey {
  readonly identity: string;
  readonly occurrenceKey: string;
  readonly project: string;
  /** Null: the default branch. */
  readonly branch: string | null;
}

/** `vanished`: the engine shows it no more, and history does not have it. */
export type LaunchOutcome = Outcome | 'vanished';

export interface LaunchRecord extends LaunchKey {
  readonly atMs: number;
  /** When it is too late to start it; null where only its lateness counts. */
  readonly expiresAtMs: number | null;
  readonly state: LaunchState;
  /** Why it is in this state, for a person; null where that needs no word. */
  readonly reason: string | null;
  readonly askedId: RunId | null;
  /** What its run is observed under. */
  readonly runId: RunId | null;
  readonly attempts: number;
  /** Not before this; null: at its moment. */
  readonly retryAtMs: number | null;
  readonly launchedAtMs: number | null;
  readonly outcome: LaunchOutcome | null;
  readonly endedAtMs: number | null;
}

/** A launch as it is planned, or as why it is not. */
export type PlannedLaunch = Pick<
  LaunchRecord,
  'project' | 'branch' | 'atMs' | 'expiresAtMs' | 'state' | 'reason'
>;

/** What a launch that is in state `from` becomes; what is left out stays. */
export interface LaunchChange {
  readonly key: LaunchKey;
  readonly from: LaunchState;
  readonly to: Partial<Omit<LaunchRecord, keyof LaunchKey | 'atMs'>>;
}

export const OCCURRENCE_VERDICTS = [
  'planned',
  /** All of it passed while nobody was there; it has no launches. */
  'missed',
  'nothing-in-scope',
  /** It would have more launches than one may have. */
  'too-large',
] as const;
export type OccurrenceVerdict = (typeof OCCURRENCE_VERDICTS)[number];

export interface OccurrenceRecord {
  readonly identity: string;
  /** Of its schedule: the local date; of an order: what that named it. */
  readonly key: string;
  readonly cause: 'schedule' | 'order';
  readonly startsAtMs: number;
  readonly windowMs: number;
  readonly spread: Spread;
  /** Of what it was planned from; another text, another plan. */
  readonly plan: string;
  readonly verdict: OccurrenceVerdict;
  readonly reason: string | null;
  /** Who ordered it; null for one of the schedule. */
  readonly askedBy: string | null;
  readonly createdAtMs: number;
}

export interface LaunchCount {
  readonly occurrenceKey: string;
  readonly state: LaunchState;
  readonly outcome: LaunchOutcome | null;
  readonly count: number;
}

export interface LaunchPage {
  /** In the order in which they were planned. */
  readonly launches: readonly LaunchRecord[];
  readonly next: string | null;
}

export interface OccurrencePage {
  /** The latest first. */
  readonly occurrences: readonly OccurrenceRecord[];
  readonly next: string | null;
}

/** Of one policy. */
export interface OccurrenceRef {
  readonly identity: string;
  readonly key: string;
}

export interface LaunchStore {
  /** Tells of each change to an occurrence or its launches, made. */
  readonly changes: Hints<readonly OccurrenceRef[]>;
  /** Up to when all occurrences were looked at; null before the first time. */
  progress(): Promise<number | null>;
  saveProgress(lookedUntilMs: number): Promise<void>;

  /**
   * Replaces the occurrence and plans its launches: new ones are added; those there already
   * that are neither being created nor launched become as planned; others stay.
   */
  savePlan(occurrence: OccurrenceRecord, launches: readonly PlannedLaunch[]): Promise<void>;
  occurrence(identity: string, key: string): Promise<OccurrenceRecord | null>;
  /** Those that begin at or after this, of all policies. */
  occurrencesFrom(startsAtMs: number): Promise<readonly OccurrenceRecord[]>;
  /** All of one occurrence. */
  launchesOf(identity: string, occurrenceKey: string): Promise<readonly LaunchRecord[]>;

  /** Planned ones whose moment, and the moment of their next try, is not after this; the earliest first. */
  due(nowMs: number, limit: number): Promise<readonly LaunchRecord[]>;
  /** Being created, and to be looked after at this moment. */
  unanswered(nowMs: number, limit: number): Promise<readonly LaunchRecord[]>;
  /** When the next one is due or to be looked after; null when none is. */
  nextAtMs(): Promise<number | null>;
  /** Launched, not known to have ended, and too late to start since before this. */
  expired(nowMs: number, limit: number): Promise<readonly LaunchRecord[]>;
  /** When the next one is too late to start. */
  nextExpiryMs(): Promise<number | null>;
  /** Those that are in another state by now stay as they are; returns how many changed. */
  change(changes: readonly LaunchChange[]): Promise<number>;
  /** Launched ones whose run history has get its outcome; returns how many. */
  settleFinished(): Promise<number>;
  /** Launched before this and not known to have ended. */
  unsettled(launchedBeforeMs: number, limit: number): Promise<readonly LaunchRecord[]>;

  /** `limit` 1 to 200. */
  occurrences(
    identity: string,
    query: { readonly limit: number; readonly before: string | null },
  ): Promise<OccurrencePage>;
  counts(identity: string, occurrenceKeys: readonly string[]): Promise<readonly LaunchCount[]>;
  /** `limit` 1 to 1000. */
  launches(
    identity: string,
    occurrenceKey: string,
    query: { readonly limit: number; readonly after: string | null },
  ): Promise<LaunchPage>;
  /** Forgets occurrences that began before this, with their launches, unless one of those goes on. */
  forgetBefore(startsAtMs: number): Promise<void>;
}
