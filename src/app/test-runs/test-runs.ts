/**
 * Test runs, as callers ask for them: one real run of a policy on one project, by an owner of it.
 *
 * Always true: a request that is refused leaves nothing behind and does not count; one that was
 * accepted is durable before its run is made, and ends.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { NOTHING_MEASURED } from '../../core/model/test-run.ts';
import { type ScopeCandidate, scopeVerdict } from '../../core/policy/scope.ts';
import type { Caller } from '../../ports/access.ts';
import type { IdempotencyKey, TestRun, TestRunAudit } from '../../ports/test-run-store.ts';
import { maySee, mustOwn, sightOf } from '../access/rules.ts';
import { errorText } from '../admission/bounded-wait.ts';
import { type Duty, SOLE_DUTY } from '../duty.ts';
import type { RegisteredPolicy } from '../policies/registered-policy.ts';
import { type PolicyRegistry, unknownPolicy } from '../policies/registry.ts';
import { type Digest, newRunOf, policyRunId } from '../policies/run-of-policy.ts';
import type { CourseParts, TestRunCourse } from './course.ts';
import { type TestRunsView, type TestRunView, viewOf } from './view.ts';

export interface TestRunOrder {
  readonly policyName: string;
  readonly project: string;
  /** Null: the default branch. */
  readonly branch: string | null;
  /** Whoever repeats a request with the same key asks for nothing new. */
  readonly key: string | null;
}

export interface TestRuns {
  /**
   * @throws CodedError not-owner, policy-unknown, policy-not-executable, project-out-of-scope,
   * test-run-too-soon (with when it works again), key-taken, and what a run can be refused for
   */
  ask(order: TestRunOrder, caller: Caller, signal: AbortSignal): Promise<TestRunView>;
  /** Of projects that the caller may see, the last accepted first. @throws CodedError policy-unknown */
  testRuns(
    policyName: string,
    query: { readonly limit: number; readonly before: string | null },
    caller: Caller,
    signal: AbortSignal,
  ): Promise<TestRunsView>;
  /** @throws CodedError policy-unknown, test-run-unknown */
  testRun(policyName: string, id: string, caller: Caller, signal: AbortSignal): Promise<TestRunView>;
  /** Orders its end; that it has ended shows later. @throws CodedError also not-owner, test-run-finished */
  cancel(policyName: string, id: string, caller: Caller, signal: AbortSignal): Promise<TestRunView>;
}

export interface TestRunsParts extends CourseParts {
  readonly registry: PolicyRegistry;
  readonly course: TestRunCourse;
  /** From one accepted test run of a policy to the next. */
  readonly apartMs: number;
  readonly digest: Digest;
  /** Never the same twice. */
  readonly newId: () => string;
  /** What is known of a project, for the scope of policies. */
  readonly candidate: (project: string) => ScopeCandidate;
  /** Says that there is something new to follow. */
  readonly onAccepted: () => void;
  /** Absent: nobody else has this store. */
  readonly duty?: Duty;
}

const PAGE_MAX = 200;

export function createTestRuns(parts: TestRunsParts): TestRuns {
  return new StoredTestRuns(parts);
}

class StoredTestRuns implements TestRuns {
  readonly #parts: TestRunsParts;

  constructor(parts: TestRunsParts) {
    this.#parts = parts;
  }

  async ask(order: TestRunOrder, caller: Caller, signal: AbortSignal): Promise<TestRunView> {
    const { testRuns, registry, clock } = this.#parts;
    await mustOwn(caller, order.project, signal);
    const key = this.#keyOf(order, caller);
    const known = key === null ? null : await testRuns.known(key, clock.nowMs());
    if (known?.kind === 'repeated') return this.#repeated(known.id);
    if (known?.kind === 'key-taken') throw keyTaken();
    const policy = await registry.find(order.policyName);
    if (policy === null) throw unknownPolicy(order.policyName);
    const testRun = this.#newTestRun(order, policy, caller);
    this.#checkExecutable(policy, testRun);
    const entry = auditOf(testRun, caller, clock.nowMs(), 'test-run');
    const accepted = await testRuns.accept({ testRun, key, apartMs: this.#parts.apartMs, entry });
    switch (accepted.kind) {
      case 'accepted':
        return this.#made(testRun, policy, signal);
      case 'repeated':
        return this.#repeated(accepted.id);
      case 'key-taken':
        throw keyTaken();
      case 'too-soon':
        throw this.#tooSoon(order.policyName, accepted.againAtMs);
    }
  }

  /** One that is refused for good was never asked for; where the engine only does not answer, it is followed up. */
  async #made(testRun: TestRun, policy: RegisteredPolicy, signal: AbortSignal): Promise<TestRunView> {
    const { course, testRuns, log, onAccepted, duty = SOLE_DUTY } = this.#parts;
    try {
      // Else it is made by whoever leads, who follows what is accepted.
      if (duty.makesRuns()) await course.create(testRun, policy, signal);
    } catch (error) {
      if (error instanceof CodedError && error.status < 500) {
        await testRuns.revoke(testRun.id);
        throw error;
      }
      log.warn(
        { testRun: testRun.id, error: errorText(error) },
        'The run of a test run could not be made yet',
      );
    }
    onAccepted();
    return this.#repeated(testRun.id);
  }

  async #repeated(id: string): Promise<TestRunView> {
    const testRun = await this.#parts.testRuns.testRun(id);
    if (testRun === null) throw unknownTestRun(id);
    return viewOf(testRun);
  }

  async testRuns(
    policyName: string,
    query: { readonly limit: number; readonly before: string | null },
    caller: Caller,
    signal: AbortSignal,
  ): Promise<TestRunsView> {
    checkLimit(query.limit);
    const identity = await this.#identityOf(policyName);
    const { testRuns, next } = await this.#parts.testRuns.testRuns({ identity, ...query });
    const sees = await sightOf(
      caller,
      testRuns.map(({ project }) => project),
      signal,
    );
    return { testRuns: testRuns.filter(({ project }) => sees(project)).map(viewOf), next };
  }

  async testRun(policyName: string, id: string, caller: Caller, signal: AbortSignal): Promise<TestRunView> {
    return viewOf(await this.#seen(policyName, id, caller, signal));
  }

  async cancel(policyName: string, id: string, caller: Caller, signal: AbortSignal): Promise<TestRunView> {
    const { testRuns, clock, onAccepted } = this.#parts;
    const testRun = await this.#seen(policyName, id, caller, signal);
    await mustOwn(caller, testRun.project, signal);
    const ending = { kind: 'cancelled', by: caller.name, sinceMs: clock.nowMs() } as const;
    const entry = auditOf(testRun, caller, clock.nowMs(), 'cancel-test-run');
    const isOpen = testRun.endedAtMs === null;
    if (!isOpen || !((await testRuns.orderEnd(id, ending, entry)) || testRun.ending !== null)) {
      throw new CodedError(
        'test-run-finished',
        `Test run "${id}" has ended already; there is nothing to cancel.`,
      );
    }
    onAccepted();
    return viewOf(await this.#upToDate((await testRuns.testRun(id)) ?? testRun, signal));
  }

  async #seen(policyName: string, id: string, caller: Caller, signal: AbortSignal): Promise<TestRun> {
    const identity = await this.#identityOf(policyName);
    const testRun = await this.#parts.testRuns.testRun(id);
    const isThere = testRun !== null && testRun.identity === identity;
    if (!isThere || !(await maySee(caller, testRun.project, signal))) throw unknownTestRun(id);
    return this.#upToDate(testRun, signal);
  }

  /** Nobody follows it where no loop runs; and whoever asks should not have to wait for who does. */
  async #upToDate(testRun: TestRun, signal: AbortSignal): Promise<TestRun> {
    const { course, duty = SOLE_DUTY } = this.#parts;
    if (testRun.endedAtMs !== null || !duty.acts()) return testRun;
    try {
      return await course.advance(testRun, signal);
    } catch {
      // An engine that does not answer: what is known is answered.
      return testRun;
    }
  }

  /** Also of a policy that was renamed or deleted: its test runs stay. */
  async #identityOf(policyName: string): Promise<string> {
    const { registry } = this.#parts;
    const living = await registry.find(policyName);
    const identity = living?.identity ?? (await registry.state()).lastOfName.get(policyName);
    if (identity === undefined) throw unknownPolicy(policyName);
    return identity;
  }

  #keyOf({ policyName, project, branch, key }: TestRunOrder, { name }: Caller): IdempotencyKey | null {
    if (key === null) return null;
    return {
      caller: name,
      key,
      requestHash: this.#parts.digest(JSON.stringify([policyName, project, branch])),
    };
  }

  #newTestRun({ project, branch }: TestRunOrder, policy: RegisteredPolicy, caller: Caller): TestRun {
    const { newId, digest, clock } = this.#parts;
    const id = newId();
    const { identity, contentHash, configHash } = policy;
    return {
      id,
      identity,
      policyName: policy.policy.name,
      contentHash,
      configHash,
      project,
      branch,
      askedBy: caller.name,
      askedAtMs: clock.nowMs(),
      askedId: policyRunId(digest, project, ['test-run', id]),
      state: 'waiting',
      runId: null,
      startedAtMs: null,
      endedAtMs: null,
      reason: null,
      resources: NOTHING_MEASURED,
      ending: null,
    };
  }

  #checkExecutable(policy: RegisteredPolicy, { project, branch, askedId }: TestRun): void {
    const { engineKind, candidate } = this.#parts;
    newRunOf(policy, { project, branch }, askedId, engineKind);
    const verdict = scopeVerdict(policy.policy.scope, candidate(project));
    if (verdict.kind !== 'out') return;
    throw new CodedError(
      'project-out-of-scope',
      `project: "${project}" is not in the scope of policy "${policy.policy.name}": ${verdict.reason}.`,
      { field: 'project' },
    );
  }

  #tooSoon(policyName: string, againAtMs: number): CodedError {
    const afterMs = Math.max(1, againAtMs - this.#parts.clock.nowMs());
    const when = new Date(againAtMs).toISOString();
    return new CodedError(
      'test-run-too-soon',
      `Policy "${policyName}" was test-run less than an hour ago; the next test run of it may be asked for from ${when} on.`,
      { retry: { afterMs, atMs: againAtMs } },
    );
  }
}

function auditOf(
  { id, policyName, project }: TestRun,
  { name }: Caller,
  atMs: number,
  what: TestRunAudit['what'],
): TestRunAudit {
  return { atMs, by: name, what, about: `policy ${policyName}`, detail: `${id} on project ${project}` };
}

function keyTaken(): CodedError {
  return new CodedError(
    'key-taken',
    'Idempotency-Key: another request came with this key already; a new request needs a new key.',
    { field: 'Idempotency-Key' },
  );
}

function unknownTestRun(id: string): CodedError {
  return new CodedError(
    'test-run-unknown',
    `There is no test run ${JSON.stringify(id.slice(0, 100))} of this policy.`,
  );
}

function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_MAX) return;
  throw new CodedError('request-invalid', `limit: must be a whole number from 1 to ${PAGE_MAX}.`, {
    field: 'limit',
  });
}
