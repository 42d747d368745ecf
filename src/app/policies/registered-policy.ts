/**
 * What is handed to the registry, and what it hands out: a policy with who it is, where it
 * comes from and its hashes.
 */
import type { PolicyFormat } from '../../core/policy/model.ts';
import type { PolicyRecord, PolicySource } from '../../ports/policy-store.ts';

export type { ReadPolicyRecord } from '../../ports/policy-store.ts';

/** A policy of the registry; `deletedAtMs` is null unless it was asked for by its identity. */
export type RegisteredPolicy = PolicyRecord;

/** What a change is made upon: `If-Match` and `If-None-Match`. */
export type Condition =
  | { readonly kind: 'none' }
  /** It is there. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'absent' }
  /** It is there in one of these versions. */
  | { readonly kind: 'version'; readonly versions: readonly number[] };

export interface AppliedPolicy {
  readonly kind: 'created' | 'updated' | 'unchanged';
  readonly policy: RegisteredPolicy;
}

/** How a policy is shown in a list. */
export interface PolicyView {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  /** Opaque; stays through every change. */
  readonly identity: string;
  readonly format: PolicyFormat;
  readonly enabled: boolean;
  /** Enabled, and acted upon. */
  readonly active: boolean;
  /** Why nothing of it is launched although it is active; null where it is. */
  readonly notLaunched: string | null;
  /** Null unless a snooze is on. */
  readonly snoozedUntilMs: number | null;
  /** When its next window opens; null where none does. */
  readonly nextOccurrenceAtMs: number | null;
  readonly source: PolicySource;
  readonly version: number;
  readonly contentHash: string;
  readonly configHash: string;
  readonly contentKnown: boolean;
  readonly savedAtMs: number;
  readonly savedBy: string;
}

export interface PolicyDetail extends PolicyView {
  /** As its author wrote it. */
  /** Null for who may not see all projects. */
  readonly document: Readonly<Record<string, unknown>> | null;
}

/** A file of the watched folder that has problems. */
export interface PolicyFileView {
  readonly file: string;
  /** The policies of its last good version stand. */
  readonly keptPolicies: number;
  readonly problems: readonly string[];
}

export interface PoliciesView {
  /** By name. */
  readonly policies: readonly PolicyView[];
  /** Give it back as `after` for the next page; null at the end. */
  readonly next: string | null;
  /** Files that could not be read as they are; on every page. */
  readonly brokenFiles: readonly PolicyFileView[];
}
