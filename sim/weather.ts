/**
 * How the network, the engine and the store behave toward Penstock: how slow, how stale,
 * how unreliable, drawn from the seed. When it is calm, everything answers soon and truly.
 */
import { type Random, randomStream } from '../src/core/random/random.ts';
import { between, chance, scaled } from './draws.ts';
import type { CancelFate, Network, ObserveFate, StartFate } from './engine-client.ts';
import type { Fault, Plan } from './plan.ts';
import type { Scheduler } from './scheduler.ts';
import type { StoreFate, StoreWeather } from './slow-store.ts';

/** Longer than any bound Penstock waits for. */
const NEVER_MS = null;

export class Weather implements Network, StoreWeather {
  readonly #plan: Plan;
  readonly #scheduler: Scheduler;
  readonly #observes: Random;
  readonly #starts: Random;
  readonly #cancels: Random;
  readonly #hints: Random;
  readonly #store: Random;
  #outageUntilMs = Number.NEGATIVE_INFINITY;
  #calm = false;

  constructor(plan: Plan, scheduler: Scheduler) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    this.#observes = randomStream(plan.seed, 'observe');
    this.#starts = randomStream(plan.seed, 'start');
    this.#cancels = randomStream(plan.seed, 'cancel');
    this.#hints = randomStream(plan.seed, 'hint');
    this.#store = randomStream(plan.seed, 'store');
  }

  becomeCalm(): void {
    this.#calm = true;
    this.#outageUntilMs = Number.NEGATIVE_INFINITY;
  }

  outage(lastsMs: number): void {
    this.#outageUntilMs = Math.max(this.#outageUntilMs, this.#scheduler.nowMs() + lastsMs);
  }

  observe(): ObserveFate {
    const random = this.#observes;
    const arriveAfterMs = between(random, 0, 50);
    const answerAfterMs = scaled(random, 1, this.#calm ? 100 : this.#plan.slownessMs);
    if (this.#out()) {
      const hangs = chance(random, 0.3);
      return {
        arriveAfterMs,
        answerAfterMs: hangs ? NEVER_MS : answerAfterMs,
        lagMs: 0,
        failure: 'engine down',
      };
    }
    const lags = this.#has('lags') && chance(random, 0.6);
    const lagMs = lags ? between(random, 10, this.#plan.lagMaxMs) : 0;
    return { arriveAfterMs, answerAfterMs, lagMs, failure: null };
  }

  cancel(): CancelFate {
    const random = this.#cancels;
    const soonMs = between(random, 0, this.#calm ? 100 : this.#plan.slownessMs);
    const fate: CancelFate = { arriveAfterMs: soonMs, answerAfterMs: soonMs, failsAfterMs: null };
    const lost = this.#out() || (this.#has('lostAnswers') && chance(random, 0.2));
    if (!lost) return fate;
    const gotThrough = chance(random, 0.3);
    const hangs = chance(random, 0.5);
    return {
      arriveAfterMs: gotThrough ? soonMs : null,
      answerAfterMs: null,
      failsAfterMs: hangs ? null : soonMs + 10,
    };
  }

  start(deadlineInMs: number): StartFate {
    const random = this.#starts;
    const soonMs = between(random, 0, this.#calm ? 100 : this.#plan.slownessMs);
    const fate: StartFate = {
      arriveAfterMs: soonMs,
      refusal: this.#has('refusals') && chance(random, 0.04) ? 'the engine is too busy' : null,
      answerAfterMs: between(random, 0, this.#calm ? 100 : this.#plan.slownessMs),
      unknownAfterMs: null,
    };
    if (this.#out()) {
      // The connection may break after the request got through.
      const gotThrough = chance(random, 0.3);
      return {
        ...fate,
        arriveAfterMs: gotThrough ? soonMs : null,
        answerAfterMs: null,
        unknownAfterMs: soonMs + 10,
      };
    }
    if (!this.#has('lostAnswers') || !chance(random, 0.2)) return fate;
    return this.#lostAnswer(fate, deadlineInMs);
  }

  #lostAnswer(fate: StartFate, deadlineInMs: number): StartFate {
    const random = this.#starts;
    const hangs = chance(random, 0.5);
    const unknownAfterMs = hangs ? null : between(random, 1, Math.max(1, deadlineInMs));
    if (chance(random, 0.25)) return { ...fate, arriveAfterMs: null, answerAfterMs: null, unknownAfterMs };
    // It may land late: up to the deadline, and a little after, when it is too late.
    const late = chance(random, 0.6);
    const arriveAfterMs = late
      ? between(random, 0, Math.max(1, Math.round(deadlineInMs * 1.2)))
      : fate.arriveAfterMs;
    return { ...fate, arriveAfterMs, answerAfterMs: null, unknownAfterMs };
  }

  hints(): readonly number[] {
    const random = this.#hints;
    // Hints may be lost for ever; a loop that relies on them would wait for ever.
    if (this.#out() || (this.#plan.faults.has('lags') && chance(random, 0.3))) return [];
    const delayMs = scaled(random, 1, this.#calm ? 20 : this.#plan.slownessMs);
    return chance(random, 0.1) ? [delayMs, delayMs + between(random, 0, 1_000)] : [delayMs];
  }

  fate(): StoreFate {
    const random = this.#store;
    if (this.#calm || !this.#has('storeFaults')) return { delayMs: between(random, 0, 3), failure: null };
    const failure = chance(random, 0.02) ? { applied: chance(random, 0.5) } : null;
    const slow = chance(random, 0.03);
    return { delayMs: slow ? scaled(random, 10, 15_000) : between(random, 0, 20), failure };
  }

  landsAtCrash(): boolean {
    return chance(this.#store, 0.5);
  }

  #out(): boolean {
    return this.#scheduler.nowMs() < this.#outageUntilMs;
  }

  #has(fault: Fault): boolean {
    return !this.#calm && this.#plan.faults.has(fault);
  }
}
