/**
 * Lets the oldest runs go from the history of policies, by age and by count.
 *
 * Always true: one look is bounded; what is too much for it is left to the next, a moment later.
 */
import type { Clock } from '../../ports/clock.ts';
import type { HistoryStore } from '../../ports/history-store.ts';
import type { Log } from '../../ports/log.ts';
import { errorText } from '../admission/bounded-wait.ts';
import { Triggers } from '../admission/triggers.ts';
import type { HistoryLimits } from './policy-history.ts';

export interface RetentionParts {
  readonly history: HistoryStore;
  readonly limits: HistoryLimits;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 3_600_000;
const GO_ON_AFTER_MS = 1_000;
const STEPS_PER_LOOK = 50;
const RUNS_PER_STEP = 500;

export class HistoryRetention {
  readonly #parts: RetentionParts;
  readonly #triggers: Triggers;
  /** The policy that was looked at last; null: begin with the first. */
  #after: string | null = null;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#triggers = new Triggers(parts.clock, () => this.#look());
  }

  start(): void {
    this.#triggers.wake();
  }

  /** Looks now; resolves when it has looked. */
  looked(): Promise<void> {
    return this.#triggers.passed();
  }

  stop(): Promise<void> {
    return this.#triggers.stop();
  }

  async #look(): Promise<void> {
    const { clock, log } = this.#parts;
    let isDone = true;
    try {
      isDone = await this.#steps();
    } catch (error) {
      log.warn({ error: errorText(error) }, 'Old runs could not be let go from the history of policies');
    }
    this.#triggers.wakeAt(clock.nowMs() + (isDone ? LOOK_EVERY_MS : GO_ON_AFTER_MS));
  }

  /** Whether all policies were looked at. */
  async #steps(): Promise<boolean> {
    const { history, limits, clock } = this.#parts;
    const startedBeforeMs = clock.nowMs() - limits.keepMs;
    let identity = await history.nextIdentity(this.#after);
    for (let step = 0; step < STEPS_PER_LOOK && identity !== null; step += 1) {
      const query = { identity, startedBeforeMs, most: limits.perPolicy, limit: RUNS_PER_STEP };
      const gone = await history.forget(query);
      if (gone === RUNS_PER_STEP) continue;
      this.#after = identity;
      identity = await history.nextIdentity(identity);
    }
    if (identity === null) this.#after = null;
    return identity === null;
  }
}
