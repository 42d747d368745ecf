/**
 * Takes test runs on their way: makes their runs, follows them, ends what has to end.
 *
 * Always true: everything is read anew from the store, the engine and history, so that it may
 * be done by any process after any crash; one test run that cannot be taken on keeps no other back.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { RunId } from '../../core/model/run.ts';
import type { LaunchTarget } from '../../core/policy/model.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { PolicyStore } from '../../ports/policy-store.ts';
import type { TestRun, TestRunStore } from '../../ports/test-run-store.ts';
import { errorText } from '../admission/bounded-wait.ts';
import { createPolicyRuns, type PolicyRunParts } from '../policies/create-policy-runs.ts';
import type { RegisteredPolicy } from '../policies/registered-policy.ts';
import type { Penstock } from '../views.ts';
import { nextStep, type Step, type TestRunLimits } from './next-step.ts';

export interface CourseParts extends PolicyRunParts {
  readonly testRuns: TestRunStore;
  readonly store: PolicyStore;
  /** Sees and ends every run. */
  readonly penstock: Pick<Penstock, 'run' | 'cancelRun'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: TestRunLimits;
}

/** See it, order its end, see it again, end it: more steps than that bring nothing new. */
const STEPS_MAX = 6;
/** An engine that was asked to end a run is left to do it for that long. */
const CANCEL_AGAIN_MS = 30_000;

export class TestRunCourse {
  readonly #parts: CourseParts;
  readonly #missingSinceMs = new Map<RunId, number>();
  readonly #cancelledAtMs = new Map<RunId, number>();

  constructor(parts: CourseParts) {
    this.#parts = parts;
  }

  /** As it is afterwards. */
  async advance(testRun: TestRun, signal: AbortSignal): Promise<TestRun> {
    let now = testRun;
    for (let steps = 0; steps < STEPS_MAX && now.endedAtMs === null; steps += 1) {
      const step = await this.#next(now, signal);
      if (step.kind === 'wait' || !(await this.#take(now, step, signal))) break;
      now = (await this.#parts.testRuns.testRun(testRun.id)) ?? now;
    }
    if (now.endedAtMs !== null) this.#forget(now);
    return now;
  }

  /** Whether its run is there now. @throws CodedError when it cannot be made as things are */
  async create(testRun: TestRun, policy: RegisteredPolicy, signal: AbortSignal): Promise<void> {
    const { project, branch, askedId } = testRun;
    const target: LaunchTarget = { project, branch };
    const wanted = { policy, target, askedId, cause: 'test-run', occurrenceKey: null } as const;
    const [outcome] = await createPolicyRuns(this.#parts, [wanted], signal);
    if (outcome?.kind === 'created' || outcome?.kind === 'exists') {
      await this.#parts.testRuns.update({ ...testRun, runId: outcome.id });
      return;
    }
    throw new CodedError('run-exists', `A different run "${askedId}" exists; ask again for another one.`);
  }

  async #next(testRun: TestRun, signal: AbortSignal): Promise<Step> {
    const { penstock, clock, limits } = this.#parts;
    const named = await this.#named(testRun);
    const run = named.runId === null ? null : await penstock.run(named.runId, signal);
    const nowMs = clock.nowMs();
    return nextStep(
      { testRun: named, run, missingSinceMs: this.#missing(named, run !== null, nowMs), nowMs },
      limits,
    );
  }

  /** The engine may have answered to a process that did not live to write it down here. */
  async #named(testRun: TestRun): Promise<TestRun> {
    if (testRun.runId !== null) return testRun;
    const [origin] = await this.#parts.store.runs([testRun.askedId]);
    const runId = origin?.runId ?? null;
    if (runId === null) return testRun;
    const named = { ...testRun, runId };
    await this.#parts.testRuns.update(named);
    return named;
  }

  #missing({ runId }: TestRun, isThere: boolean, nowMs: number): number | null {
    if (runId === null) return null;
    if (isThere) {
      this.#missingSinceMs.delete(runId);
      return null;
    }
    const sinceMs = this.#missingSinceMs.get(runId) ?? nowMs;
    this.#missingSinceMs.set(runId, sinceMs);
    return sinceMs;
  }

  /** False where nothing more can be done for now. */
  async #take(
    testRun: TestRun,
    step: Exclude<Step, { kind: 'wait' }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { testRuns } = this.#parts;
    switch (step.kind) {
      case 'write':
        await testRuns.update(step.testRun);
        return true;
      case 'order-end':
        await testRuns.orderEnd(testRun.id, step.ending, null);
        return true;
      case 'create':
        return this.#createLate(testRun, signal);
      case 'cancel-run':
        return this.#cancelRun(testRun, step.reason, signal);
    }
  }

  /** After a crash, or when the engine did not answer. What was asked for is what is run, or nothing is. */
  async #createLate(testRun: TestRun, signal: AbortSignal): Promise<boolean> {
    const { testRuns, store, clock, log, limits } = this.#parts;
    const [policy] = await store.records([testRun.identity]);
    const isSame = policy?.contentHash === testRun.contentHash && policy.configHash === testRun.configHash;
    const skip = (reason: string): Promise<void> =>
      testRuns.update({ ...testRun, state: 'skipped', reason, endedAtMs: clock.nowMs() });
    if (policy === undefined || !isSame) {
      await skip('the policy was changed before its run could be made');
      return true;
    }
    try {
      await this.create(testRun, policy, signal);
      return true;
    } catch (error) {
      if (error instanceof CodedError && error.status < 500) {
        await skip(`its run could not be made: ${error.message}`);
        return true;
      }
      if (clock.nowMs() - testRun.askedAtMs >= limits.waitMs) {
        const ending = { kind: 'given-up-waiting', by: 'Penstock', sinceMs: clock.nowMs() } as const;
        return testRuns.orderEnd(testRun.id, ending, null);
      }
      log.warn(
        { testRun: testRun.id, error: errorText(error) },
        'The run of a test run could not be made yet',
      );
      return false;
    }
  }

  async #cancelRun({ runId }: TestRun, reason: string, signal: AbortSignal): Promise<boolean> {
    const { penstock, clock } = this.#parts;
    if (runId === null) return false;
    const nowMs = clock.nowMs();
    const lastMs = this.#cancelledAtMs.get(runId);
    if (lastMs !== undefined && Math.abs(nowMs - lastMs) < CANCEL_AGAIN_MS) return false;
    this.#cancelledAtMs.set(runId, nowMs);
    const { kind } = await penstock.cancelRun(runId, `test run ${reason}`, signal);
    return kind !== 'missing';
  }

  #forget({ runId }: TestRun): void {
    if (runId === null) return;
    this.#missingSinceMs.delete(runId);
    this.#cancelledAtMs.delete(runId);
  }
}
