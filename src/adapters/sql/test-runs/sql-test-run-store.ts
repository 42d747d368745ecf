/**
 * Test runs in the database: the part of the store that other parts know nothing of.
 *
 * Always true: every promise that is to change something resolves after its transaction.
 */
import type { Kysely } from 'kysely';
import type {
  Acceptance,
  Ending,
  IdempotencyKey,
  TestRun,
  TestRunAudit,
  TestRunPage,
  TestRunRequest,
  TestRunStore,
} from '../../../ports/test-run-store.ts';
import type { Tables, Tx } from '../schema.ts';
import { accept, knownKey, revoke } from './accepting.ts';
import { orderEnd, readOpen, readTestRun, readTestRuns, updateTestRun } from './rows.ts';

export class SqlTestRunStore implements TestRunStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  #write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.#db.transaction().execute(work);
  }

  accept(request: TestRunRequest): Promise<Acceptance> {
    return this.#write((tx) => accept(tx, request));
  }

  known(key: IdempotencyKey, nowMs: number): ReturnType<TestRunStore['known']> {
    return knownKey(this.#db, key, nowMs);
  }

  revoke(id: string): Promise<void> {
    return this.#write((tx) => revoke(tx, id));
  }

  testRun(id: string): Promise<TestRun | null> {
    return readTestRun(this.#db, id);
  }

  testRuns(query: {
    readonly identity: string;
    readonly limit: number;
    readonly before: string | null;
  }): Promise<TestRunPage> {
    return readTestRuns(this.#db, query);
  }

  open(): Promise<readonly TestRun[]> {
    return readOpen(this.#db);
  }

  update(testRun: TestRun): Promise<void> {
    return this.#write((tx) => updateTestRun(tx, testRun));
  }

  orderEnd(id: string, ending: Ending, entry: TestRunAudit | null): Promise<boolean> {
    return this.#write((tx) => orderEnd(tx, id, ending, entry));
  }
}
