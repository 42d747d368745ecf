/**
 * Test-run store: who asked for which test run, what became of it, and when the next of the
 * same policy may be. A part of the store (`Store.testRuns`), with the same promise: every
 * write is durable when its promise resolves.
 *
 * Always true: of one identity no two test runs were accepted within the time between two,
 * whoever asked, at whatever instant, through whichever process.
 */
import type { RunId } from '../core/model/run.ts';
import type { EndingReason, TestRunResources, TestRunState } from '../core/model/test-run.ts';
import type { Hints } from './hints.ts';

export interface TestRun {
  readonly id: string;
  /** Of the policy; survives its renaming. */
  readonly identity: string;
  /** The policy as it was. */
  readonly policyName: string;
  readonly contentHash: string;
  readonly configHash: string;
  readonly project: string;
  /** Null: the default branch. */
  readonly branch: string | null;
  readonly askedBy: string;
  readonly askedAtMs: number;
  /** What the engine is asked to call its run; follows from `id`. */
  readonly askedId: RunId;
  readonly state: TestRunState;
  /** What its run is observed under; null until the engine has answered. */
  readonly runId: RunId | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Why it ended as it did, one line; null for a plain success, or one not ended. */
  readonly reason: string | null;
  readonly resources: TestRunResources;
  /** Its end was ordered, by whom and since when; null where nobody did. */
  readonly ending: Ending | null;
}

export interface Ending {
  readonly kind: EndingReason;
  readonly by: string;
  readonly sinceMs: number;
}

/** A request that may be repeated and then means the same test run. */
export interface IdempotencyKey {
  /** Keys of different callers are different keys. */
  readonly caller: string;
  readonly key: string;
  /** Of what was asked. */
  readonly requestHash: string;
}

/** So long a repeated request is known. */
export const KEY_KEPT_MS = 24 * 3_600_000;
/** Of one policy the last so many test runs are kept. */
export const TEST_RUNS_KEPT = 500;

export interface TestRunAudit {
  readonly atMs: number;
  readonly by: string;
  readonly what: 'test-run' | 'cancel-test-run';
  readonly about: string;
  readonly detail: string | null;
}

export interface TestRunRequest {
  /** As it is when it was accepted: `waiting`. */
  readonly testRun: TestRun;
  readonly key: IdempotencyKey | null;
  /** From one accepted one of the same identity to the next. */
  readonly apartMs: number;
  readonly entry: TestRunAudit;
}

export type Acceptance =
  | { readonly kind: 'accepted' }
  /** The same request was accepted before. */
  | { readonly kind: 'repeated'; readonly id: string }
  /** The same key came with another request. */
  | { readonly kind: 'key-taken' }
  | { readonly kind: 'too-soon'; readonly againAtMs: number };

export interface TestRunPage {
  /** The last accepted first. */
  readonly testRuns: readonly TestRun[];
  /** Give it back as `before` for the next page; null at the end. */
  readonly next: string | null;
}

export interface TestRunStore {
  /** Tells the id of each test run that was accepted, changed or revoked. */
  readonly changes: Hints<string>;
  /**
   * All in one: a refused request leaves nothing behind. Where the clock was set back behind the
   * last accepted one, that one counts as accepted now, so that nobody waits for longer than `apartMs`.
   */
  accept(request: TestRunRequest): Promise<Acceptance>;
  /** What came of a key; null when it is not known (any more). */
  known(
    key: IdempotencyKey,
    nowMs: number,
  ): Promise<Extract<Acceptance, { kind: 'repeated' | 'key-taken' }> | null>;
  /** As though it had never been asked for: its run could not be made. */
  revoke(id: string): Promise<void>;
  testRun(id: string): Promise<TestRun | null>;
  /** `limit` 1 to 1000. */
  testRuns(query: {
    readonly identity: string;
    readonly limit: number;
    readonly before: string | null;
  }): Promise<TestRunPage>;
  /** Those that have not ended, the first asked for first. */
  open(): Promise<readonly TestRun[]>;
  /** Writes what is new of one that has not ended; one that has is left as it is. */
  update(testRun: TestRun): Promise<void>;
  /** Notes that its end is ordered, once; false when it has ended, or was ordered before. */
  orderEnd(id: string, ending: Ending, entry: TestRunAudit | null): Promise<boolean>;
}
