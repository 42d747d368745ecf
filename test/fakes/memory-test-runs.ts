/** Test runs in memory; a part of `memory-store.ts`. */
import { CodedError } from '../../src/core/errors/catalogue.ts';
import { isEnd } from '../../src/core/model/test-run.ts';
import { Hints } from '../../src/ports/hints.ts';
import {
  type Acceptance,
  type Ending,
  type IdempotencyKey,
  KEY_KEPT_MS,
  TEST_RUNS_KEPT,
  type TestRun,
  type TestRunAudit,
  type TestRunPage,
  type TestRunRequest,
  type TestRunStore,
} from '../../src/ports/test-run-store.ts';

interface Turn {
  readonly acceptedAtMs: number;
  readonly beforeMs: number | null;
  readonly id: string;
}

interface KeptKey {
  readonly requestHash: string;
  readonly id: string;
  readonly expiresAtMs: number;
}

export class MemoryTestRuns implements TestRunStore {
  readonly changes = new Hints<string>();
  readonly #log: (entry: TestRunAudit) => void;
  /** In the order of acceptance. */
  readonly #testRuns = new Map<string, { readonly seq: number; readonly testRun: TestRun }>();
  readonly #turns = new Map<string, Turn>();
  readonly #keys = new Map<string, KeptKey>();
  #seq = 0;

  constructor(log: (entry: TestRunAudit) => void) {
    this.#log = log;
  }

  async accept({ testRun, key, apartMs, entry }: TestRunRequest): Promise<Acceptance> {
    const { id, identity, askedAtMs: nowMs } = testRun;
    // All in one turn of the event loop: that is this store's transaction.
    const known = key === null ? null : this.#known(key, nowMs);
    if (known !== null) return known;
    const turn = this.#turns.get(identity);
    if (turn !== undefined && turn.acceptedAtMs > nowMs - apartMs) {
      const acceptedAtMs = Math.min(turn.acceptedAtMs, nowMs);
      this.#turns.set(identity, { ...turn, acceptedAtMs });
      return { kind: 'too-soon', againAtMs: acceptedAtMs + apartMs };
    }
    this.#turns.set(identity, { acceptedAtMs: nowMs, beforeMs: turn?.acceptedAtMs ?? null, id });
    this.#seq += 1;
    this.#testRuns.set(id, { seq: this.#seq, testRun });
    if (key !== null) {
      const kept = { requestHash: key.requestHash, id, expiresAtMs: nowMs + KEY_KEPT_MS };
      this.#keys.set(keyText(key), kept);
    }
    const older = this.#newestFirst(identity).slice(TEST_RUNS_KEPT);
    for (const { testRun: one } of older) if (isEnd(one.state)) this.#testRuns.delete(one.id);
    this.#log(entry);
    this.changes.tell(id);
    return { kind: 'accepted' };
  }

  async known(key: IdempotencyKey, nowMs: number): ReturnType<TestRunStore['known']> {
    return this.#known(key, nowMs);
  }

  #known(key: IdempotencyKey, nowMs: number): Awaited<ReturnType<TestRunStore['known']>> {
    const kept = this.#keys.get(keyText(key));
    if (kept === undefined || kept.expiresAtMs <= nowMs) return null;
    return kept.requestHash === key.requestHash ? { kind: 'repeated', id: kept.id } : { kind: 'key-taken' };
  }

  async revoke(id: string): Promise<void> {
    this.#testRuns.delete(id);
    for (const [key, kept] of this.#keys) if (kept.id === id) this.#keys.delete(key);
    for (const [identity, turn] of this.#turns) {
      if (turn.id !== id) continue;
      if (turn.beforeMs === null) this.#turns.delete(identity);
      else this.#turns.set(identity, { acceptedAtMs: turn.beforeMs, beforeMs: null, id: '' });
    }
    this.changes.tell(id);
  }

  async testRun(id: string): Promise<TestRun | null> {
    return this.#testRuns.get(id)?.testRun ?? null;
  }

  async testRuns(query: {
    readonly identity: string;
    readonly limit: number;
    readonly before: string | null;
  }): Promise<TestRunPage> {
    const before = query.before === null ? Number.POSITIVE_INFINITY : seqOf(query.before);
    const rest = this.#newestFirst(query.identity).filter(({ seq }) => seq < before);
    const page = rest.slice(0, query.limit);
    const last = page.at(-1);
    const next = last !== undefined && rest.length > page.length ? String(last.seq) : null;
    return { testRuns: page.map(({ testRun }) => testRun), next };
  }

  #newestFirst(identity: string) {
    return [...this.#testRuns.values()]
      .filter(({ testRun }) => testRun.identity === identity)
      .sort((a, b) => b.seq - a.seq);
  }

  async open(): Promise<readonly TestRun[]> {
    return [...this.#testRuns.values()]
      .map(({ testRun }) => testRun)
      .filter(({ endedAtMs }) => endedAtMs === null);
  }

  async update(testRun: TestRun): Promise<void> {
    const there = this.#testRuns.get(testRun.id);
    if (there === undefined || there.testRun.endedAtMs !== null) return;
    const { state, runId, startedAtMs, endedAtMs, reason, resources } = testRun;
    const changed = { ...there.testRun, state, runId, startedAtMs, endedAtMs, reason, resources };
    this.#testRuns.set(testRun.id, { ...there, testRun: changed });
    this.changes.tell(testRun.id);
  }

  async orderEnd(id: string, ending: Ending, entry: TestRunAudit | null): Promise<boolean> {
    const there = this.#testRuns.get(id);
    if (there === undefined || there.testRun.endedAtMs !== null || there.testRun.ending !== null)
      return false;
    this.#testRuns.set(id, { ...there, testRun: { ...there.testRun, ending } });
    if (entry !== null) this.#log(entry);
    this.changes.tell(id);
    return true;
  }
}

function keyText({ caller, key }: IdempotencyKey): string {
  return JSON.stringify([caller, key]);
}

function seqOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CodedError('request-invalid', 'before: must be what an earlier page gave as next.', {
    field: 'before',
  });
}
