/**
 * The admission loop: observe, decide, mark, start; again and again.
 *
 * It is level-triggered and keeps no authoritative memory. Each pass computes from what
 * the engine and the capacity source show and from the start marks in the store; hints
 * and timers only say "look again".
 *
 * Always true:
 * - A start is marked durably before the engine is asked for it, and the mark counts as
 *   use until an observation settles it, or the engine refused for certain.
 * - After a (re)start nothing is asked for until every deadline a predecessor gave has
 *   passed and a fresh observation was made after that. No predecessor can add marks
 *   once they are read here: the lock on the data folder, or leadership, forbids it.
 * - A process that does not lead observes, records and explains, and starts nothing; no start
 *   it asked for while it led can take effect once another leads.
 * - Orders of operators are read after the look that a decision rests on and before the
 *   decision, so what was paused before a look starts nothing after it.
 * - In doubt about engine, capacity or store, nothing starts; the doubt is shown, and
 *   trying goes on for ever.
 */
import type { Series } from '../core/duration/model.ts';
import type { Estimate } from '../core/model/run.ts';
import type { CapacitySource } from '../ports/capacity.ts';
import type { Clock } from '../ports/clock.ts';
import type { Engine, ObserveOptions } from '../ports/engine.ts';
import { type Leadership, soleLeadership } from '../ports/leadership.ts';
import type { Log } from '../ports/log.ts';
import type { Controls, StartMark, Store } from '../ports/store.ts';
import { boundedStore } from './admission/bounded-store.ts';
import { boundedWait, errorText } from './admission/bounded-wait.ts';
import { checkStarts } from './admission/check-starts.ts';
import { ownGrants } from './admission/controls.ts';
import { cutStarts } from './admission/cut-starts.ts';
import { type DecidedPass, decidePass, type PassInput } from './admission/decide-pass.ts';
import { Doubts } from './admission/doubts.ts';
import type { DurationModelSource } from './admission/durations.ts';
import type { AdmissionEvent, AdmissionListener } from './admission/events.ts';
import { HeldRuns } from './admission/held-runs.ts';
import { History } from './admission/history.ts';
import { Ledger } from './admission/ledger.ts';
import { Lookout, type Sight } from './admission/lookout.ts';
import { certainAtMs, sortMarks } from './admission/marks.ts';
import { MaxAge } from './admission/max-age.ts';
import { finishedEvent, startEvents } from './admission/pass-events.ts';
import { Retries } from './admission/retries.ts';
import { StartRequests } from './admission/start-requests.ts';
import { Terms } from './admission/terms.ts';
import { Triggers } from './admission/triggers.ts';
import type { AdmissionHealth, AdmissionView } from './admission/view.ts';
import type { AdmissionSettings } from './settings.ts';

export interface AdmissionLoopParts {
  readonly engine: Engine;
  readonly capacity: CapacitySource;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: AdmissionSettings;
  readonly durations: DurationModelSource;
  readonly onEvent?: AdmissionListener;
  /** Without one, this process is the only one and always leads. */
  readonly leadership?: Leadership;
}

/** A stop does not wait longer for the pass and the requests that are under way. */
const STOP_LIMIT_MS = 10_000;

export class AdmissionLoop {
  readonly #parts: AdmissionLoopParts;
  readonly #doubts: Doubts;
  readonly #lookout: Lookout;
  readonly #ledger: Ledger;
  readonly #history: History;
  readonly #heldRuns = new HeldRuns();
  readonly #retries: Retries;
  readonly #requests: StartRequests;
  readonly #maxAge: MaxAge;
  readonly #triggers: Triggers;
  readonly #terms: Terms;
  #unsubscribe: readonly (() => void)[] = [];
  #view: AdmissionView | null = null;
  #lastPassAtMs: number | null = null;
  #stopping = false;
  #answered: () => void = () => {};
  /** Starts were decided for which there was no room yet. */
  #leavesOut = false;
  /** When a fresh look will tell what became of the oldest open mark. */
  #certainAtMs: number | null = null;

  constructor(parts: AdmissionLoopParts) {
    this.#parts = parts;
    const { engine, capacity, clock, log, settings, durations } = parts;
    const listener = (event: AdmissionEvent): void => this.#tell(event);
    const store = boundedStore(parts.store, clock);
    const { retryMinMs, retryMaxMs } = settings;
    this.#doubts = new Doubts({ clock, log, listener, retryMinMs, retryMaxMs });
    this.#lookout = new Lookout({ engine, capacity, clock, settings, doubts: this.#doubts });
    this.#ledger = new Ledger(store);
    this.#terms = new Terms({ leadership: this.#leadership, ledger: this.#ledger, clock });
    this.#history = new History({ engine, store, clock, durations, doubts: this.#doubts, listener });
    this.#retries = new Retries({ retryMinMs, retryMaxMs });
    this.#requests = new StartRequests({
      engine,
      clock,
      log,
      listener,
      concurrency: settings.startConcurrency,
      maySend: () => this.#terms.startableUntilMs() > clock.nowMs(),
      onAnswer: () => this.#onAnswer(),
    });
    this.#maxAge = new MaxAge({
      engine,
      clock,
      log,
      settings,
      listener,
      onAnswer: () => this.#onCancelAnswer(),
    });
    this.#triggers = new Triggers(
      clock,
      () => this.#pass(),
      () => !this.#requests.hasAmpleRoom(),
    );
  }

  get #leadership(): Leadership {
    return this.#parts.leadership ?? soleLeadership;
  }

  /** Begins to look; returns at once. Failures of any kind are retried for ever and shown in `health`. */
  start(): void {
    const { engine, capacity } = this.#parts;
    const wake = (): void => this.wake();
    this.#unsubscribe = [
      engine.onChange(wake),
      this.#leadership.onChange(wake),
      capacity.onChange?.(wake) ?? (() => undefined),
    ];
    this.wake();
  }

  /** Look again soon. */
  wake(): void {
    this.#triggers.wake();
  }

  /** Looks again; resolves when a pass that began after this call has ended, well or not. */
  passed(): Promise<void> {
    return this.#triggers.passed();
  }

  /** The last complete pass; null before the first. */
  view(): AdmissionView | null {
    return this.#view;
  }

  health(): AdmissionHealth {
    return {
      mode: this.#parts.settings.mode,
      doubts: this.#doubts.current(),
      waitingUntilMs: this.#terms.waitingUntilMs(),
      following: this.#terms.following(),
      lastPassAtMs: this.#lastPassAtMs,
      stopping: this.#stopping,
    };
  }

  /** Starts nothing more, waits (bounded) until outstanding start requests are answered, leaves runs alone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#requests.stop();
    this.#maxAge.stop();
    try {
      await boundedWait({ clock: this.#parts.clock, limitMs: STOP_LIMIT_MS, what: 'Stopping' }, async () => {
        await this.#triggers.stop();
        await this.#allAnswered();
        await this.#settleRefusals(await this.#ledger.marks());
      });
    } catch (error) {
      // The marks stay: the next process waits until they can have no effect any more.
      this.#parts.log.warn({ error: errorText(error) }, 'Stopped before everything was answered');
    }
  }

  #allAnswered(): Promise<void> {
    if (this.#outstanding() === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  #outstanding(): number {
    return this.#requests.outstanding() + this.#maxAge.outstanding();
  }

  #onAnswer(): void {
    if (this.#outstanding() === 0) this.#answered();
    const hasRoom = this.#requests.hasAmpleRoom();
    if (hasRoom) this.#triggers.idleIsOver();
    if ((this.#leavesOut && hasRoom) || this.#requests.refusals().length > 0) this.wake();
  }

  #onCancelAnswer(): void {
    this.#onAnswer();
    this.wake();
  }

  #tell(event: AdmissionEvent): void {
    try {
      this.#parts.onEvent?.(event);
    } catch (error) {
      this.#parts.log.error({ error: errorText(error), kind: event.kind }, 'A listener failed');
    }
  }

  async #pass(): Promise<void> {
    const beganAtMs = this.#parts.clock.nowMs();
    try {
      const started = await this.#lookAndStart();
      if (started !== null) this.#passFinished(beganAtMs, started);
    } catch (error) {
      this.#doubts.raise('admission', error);
    }
    this.#triggers.wakeAt(this.#nextLookAtMs(beganAtMs));
  }

  /** Null when the pass could not be completed; the doubt says why. */
  async #lookAndStart(): Promise<number | null> {
    this.#terms.begin();
    const marks = await this.#readMarks();
    const sight = await this.#lookout.look(this.#freshnessNeeded(marks ?? []));
    if (marks === null || sight === null) return null;
    const open = await this.#settle(marks, sight);
    // Nobody who could start waits for history, but the first decision rests on what is known.
    const isFirst = this.#view === null;
    if (isFirst) await this.#history.record(sight.runs);
    const started = open === null ? null : await this.#startOf(sight, open);
    if (!isFirst) await this.#history.record(sight.runs);
    return started;
  }

  /** How many were started; null when nothing could be decided. */
  async #startOf(sight: Sight, open: readonly StartMark[]): Promise<number | null> {
    const leads = this.#terms.mayStart();
    this.#maxAge.enforce(sight.runs, open, leads);
    const orders = await this.#withStore(() => this.#ledger.orders(sight, leads));
    if (orders === null || sight.pools === null) return null;
    const decided = this.#decide({ ...sight, pools: sight.pools }, orders, open);
    const { snapshot, decision, controls } = decided;
    const started = this.#mayStart(decided) ? await this.#commit(decided) : [];
    const marked = started === null ? open : [...open, ...started];
    this.#certainAtMs = marked.length === 0 ? null : Math.min(...marked.map(certainAtMs));
    this.#view = {
      nowMs: snapshot.nowMs,
      observation: sight.observation,
      snapshot,
      decision,
      starting: new Set(marked.map((mark) => mark.runId)),
      retries: this.#retries.waiting(snapshot.nowMs),
      controls,
    };
    return started?.length ?? null;
  }

  /** Null when the store cannot be read. Refusals are settled first, so that what they free counts now. */
  async #readMarks(): Promise<readonly StartMark[] | null> {
    return this.#withStore(async () => this.#settleRefusals(await this.#ledger.marks()));
  }

  async #settleRefusals(marks: readonly StartMark[]): Promise<readonly StartMark[]> {
    const refusals = [...this.#requests.refusals()];
    const isOf = (mark: StartMark) => (refusal: { readonly mark: StartMark }) =>
      refusal.mark.runId === mark.runId && refusal.mark.markedAtMs === mark.markedAtMs;
    const refused = marks.filter((mark) => refusals.some(isOf(mark)));
    await this.#ledger.settle(refused);
    const nowMs = this.#parts.clock.nowMs();
    for (const { mark, why, unsent } of refusals) if (!unsent) this.#retries.failed(mark.runId, why, nowMs);
    this.#requests.drop(refusals);
    return marks.filter((mark) => !refused.includes(mark));
  }

  /** Everything, or only the runs whose starts are due to be judged. */
  #freshnessNeeded(marks: readonly StartMark[]): Required<ObserveOptions> {
    const nowMs = this.#parts.clock.nowMs();
    const dueAtMs = this.#terms.lookDueAtMs();
    const fresh = (dueAtMs !== null && nowMs >= dueAtMs) || this.#ledger.missesRuns();
    const due = marks.filter((mark) => nowMs >= certainAtMs(mark));
    return { fresh, freshOf: due.map(({ runId }) => runId) };
  }

  /** The marks that still count; null when the store could not be written. */
  async #settle(marks: readonly StartMark[], sight: Sight): Promise<readonly StartMark[] | null> {
    const { settled, lapsed, open } = sortMarks(marks, sight.runs, sight.freshOfSinceMs);
    const written = await this.#withStore(async () => {
      await this.#ledger.settle([...settled, ...lapsed]);
      return true;
    });
    if (written === null) return null;
    const nowMs = this.#parts.clock.nowMs();
    for (const { runId } of lapsed) {
      this.#retries.failed(runId, 'its last start took no effect in time', nowMs);
      this.#tell({ kind: 'start-lapsed', runId, atMs: nowMs });
    }
    this.#retries.keepOnlyHeld((id) => sight.runs.get(id)?.state);
    if (sight.freshSinceMs !== null) this.#terms.looked(sight.freshSinceMs);
    return open;
  }

  #decide(sight: PassInput['sight'], orders: Controls, open: readonly StartMark[]): DecidedPass {
    const { clock, settings, durations } = this.#parts;
    const nowMs = clock.nowMs();
    const estimateOf = (series: Series): Estimate => durations.estimateOf(series);
    this.#heldRuns.follow(durations.model());
    const decided = decidePass({
      nowMs,
      settings,
      sight,
      orders,
      marks: open,
      grants: this.#ledger.grants(),
      classStarts: this.#ledger.classStarts(),
      estimateOf,
      heldRunOf: (run) => this.#heldRuns.of(run, estimateOf),
      notNow: new Set([...this.#retries.waiting(nowMs).keys(), ...this.#maxAge.tooOld()]),
    });
    const atMs = clock.nowMs();
    this.#tell({ kind: 'decided', atMs, tookMs: atMs - nowMs, snapshot: decided.snapshot });
    return decided;
  }

  #mayStart({ grants }: DecidedPass): boolean {
    if (this.#stopping || !this.#terms.mayStart()) return false;
    if (this.#parts.settings.mode === 'enforce') return true;
    this.#ledger.imagineGrants(grants);
    return false;
  }

  /** Grants, then marks, then requests: each is durable before the next counts on it. */
  async #commit({ snapshot, decision, controls }: DecidedPass): Promise<readonly StartMark[] | null> {
    const { clock, settings } = this.#parts;
    checkStarts(snapshot, decision);
    const cut = cutStarts(decision, snapshot.grants, this.#requests.room());
    this.#leavesOut = cut.leftOut > 0;
    const marks = await this.#withStore(async () => {
      await this.#ledger.saveGrants(ownGrants(cut.decision.grants, controls));
      const deadlineMs = Math.min(clock.nowMs() + settings.startDeadlineMs, this.#terms.startableUntilMs());
      return this.#ledger.markStarts(snapshot, cut.decision, deadlineMs);
    });
    if (marks === null) return null;
    this.#requests.send(marks);
    for (const event of startEvents(marks, snapshot)) this.#tell(event);
    return marks;
  }

  async #withStore<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.#doubts.raise('store', error);
      return null;
    }
  }

  #passFinished(beganAtMs: number, started: number): void {
    const atMs = this.#parts.clock.nowMs();
    this.#lastPassAtMs = atMs;
    this.#doubts.clear('store');
    this.#doubts.clear('admission');
    const view = this.#view;
    if (view === null) return;
    this.#tell(finishedEvent(view, this.#parts.settings, { atMs, tookMs: atMs - beganAtMs, started }));
  }

  #nextLookAtMs(beganAtMs: number): number {
    const nowMs = this.#parts.clock.nowMs();
    // What fell due during the pass was no part of it, for it asked for its look before.
    const lookDueAtMs = this.#terms.lookDueAtMs() ?? Number.NEGATIVE_INFINITY;
    if (lookDueAtMs > beganAtMs && lookDueAtMs <= nowMs) return nowMs;
    const view = this.#view;
    const times = [
      nowMs + this.#parts.settings.relistMs,
      view?.decision.reviewAtMs,
      this.#doubts.retryAtMs(),
      this.#parts.durations.dueAtMs(),
      this.#terms.lookDueAtMs(),
      this.#certainAtMs,
      this.#maxAge.nextAtMs(),
      ...(view === null ? [] : [...view.retries.values()].map((retry) => retry.untilMs)),
    ];
    let nextMs = Number.POSITIVE_INFINITY;
    // What is due already was part of this pass, or its doubt has a time of its own to try again.
    for (const atMs of times) if (typeof atMs === 'number' && atMs > nowMs) nextMs = Math.min(nextMs, atMs);
    return nextMs;
  }
}
