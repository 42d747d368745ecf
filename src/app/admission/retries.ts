/**
 * Held runs whose last start was refused or lapsed: each is left alone for a while, so
 * that one run the engine does not want cannot keep the loop busy or a slot reserved.
 *
 * Kept in memory only: after a restart such a run is tried at once, which is harmless.
 */
import { isFinished, type RunId, type RunState } from '../../core/model/run.ts';
import { backoffMs } from './doubts.ts';
import type { Retry } from './view.ts';

export class Retries {
  readonly #bounds: { readonly retryMinMs: number; readonly retryMaxMs: number };
  readonly #retries = new Map<RunId, Retry>();

  constructor(bounds: { readonly retryMinMs: number; readonly retryMaxMs: number }) {
    this.#bounds = bounds;
  }

  failed(runId: RunId, why: string, nowMs: number): void {
    const attempts = (this.#retries.get(runId)?.attempts ?? 0) + 1;
    this.#retries.set(runId, { runId, attempts, why, untilMs: nowMs + backoffMs(attempts, this.#bounds) });
  }

  /** Forgets runs that are no longer there or no longer wait; so memory is bounded by the queue. */
  keepOnlyHeld(stateOf: (id: RunId) => RunState | undefined): void {
    for (const id of this.#retries.keys()) {
      const state = stateOf(id);
      if (state === undefined || state === 'running' || isFinished(state)) this.#retries.delete(id);
    }
  }

  /** Those to leave alone at `nowMs`. */
  waiting(nowMs: number): ReadonlyMap<RunId, Retry> {
    return new Map([...this.#retries].filter(([, retry]) => retry.untilMs > nowMs));
  }
}
