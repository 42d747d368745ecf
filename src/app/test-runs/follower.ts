/**
 * Follows the test runs that have not ended, in the process that starts runs, for as long as
 * it lives: those of earlier processes too, and those that other processes accepted.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { TestRunStore } from '../../ports/test-run-store.ts';
import { boundedWait, errorText } from '../admission/bounded-wait.ts';
import { type Duty, SOLE_DUTY } from '../duty.ts';
import type { TestRunCourse } from './course.ts';

export interface FollowerParts {
  readonly testRuns: Pick<TestRunStore, 'open'>;
  readonly course: Pick<TestRunCourse, 'advance'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nobody else has this store. */
  readonly duty?: Duty;
}

/** While there is something to follow; what a pass costs is a question to the store, and one each to the last look. */
const PACE_MS = 1_000;
const ONE_WITHIN_MS = 30_000;

export class TestRunFollower {
  readonly #parts: FollowerParts;
  #cancelTimer: () => void = () => {};
  #round: Promise<void> | null = null;
  #wokenMeanwhile = false;
  #state: 'new' | 'following' | 'stopped' = 'new';

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  /** Once; after it was stopped it stays so. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'following';
    this.wake();
  }

  /** There may be something new to follow. */
  wake(): void {
    if (this.#state !== 'following') return;
    if (this.#round !== null) {
      this.#wokenMeanwhile = true;
      return;
    }
    this.#cancelTimer();
    this.#wokenMeanwhile = false;
    this.#round = this.#follow().finally(() => {
      this.#round = null;
      if (this.#wokenMeanwhile) this.wake();
    });
  }

  /** Resolves when nothing of it is under way any more. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelTimer();
    await this.#round;
  }

  async #follow(): Promise<void> {
    const { testRuns, log, clock, duty = SOLE_DUTY } = this.#parts;
    let hasMore = true;
    try {
      const followed = duty.acts() ? await testRuns.open() : [];
      // Another process may accept one at any moment, or leave them to this one.
      hasMore = duty.isShared || followed.length > 0;
      for (const testRun of followed) {
        if (this.#state === 'stopped' || !duty.acts()) break;
        await this.#advance(testRun.id, (signal) => this.#parts.course.advance(testRun, signal));
      }
    } catch (error) {
      log.warn({ error: errorText(error) }, 'Test runs cannot be read');
    }
    if (hasMore && this.#state === 'following')
      this.#cancelTimer = clock.at(clock.nowMs() + PACE_MS, () => this.wake());
  }

  async #advance(id: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const { clock, log } = this.#parts;
    try {
      await boundedWait({ clock, limitMs: ONE_WITHIN_MS, what: 'The engine' }, work);
    } catch (error) {
      log.warn({ testRun: id, error: errorText(error) }, 'A test run could not be followed for now');
    }
  }
}
