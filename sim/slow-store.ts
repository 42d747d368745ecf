/**
 * The store as one process sees it: slow, in order, sometimes failing. What was under way
 * when the process dies either still becomes durable or never does; nothing of it lands
 * later, since the lock on the data folder lets the next process in only then.
 */
import type { Store } from '../src/ports/store.ts';
import { aroundCalls } from './around-calls.ts';
import type { Scheduler } from './scheduler.ts';

export interface StoreFate {
  readonly delayMs: number;
  /** The caller is told it failed; `applied` says whether it did nevertheless become durable. */
  readonly failure: { readonly applied: boolean } | null;
}

export interface StoreWeather {
  fate(): StoreFate;
  /** Whether a write under way at a crash became durable. */
  landsAtCrash(): boolean;
}

interface UnderWay {
  readonly apply: () => void;
}

export class SlowStore {
  readonly #scheduler: Scheduler;
  readonly #weather: StoreWeather;
  readonly #underWay = new Set<UnderWay>();
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #dead = false;

  constructor(scheduler: Scheduler, weather: StoreWeather) {
    this.#scheduler = scheduler;
    this.#weather = weather;
  }

  over(store: Store): Store {
    return aroundCalls(store, (call) => this.#call(() => call.perform()));
  }

  /** The process is dead: decides at once what became of its last writes. */
  crash(): void {
    this.#dead = true;
    for (const operation of this.#underWay) {
      if (!this.#weather.landsAtCrash()) break;
      operation.apply();
    }
    this.#underWay.clear();
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    const { delayMs, failure } = this.#weather.fate();
    const atMs = Math.max(this.#scheduler.nowMs() + delayMs, this.#lastAtMs);
    this.#lastAtMs = atMs;
    return new Promise((resolve, reject) => {
      const perform = (): void => {
        if (failure === null) work().then(resolve, reject);
        else if (failure.applied) work().then(() => reject(new Error('the store lost the answer')), reject);
        else reject(new Error('the store failed'));
      };
      if (atMs <= this.#scheduler.nowMs()) {
        perform();
        return;
      }
      const operation: UnderWay = { apply: () => void work() };
      this.#underWay.add(operation);
      this.#scheduler.at(atMs, () => {
        this.#underWay.delete(operation);
        if (!this.#dead) perform();
      });
    });
  }
}
