/**
 * The maximum age in the queue: a run that was held longer is cancelled, with a reason that
 * says so, and not started any more.
 *
 * Always true: only runs that Penstock holds and whose start is not marked are cancelled,
 * and by an order that leaves alone whatever has been let go; a run whose cancelling was
 * asked for is not started by this process, though nobody answered or the clock was set
 * back; few requests are out at a time, and what was not answered is asked for again.
 */
import type { RunId } from '../../core/model/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CancelOutcome, Engine, ObservedRun } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { StartMark } from '../../ports/store.ts';
import { sayDuration } from '../queries/say-when.ts';
import type { AdmissionSettings } from '../settings.ts';
import { boundedWait, errorText } from './bounded-wait.ts';
import type { AdmissionListener } from './events.ts';
import { Retries } from './retries.ts';

const CANCEL_LIMIT_MS = 10_000;
/** Enough for a backlog of thousands to go within a minute, few enough to leave the engine to the starts. */
const REQUESTS_OUT_MAX = 16;

export interface MaxAgeParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: AdmissionSettings;
  readonly listener: AdmissionListener;
  /** A request was answered, or given up. */
  readonly onAnswer: () => void;
}

/** When a held run is too old; null where nothing limits it. */
export function expiresAtMs(
  run: Pick<ObservedRun, 'heldSinceMs' | 'maxHeldMs'>,
  settings: Pick<AdmissionSettings, 'maxHeldMs'>,
): number | null {
  const maxHeldMs = run.maxHeldMs ?? settings.maxHeldMs;
  return maxHeldMs === null ? null : run.heldSinceMs + maxHeldMs;
}

export class MaxAge {
  readonly #parts: MaxAgeParts;
  readonly #retries: Retries;
  readonly #out = new Set<RunId>();
  /** Cancelling was asked for, and it is still seen held. */
  readonly #asked = new Set<RunId>();
  #tooOld = new Set<RunId>();
  #nextAtMs: number | null = null;
  #stopped = false;

  constructor(parts: MaxAgeParts) {
    this.#parts = parts;
    this.#retries = new Retries(parts.settings);
  }

  /** @param mayCancel whether this process may send anything, as it may start runs */
  enforce(runs: ReadonlyMap<string, ObservedRun>, open: readonly StartMark[], mayCancel: boolean): void {
    const { clock, settings } = this.#parts;
    this.#nextAtMs = null;
    this.#tooOld = new Set<RunId>();
    if (settings.mode === 'shadow') return;
    const nowMs = clock.nowMs();
    this.#forget(runs);
    const marked = new Set(open.map((mark) => mark.runId));
    for (const run of runs.values()) {
      if (run.state !== 'held' || !run.ours || marked.has(run.id)) continue;
      const atMs = expiresAtMs(run, settings);
      const due = atMs !== null && atMs <= nowMs;
      if (due || this.#asked.has(run.id)) this.#tooOld.add(run.id);
      else if (atMs !== null) this.#lookAgainAt(atMs);
    }
    if (mayCancel) this.#send(runs, nowMs);
  }

  /** As of the last look: these are not to be started. */
  tooOld(): ReadonlySet<RunId> {
    return this.#tooOld;
  }

  /** When the next run is too old, or one is worth another try; null when none is in sight. */
  nextAtMs(): number | null {
    return this.#nextAtMs;
  }

  outstanding(): number {
    return this.#out.size;
  }

  /** Sends nothing more. */
  stop(): void {
    this.#stopped = true;
  }

  #lookAgainAt(atMs: number): void {
    this.#nextAtMs = Math.min(this.#nextAtMs ?? Number.POSITIVE_INFINITY, atMs);
  }

  #forget(runs: ReadonlyMap<string, ObservedRun>): void {
    this.#retries.keepOnlyHeld((id) => runs.get(id)?.state);
    for (const id of this.#asked)
      if (!this.#out.has(id) && runs.get(id)?.state !== 'held') this.#asked.delete(id);
  }

  #send(runs: ReadonlyMap<string, ObservedRun>, nowMs: number): void {
    const resting = this.#retries.waiting(nowMs);
    for (const { untilMs } of resting.values()) this.#lookAgainAt(untilMs);
    for (const id of this.#tooOld) {
      if (this.#stopped || this.#out.size >= REQUESTS_OUT_MAX) return;
      const run = runs.get(id);
      if (run !== undefined && !this.#out.has(id) && !resting.has(id)) void this.#cancel(run, nowMs);
    }
  }

  async #cancel(run: ObservedRun, nowMs: number): Promise<void> {
    const { clock, log, listener, onAnswer } = this.#parts;
    this.#out.add(run.id);
    this.#asked.add(run.id);
    const heldForMs = nowMs - run.heldSinceMs;
    const outcome = await this.#ask(run);
    this.#out.delete(run.id);
    // Also after an answer: observations may show it held for a while, and asking again at once says nothing new.
    this.#retries.failed(run.id, 'it is too old', clock.nowMs());
    if (typeof outcome === 'string') {
      log.warn({ runId: run.id, why: outcome }, 'A run is too old and could not be cancelled yet');
    } else if (outcome.kind === 'accepted') {
      log.info({ runId: run.id, heldForMs }, 'Cancelled: it was held longer than its maximum age');
      listener({ kind: 'run-expired', runId: run.id, tenant: run.tenant, atMs: clock.nowMs(), heldForMs });
    }
    onAnswer();
  }

  /** What went wrong, where there was no answer. */
  async #ask(run: ObservedRun): Promise<CancelOutcome | string> {
    const { engine, clock } = this.#parts;
    try {
      return await boundedWait({ clock, limitMs: CANCEL_LIMIT_MS, what: 'The engine' }, (signal) =>
        engine.cancel(run.id, this.#reason(run), signal, { onlyHeld: true }),
      );
    } catch (error) {
      return errorText(error);
    }
  }

  #reason(run: ObservedRun): string {
    const ofRun = run.maxHeldMs ?? null;
    const maxHeldMs = ofRun ?? this.#parts.settings.maxHeldMs ?? 0;
    const whose = ofRun === null ? 'admission.maxAge' : 'set on the run';
    return `It was held for longer than ${sayDuration(maxHeldMs)}, its maximum age in the queue (${whose}).`;
  }
}
