/**
 * Policy store: the scheduled policies that are registered, who each of them is, and which
 * runs were made for them. A part of the store (`Store.policies`), with the same promise:
 * every write is durable when its promise resolves.
 *
 * Always true: of one name at most one policy lives; an identity is never given to two; a
 * deleted policy is remembered with its last document, until `DELETED_MAX` newer ones are.
 */
import type { RunId } from '../core/model/run.ts';
import type { Json, Policy } from '../core/policy/model.ts';
import type { Hints } from './hints.ts';

export type PolicySource =
  /** `file` counts from the watched folder; `place` is its number in the file. */
  { readonly kind: 'file'; readonly file: string; readonly place: number } | { readonly kind: 'api' };

/** A policy as it was last saved. */
export interface PolicyRecord {
  /** Opaque; survives editing, renaming, deleting and creating again. */
  readonly identity: string;
  /** Counts up over all policies: no two states of any policy have the same. */
  readonly version: number;
  readonly source: PolicySource;
  readonly policy: Policy;
  /** As its author wrote it, in its own format. */
  readonly document: Json;
  /** What a run of it executes, in the engine's own format; null where only the engine, or GitLab, knows. */
  readonly runContent: string | null;
  /** SHA-256 of that, in hex: tells whether anything in it has changed. */
  readonly runContentHash: string;
  readonly contentHash: string;
  readonly configHash: string;
  /** False while only the place of the content is known, and the hash stands for that. */
  readonly isContentKnown: boolean;
  /** It is enabled, and in a file of GitLab's among the few that act. */
  readonly isActive: boolean;
  readonly savedAtMs: number;
  readonly savedBy: string;
  /** Since when it is there and active: an occurrence that opened before is none of its. */
  readonly activeSinceMs: number;
  readonly deletedAtMs: number | null;
}

/** A policy as a reader of documents made it, before anybody knows which one it is. */
export type ReadPolicyRecord = Pick<
  PolicyRecord,
  | 'policy'
  | 'document'
  | 'runContent'
  | 'runContentHash'
  | 'contentHash'
  | 'configHash'
  | 'isContentKnown'
  | 'isActive'
>;

/** Enough to tell who is who and what has changed. */
export type PolicyOutline = Pick<
  PolicyRecord,
  | 'identity'
  | 'version'
  | 'source'
  | 'contentHash'
  | 'configHash'
  | 'runContentHash'
  | 'isActive'
  | 'activeSinceMs'
  | 'deletedAtMs'
> & { readonly name: string };

/** More deleted ones are not remembered. */
export const DELETED_MAX = 10_000;

export interface PolicyState {
  /** The highest version there is; 0 before the first. */
  readonly version: number;
  /** Those that live, by name, and those that are remembered, the last deleted first. */
  readonly outlines: readonly PolicyOutline[];
  /** By name: the identity that bore it last. */
  readonly lastOfName: ReadonlyMap<string, string>;
}

/** What is ordered about policies. */
export type PolicyOrderKind = 'apply-policy' | 'delete-policy' | 'run-policy';

export interface PolicyOrderEntry {
  readonly atMs: number;
  readonly by: string;
  readonly what: PolicyOrderKind;
  /** "policy audit" */
  readonly about: string;
  readonly detail: string | null;
}

export interface PolicyChange {
  /** Whole records with new versions; each replaces the one of its identity. */
  readonly saved: readonly PolicyRecord[];
  readonly deleted: readonly { readonly identity: string; readonly version: number; readonly atMs: number }[];
  /** For the audit log. */
  readonly entries: readonly PolicyOrderEntry[];
}

export type PolicyRunCause = 'launch' | 'test-run';

/** Where a run comes from. Written before the run is created. */
export interface PolicyRun {
  /** What the engine is asked to call it, derived from what it is for: asking again means the same run. */
  readonly askedId: RunId;
  /** What it is observed under, and what history has it under; null until the engine has answered. */
  readonly runId: RunId | null;
  readonly identity: string;
  /** The policy as it was. */
  readonly policyName: string;
  readonly contentHash: string;
  readonly configHash: string;
  readonly project: string;
  /** Null: the default branch. */
  readonly branch: string | null;
  readonly cause: PolicyRunCause;
  /** Of a launch. */
  readonly occurrenceKey: string | null;
  readonly createdAtMs: number;
}

export interface PolicyStore {
  /** Tells of each change to a registered policy. */
  readonly changes: Hints<void>;
  state(): Promise<PolicyState>;
  /** The one that lives under this name. */
  named(name: string): Promise<PolicyRecord | null>;
  /** Also deleted ones; in the order asked, without those nobody remembers. */
  records(identities: readonly string[]): Promise<readonly PolicyRecord[]>;
  /** All of it or, when the state has another version than this by now, nothing: then it answers false. */
  change(basedOn: number, change: PolicyChange): Promise<boolean>;

  /** Replaces those with the same asked id as long as no run is known of them. */
  addRuns(runs: readonly PolicyRun[]): Promise<void>;
  /** The engine made them, and shows them as this. */
  nameRuns(made: readonly { readonly askedId: RunId; readonly runId: RunId }[]): Promise<void>;
  /** In the order asked, without those that are of no policy. */
  runs(askedIds: readonly RunId[]): Promise<readonly PolicyRun[]>;
  /** By the id they are observed under. */
  runsObservedAs(runIds: readonly RunId[]): Promise<readonly PolicyRun[]>;
}
