/**
 * History: every finished run goes into the store once, and only then may the engine
 * forget it. The estimates follow what was recorded. Failures here hold back no start;
 * they are shown and tried again.
 */
import { isFinished, type RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine, ObservedRun } from '../../ports/engine.ts';
import type { FinishedRun } from '../../ports/store.ts';
import type { BoundedStore } from './bounded-store.ts';
import { boundedWait } from './bounded-wait.ts';
import type { Doubts } from './doubts.ts';
import type { DurationModelSource } from './durations.ts';
import type { AdmissionListener } from './events.ts';

/** Keeps one write to the store short, however many runs finished while nobody looked. */
const RUNS_PER_WRITE = 500;
const FORGET_LIMIT_MS = 30_000;

export class History {
  readonly #parts: HistoryParts;
  /** Runs the engine still shows although the store has them; true when it was told to forget. */
  readonly #recorded = new Map<RunId, boolean>();
  #forecastsAreDue = false;
  /** What ended before is no news. */
  readonly #beganAtMs: number;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
    this.#beganAtMs = parts.clock.nowMs();
  }

  async record(runs: ReadonlyMap<string, ObservedRun>): Promise<void> {
    for (const id of this.#recorded.keys()) if (!runs.has(id)) this.#recorded.delete(id);
    const finished: FinishedRun[] = [];
    for (const run of runs.values()) {
      if (isFinished(run.state) && !this.#recorded.has(run.id)) finished.push(this.#finishedRun(run));
    }
    try {
      for (let at = 0; at < finished.length; at += RUNS_PER_WRITE) {
        await this.#write(finished.slice(at, at + RUNS_PER_WRITE));
      }
      await this.#settleForecasts();
      await this.#parts.durations.refresh();
      await this.#forget();
      this.#parts.doubts.clear('history');
    } catch (error) {
      this.#parts.doubts.raise('history', error);
    }
  }

  async #write(runs: readonly FinishedRun[]): Promise<void> {
    const added = new Set(await this.#parts.store.recordFinished(runs));
    for (const run of runs) {
      this.#recorded.set(run.id, false);
      if (added.has(run.id)) this.#parts.listener({ kind: 'run-finished', run });
      else if (run.finishedAtMs >= this.#beganAtMs) {
        this.#parts.listener({ kind: 'run-finished-elsewhere', run });
      }
    }
    this.#parts.durations.outdate();
    this.#forecastsAreDue = true;
  }

  async #settleForecasts(): Promise<void> {
    if (!this.#forecastsAreDue) return;
    await this.#parts.store.settleForecasts(this.#parts.clock.nowMs());
    this.#forecastsAreDue = false;
  }

  async #forget(): Promise<void> {
    const { engine, clock } = this.#parts;
    const forget = engine.can.forget;
    if (forget === undefined) return;
    const ids = [...this.#recorded].filter(([, told]) => !told).map(([id]) => id);
    if (ids.length === 0) return;
    await boundedWait({ clock, limitMs: FORGET_LIMIT_MS, what: 'The engine' }, () => forget(ids));
    for (const id of ids) this.#recorded.set(id, true);
  }

  #finishedRun(run: ObservedRun): FinishedRun {
    return {
      id: run.id,
      project: run.project,
      tenant: run.tenant,
      priority: run.priority,
      requests: run.requests,
      contentHash: run.contentHash,
      timeoutMs: run.timeoutMs,
      ours: run.ours,
      heldSinceMs: run.heldSinceMs,
      startedAtMs: run.startedAtMs,
      finishedAtMs: run.finishedAtMs ?? this.#parts.clock.nowMs(),
      outcome: run.result?.outcome ?? (run.state as FinishedRun['outcome']),
      reason: run.result?.reason ?? null,
      usage: run.result?.usage ?? null,
      profile: run.result?.profile ?? null,
    };
  }
}

export interface HistoryParts {
  readonly engine: Engine;
  readonly store: BoundedStore;
  readonly clock: Clock;
  readonly durations: DurationModelSource;
  readonly doubts: Doubts;
  readonly listener: AdmissionListener;
}
