/**
 * The true state of the simulated engine: what there really is, apart from what anybody
 * was told about it. It behaves like a server: each order is applied at one instant, with
 * the preconditions a real engine enforces.
 *
 * Always true: a run starts at most once, and only from held, by a request whose deadline
 * has not passed; `use` counts exactly the starting and running runs. The switch
 * `blindStarts` takes the preconditions away, to show that the checks notice.
 */

import { isFinished, type Outcome, type Requests, type RunId, type RunState } from '../src/core/model/run.ts';
import { hash32 } from '../src/core/random/random.ts';
import type {
  CancelOptions,
  CancelOutcome,
  NewRun,
  Observation,
  ObservedRun,
  RunResult,
} from '../src/ports/engine.ts';
import type { Scheduler } from './scheduler.ts';

/** What a run's work will turn out to be; nobody knows it before. */
export interface Work {
  /** From the effect of its start until it runs. */
  readonly startLatencyMs: number;
  /** Infinity: it goes on until `letEnd`. */
  readonly durationMs: number;
  readonly outcome: Outcome;
  /** It ends as soon as it was started, without ever running. */
  readonly failsToStart: boolean;
}

export type Starter = 'penstock' | 'other';

export interface TrueRun {
  readonly created: NewRun;
  readonly ours: boolean;
  readonly work: Work;
  readonly heldSinceMs: number;
  state: RunState;
  startedBy: Starter | null;
  effects: number;
  executions: number;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  result: RunResult | null;
  /** As last shown; null when it changed since. */
  shown: ObservedRun | null;
}

/** Told of what happens, at the instant it happens. */
export interface EngineWitness {
  startTookEffect(run: TrueRun, by: Starter): void;
  finished(run: TrueRun): void;
  changed(): void;
}

/** How far back a lagging observation can reach. */
const HISTORY_MS = 120_000;

export type Applied = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly why: string };

export class EngineState {
  readonly #scheduler: Scheduler;
  readonly #witness: EngineWitness;
  readonly #blindStarts: boolean;
  readonly #runs = new Map<RunId, TrueRun>();
  readonly #use = { all: new Map<string, number>(), penstock: new Map<string, number>() };
  readonly #past: { readonly atMs: number; readonly observation: Observation }[] = [];
  #revision = 1;
  #dirty = true;

  constructor(scheduler: Scheduler, witness: EngineWitness, options: { readonly blindStarts: boolean }) {
    this.#scheduler = scheduler;
    this.#witness = witness;
    this.#blindStarts = options.blindStarts;
  }

  /** Grows with every change. */
  revision(): number {
    return this.#revision;
  }

  run(id: RunId): TrueRun | undefined {
    return this.#runs.get(id);
  }

  runs(): IterableIterator<TrueRun> {
    return this.#runs.values();
  }

  /** Units of a pool that starting and running runs occupy; of those that Penstock started only, if asked. */
  use(pool: string, by: 'all' | 'penstock' = 'all'): number {
    return this.#use[by].get(pool) ?? 0;
  }

  create(created: NewRun, ours: boolean, work: Work): void {
    this.#runs.set(created.id, {
      created,
      ours,
      work,
      heldSinceMs: this.#scheduler.nowMs(),
      state: 'held',
      startedBy: null,
      effects: 0,
      executions: 0,
      startedAtMs: null,
      finishedAtMs: null,
      result: null,
      shown: null,
    });
    this.#changed();
  }

  /** Penstock's start request as it arrives. */
  applyStart(id: RunId, deadlineMs: number): Applied {
    const run = this.#runs.get(id);
    if (run === undefined) return { kind: 'refused', why: 'there is no such run' };
    if (!this.#blindStarts) {
      if (!run.ours) return { kind: 'refused', why: 'the run is not held by Penstock' };
      if (this.#scheduler.nowMs() > deadlineMs) return { kind: 'refused', why: 'the deadline has passed' };
      if (run.state !== 'held') return { kind: 'refused', why: `the run is ${run.state}` };
    }
    this.#takeEffect(run, 'penstock');
    return { kind: 'accepted' };
  }

  /** Somebody else lets it go. */
  startByHand(id: RunId): void {
    const run = this.#runs.get(id);
    if (run?.state === 'held') this.#takeEffect(run, 'other');
  }

  cancel(id: RunId, reason: string, options: CancelOptions = { onlyHeld: false }): CancelOutcome['kind'] {
    const run = this.#runs.get(id);
    if (run === undefined) return 'missing';
    if (isFinished(run.state)) return 'finished';
    if (options.onlyHeld && run.state !== 'held') return 'started';
    this.#finish(run, 'cancelled', reason);
    return 'accepted';
  }

  /** It is gone, whatever it did; what it used is free. */
  remove(id: RunId): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    this.#release(run);
    this.#runs.delete(id);
    this.#changed();
  }

  letEnd(id: RunId): void {
    const run = this.#runs.get(id);
    if (run?.state === 'running') this.#finish(run, 'succeeded', null);
  }

  /** The state of this instant, under a revision of its own. */
  observeNow(): Observation {
    this.#revision += 1;
    this.#dirty = true;
    return this.#present().observation;
  }

  /** The state as it was `lagMs` ago, or the oldest still known. */
  observePast(lagMs: number): Observation {
    const present = this.#present();
    const untilMs = this.#scheduler.nowMs() - lagMs;
    for (let at = this.#past.length - 1; at >= 0; at -= 1) {
      const past = this.#past[at];
      if (past !== undefined && past.atMs <= untilMs) return past.observation;
    }
    return this.#past[0]?.observation ?? present.observation;
  }

  /** To be called after each step, so that lagging observations show each state there was. */
  remember(): void {
    if (this.#dirty) this.#present();
  }

  #present(): { readonly atMs: number; readonly observation: Observation } {
    const last = this.#past.at(-1);
    if (!this.#dirty && last !== undefined) return last;
    this.#dirty = false;
    const atMs = this.#scheduler.nowMs();
    const runs = [...this.#runs.values()].map((run) => {
      run.shown ??= show(run);
      return run.shown;
    });
    const present = { atMs, observation: { revision: this.#revision, runs } };
    this.#past.push(present);
    while ((this.#past[1]?.atMs ?? atMs) < atMs - HISTORY_MS) this.#past.shift();
    return present;
  }

  #takeEffect(run: TrueRun, by: Starter): void {
    if (!isActive(run.state)) this.#count(run, by, 1);
    run.state = 'starting';
    run.startedBy = by;
    run.effects += 1;
    this.#changed(run);
    this.#witness.startTookEffect(run, by);
    this.#scheduler.after(run.work.startLatencyMs, () => this.#begin(run));
  }

  #begin(run: TrueRun): void {
    if (run.state !== 'starting') return;
    if (run.work.failsToStart) {
      this.#finish(run, 'failed', 'it could not be started');
      return;
    }
    run.state = 'running';
    run.startedAtMs = this.#scheduler.nowMs();
    run.executions += 1;
    this.#changed(run);
    const { timeoutMs } = run.created;
    const timesOut = timeoutMs !== null && run.work.durationMs > timeoutMs;
    const lastsMs = timesOut ? timeoutMs : run.work.durationMs;
    if (lastsMs === Number.POSITIVE_INFINITY) return;
    this.#scheduler.after(lastsMs, () => {
      if (run.state !== 'running') return;
      if (timesOut) this.#finish(run, 'timed-out', `it ran into its timeout of ${timeoutMs} ms`);
      else this.#finish(run, run.work.outcome, run.work.outcome === 'succeeded' ? null : 'its work failed');
    });
  }

  #finish(run: TrueRun, outcome: Outcome, reason: string | null): void {
    this.#release(run);
    run.state = outcome;
    run.finishedAtMs = this.#scheduler.nowMs();
    run.result = { outcome, reason, usage: null, profile: null };
    this.#changed(run);
    this.#witness.finished(run);
  }

  #release(run: TrueRun): void {
    if (isActive(run.state)) this.#count(run, run.startedBy ?? 'other', -1);
    // What was planned for it must not touch it any more.
    run.state = isActive(run.state) ? 'cancelled' : run.state;
  }

  #count(run: TrueRun, by: Starter, sign: 1 | -1): void {
    add(this.#use.all, run.created.requests, sign);
    if (by === 'penstock') add(this.#use.penstock, run.created.requests, sign);
  }

  #changed(run?: TrueRun): void {
    if (run !== undefined) run.shown = null;
    this.#revision += 1;
    this.#dirty = true;
    this.#witness.changed();
  }
}

export function isActive(state: RunState): boolean {
  return state === 'starting' || state === 'running';
}

export function contentHash(content: string): string {
  return hash32(content).toString(16).padStart(8, '0');
}

function add(use: Map<string, number>, requests: Requests, sign: 1 | -1): void {
  for (const [pool, units] of Object.entries(requests)) use.set(pool, (use.get(pool) ?? 0) + sign * units);
}

function show(run: TrueRun): ObservedRun {
  const { created, ours, state, heldSinceMs, startedAtMs, finishedAtMs, result } = run;
  return {
    id: created.id,
    project: created.project,
    tenant: created.tenant,
    priority: created.priority,
    requests: created.requests,
    contentHash: contentHash(created.content),
    timeoutMs: created.timeoutMs,
    state,
    ours,
    // As an engine reads it from what the author of a run wrote.
    fault: created.params.fault ?? null,
    heldSinceMs,
    startedAtMs,
    finishedAtMs,
    result,
  };
}
