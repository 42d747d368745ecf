/**
 * The simulated engine as a client sees it: the same port the real engines implement,
 * over a network that delays, loses and repeats. What becomes of each message is asked
 * of the `Network`; a perfect one makes this an ordinary engine, which passes the
 * conformance suite.
 */
import { CodedError } from '../src/core/errors/catalogue.ts';
import type { RunId } from '../src/core/model/run.ts';
import type {
  CancelOptions,
  CancelOutcome,
  CreateOutcome,
  Engine,
  NewRun,
  Observation,
  ObserveOptions,
  StartOutcome,
} from '../src/ports/engine.ts';
import { type Applied, contentHash, type EngineState, type Work } from './engine-state.ts';
import type { Scheduler } from './scheduler.ts';

export interface ObserveFate {
  /** Until the engine looks, and from there until the answer is here. Null: no answer ever comes. */
  readonly arriveAfterMs: number;
  readonly answerAfterMs: number | null;
  /** How old the state is that an observation which need not be fresh shows. */
  readonly lagMs: number;
  readonly failure: string | null;
}

export interface StartFate {
  /** Null: the request is lost. */
  readonly arriveAfterMs: number | null;
  /** The engine refuses it for reasons of its own. */
  readonly refusal: string | null;
  /** After the arrival. Null: the answer is lost. */
  readonly answerAfterMs: number | null;
  /** The connection breaks after this, and nobody knows; null: it does not. */
  readonly unknownAfterMs: number | null;
}

export interface CancelFate {
  /** Null: the request is lost. */
  readonly arriveAfterMs: number | null;
  /** After the arrival. Null: the answer is lost. */
  readonly answerAfterMs: number | null;
  /** The connection breaks after this; null: it does not. */
  readonly failsAfterMs: number | null;
}

export interface Network {
  observe(): ObserveFate;
  cancel(): CancelFate;
  start(deadlineInMs: number): StartFate;
  /** When the hints of one change arrive: none, one, or several. */
  hints(): readonly number[];
}

export const perfectNetwork: Network = {
  cancel: () => ({ arriveAfterMs: 0, answerAfterMs: 0, failsAfterMs: null }),
  observe: () => ({ arriveAfterMs: 0, answerAfterMs: 0, lagMs: 0, failure: null }),
  start: () => ({ arriveAfterMs: 0, refusal: null, answerAfterMs: 0, unknownAfterMs: null }),
  hints: () => [0],
};

/** Told about start requests, whoever sent them and whether or not he is still alive. */
export interface WireWitness {
  sent(id: RunId, deadlineMs: number): void;
  landed(id: RunId, applied: Applied): void;
}

export interface EngineClientParts {
  readonly state: EngineState;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly witness: WireWitness;
  /** What the work of a new run turns out to be. Throws CodedError when the content is not valid. */
  readonly workOf: (run: NewRun) => Work;
}

/** Changes of the engine's state, to be hinted at to whoever subscribed. */
export class Hints {
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  listeners(): readonly (() => void)[] {
    return [...this.#listeners];
  }
}

export class EngineClient implements Engine {
  readonly kind = 'simulated';
  readonly can: Engine['can'];
  readonly #parts: EngineClientParts;
  readonly #hints = new Hints();

  constructor(parts: EngineClientParts) {
    this.#parts = parts;
    this.can = {
      forget: async (ids) => {
        for (const id of ids) if (parts.state.run(id)?.finishedAtMs != null) parts.state.remove(id);
      },
    };
  }

  /** The engine changed: those who listen hear of it, some time, perhaps. */
  changed(): void {
    for (const listener of this.#hints.listeners()) {
      for (const delayMs of this.#parts.network.hints()) this.#later(delayMs, listener);
    }
  }

  onChange(listener: () => void): () => void {
    return this.#hints.subscribe(listener);
  }

  async create(runs: readonly NewRun[]): Promise<readonly CreateOutcome[]> {
    const { state, workOf } = this.#parts;
    const works = runs.map((run) => workOf(run));
    const outcomes = runs.map((run): CreateOutcome => {
      const there = state.run(run.id);
      if (there === undefined) return { kind: 'created', id: run.id };
      return contentHash(there.created.content) === contentHash(run.content)
        ? { kind: 'exists', id: run.id }
        : { kind: 'conflict' };
    });
    if (outcomes.some((outcome) => outcome.kind === 'conflict')) {
      return outcomes.map((outcome) => (outcome.kind === 'created' ? { kind: 'skipped' } : outcome));
    }
    for (const [place, run] of runs.entries()) {
      const work = works[place];
      if (outcomes[place]?.kind === 'created' && work !== undefined) state.create(run, true, work);
    }
    return outcomes;
  }

  observe(options: ObserveOptions): Promise<Observation> {
    const { state, network } = this.#parts;
    const fate = network.observe();
    return new Promise((resolve, reject) => {
      this.#later(fate.arriveAfterMs, () => {
        const { answerAfterMs, failure } = fate;
        if (answerAfterMs === null) return;
        if (failure !== null) {
          this.#later(answerAfterMs, () => reject(new CodedError('server-unreachable', failure)));
          return;
        }
        const isFresh = options.fresh || (options.freshOf ?? []).length > 0;
        const seen = isFresh ? state.observeNow() : state.observePast(fate.lagMs);
        this.#later(answerAfterMs, () => resolve(seen));
      });
    });
  }

  start(id: RunId, request: { readonly deadlineMs: number }): Promise<StartOutcome> {
    const { state, scheduler, network, witness } = this.#parts;
    const fate = network.start(request.deadlineMs - scheduler.nowMs());
    witness.sent(id, request.deadlineMs);
    return new Promise((resolve) => {
      if (fate.unknownAfterMs !== null) {
        this.#later(fate.unknownAfterMs, () => resolve({ kind: 'unknown', why: 'the connection broke' }));
      }
      if (fate.arriveAfterMs === null) return;
      this.#later(fate.arriveAfterMs, () => {
        const applied: Applied =
          fate.refusal === null
            ? state.applyStart(id, request.deadlineMs)
            : { kind: 'refused', why: fate.refusal };
        witness.landed(id, applied);
        if (fate.answerAfterMs !== null) this.#later(fate.answerAfterMs, () => resolve(applied));
      });
    });
  }

  cancel(id: RunId, reason: string, _signal?: AbortSignal, options?: CancelOptions): Promise<CancelOutcome> {
    const { state, network } = this.#parts;
    const fate = network.cancel();
    return new Promise((resolve, reject) => {
      if (fate.failsAfterMs !== null) {
        this.#later(fate.failsAfterMs, () =>
          reject(new CodedError('server-unreachable', 'the connection broke')),
        );
      }
      if (fate.arriveAfterMs === null) return;
      this.#later(fate.arriveAfterMs, () => {
        const kind = state.cancel(id, reason, options);
        if (fate.answerAfterMs !== null) this.#later(fate.answerAfterMs, () => resolve({ kind }));
      });
    });
  }

  async close(): Promise<void> {}

  #later(delayMs: number, work: () => void): void {
    if (delayMs <= 0) work();
    else this.#parts.scheduler.after(delayMs, work);
  }
}
