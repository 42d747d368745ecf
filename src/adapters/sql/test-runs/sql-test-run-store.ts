/**
 * Test runs in the database: the part of the store that other parts know nothing of.
 *
 * Always true: every promise that is to change something resolves after its transaction.
 */
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
import { SharedHints } from '../others.ts';
import { SqlPart } from '../part.ts';
import { accept, knownKey, revoke } from './accepting.ts';
import { orderEnd, readOpen, readTestRun, readTestRuns, updateTestRun } from './rows.ts';

export class SqlTestRunStore extends SqlPart implements TestRunStore {
  readonly changes = new SharedHints<string>((id) => this.others.tell({ kind: 'test-run', id }));

  async accept(request: TestRunRequest): Promise<Acceptance> {
    const accepted = await this.write((tx) => accept(tx, request));
    if (accepted.kind === 'accepted') this.changes.tell(request.testRun.id);
    return accepted;
  }

  known(key: IdempotencyKey, nowMs: number): ReturnType<TestRunStore['known']> {
    return knownKey(this.db, key, nowMs);
  }

  async revoke(id: string): Promise<void> {
    await this.write((tx) => revoke(tx, id));
    this.changes.tell(id);
  }

  testRun(id: string): Promise<TestRun | null> {
    return readTestRun(this.db, id);
  }

  testRuns(query: {
    readonly identity: string;
    readonly limit: number;
    readonly before: string | null;
  }): Promise<TestRunPage> {
    return readTestRuns(this.db, query);
  }

  open(): Promise<readonly TestRun[]> {
    return readOpen(this.db);
  }

  async update(testRun: TestRun): Promise<void> {
    await this.write((tx) => updateTestRun(tx, testRun));
    this.changes.tell(testRun.id);
  }

  async orderEnd(id: string, ending: Ending, entry: TestRunAudit | null): Promise<boolean> {
    const ordered = await this.write((tx) => orderEnd(tx, id, ending, entry));
    if (ordered) this.changes.tell(id);
    return ordered;
  }
}
