/**
 * One process of Penstock in the simulation: the real admission loop, with everything it
 * is given wrapped so that it can die at any step and so that the checks see what it was
 * told and what it asks for.
 *
 * From the loop outwards: mortality, the checks, what deliberately breaks the loop (if
 * asked for), and then the simulated world.
 */

import type { DurationModelSource } from '../src/app/admission/durations.ts';
import type { AdmissionEvent } from '../src/app/admission/events.ts';
import { AdmissionLoop } from '../src/app/admission-loop.ts';
import type { AdmissionSettings } from '../src/app/settings.ts';
import type { RunId } from '../src/core/model/run.ts';
import type { CapacitySource } from '../src/ports/capacity.ts';
import type { Clock } from '../src/ports/clock.ts';
import type { Engine, Observation, ObservedRun, ObserveOptions } from '../src/ports/engine.ts';
import type { Log } from '../src/ports/log.ts';
import type { FinishedRun, StartMark, Store } from '../src/ports/store.ts';
import { aroundCalls } from './around-calls.ts';
import { type Invariants, type Told, toldNothing } from './invariants.ts';
import { Mortal, OwnClock } from './mortal.ts';
import type { Scheduler } from './scheduler.ts';
import type { SlowStore } from './slow-store.ts';
import type { Trace } from './trace.ts';

export interface ProcessParts {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly invariants: Invariants;
  readonly settings: AdmissionSettings;
  readonly engine: Engine;
  readonly capacity: CapacitySource;
  /** What is under way in it is decided when the process dies. */
  readonly slow: SlowStore;
  readonly store: Store;
  readonly clockOffsetMs: () => number;
  readonly isRecorded: (id: RunId) => boolean;
  readonly durations: (store: Store, clock: Clock) => DurationModelSource;
  readonly onDeath: () => void;
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export class Process {
  readonly mortal: Mortal;
  readonly loop: AdmissionLoop;
  readonly #parts: ProcessParts;
  readonly #clock: Clock;
  readonly #told: Told = toldNothing();

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.mortal = new Mortal(() => {
      parts.trace.add(parts.scheduler.nowMs(), 'penstock dies');
      parts.slow.crash();
      parts.onDeath();
    });
    this.#clock = new OwnClock(parts.scheduler, this.mortal, parts.clockOffsetMs);
    const clock = this.#clock;
    const store = this.#watchedStore();
    this.loop = new AdmissionLoop({
      engine: this.#watchedEngine(),
      capacity: this.#watchedCapacity(),
      store,
      clock,
      log: silentLog,
      settings: parts.settings,
      durations: parts.durations(store, clock),
      onEvent: (event) => this.#hear(event),
    });
  }

  start(): void {
    this.#note('penstock begins');
    this.loop.start();
  }

  /** Asks it to stop; once it has, it is gone. */
  stop(): void {
    if (this.#told.stopping || !this.mortal.alive()) return;
    this.#note('penstock is asked to stop');
    this.#told.stopping = true;
    void this.loop.stop().then(() => this.mortal.die());
  }

  #note(line: string): void {
    this.#parts.trace.add(this.#parts.scheduler.nowMs(), line);
  }

  #hear(event: AdmissionEvent): void {
    if (!this.mortal.alive()) return;
    if (event.kind === 'doubt') {
      this.#note(`doubt ${event.doubt.source}: ${event.doubt.error}`);
      if (event.doubt.source === 'admission') this.#parts.invariants.fail(event.doubt.error);
    } else if (event.kind === 'start-lapsed') {
      this.#note(`lapsed ${event.runId}`);
    }
  }

  #watchedEngine(): Engine {
    const { engine, invariants, isRecorded } = this.#parts;
    const { forget } = engine.can;
    return {
      kind: engine.kind,
      create: (runs, signal) => this.mortal.call(() => engine.create(runs, signal)),
      observe: (options, signal) => this.mortal.call(() => this.#observe(options, signal)),
      start: (id, request, signal) =>
        this.mortal.call(async () => {
          invariants.asksToStart(this.#told, id);
          this.#note(`ask ${id}`);
          const outcome = await engine.start(id, request, signal);
          if (this.mortal.alive()) this.#note(`answer ${id} ${outcome.kind}`);
          return outcome;
        }),
      cancel: (id, reason, signal, options) =>
        this.mortal.call(() => {
          invariants.cancelsForAge(this.#told, id, this.#clock.nowMs());
          this.#note(`cancel ${id}`);
          return engine.cancel(id, reason, signal, options);
        }),
      onChange: (listener) => engine.onChange(this.mortal.listener(listener)),
      close: () => engine.close(),
      can:
        forget === undefined
          ? {}
          : {
              forget: (ids) =>
                this.mortal.call(() => {
                  invariants.forgets(ids, isRecorded);
                  this.#note(`forget ${ids.join(' ')}`);
                  return forget(ids);
                }),
            },
    };
  }

  async #observe(options: ObserveOptions, signal: AbortSignal): Promise<Observation> {
    this.#told.engineAnswered = false;
    const askedAtMs = this.#parts.scheduler.nowMs();
    const seen = await this.#parts.engine.observe(options, signal);
    if (!this.mortal.alive() || signal.aborted) return seen;
    this.#told.engineAnswered = true;
    this.#told.seenAtMs = this.#parts.scheduler.nowMs();
    if (options.fresh) this.#told.freshSinceMs = askedAtMs;
    this.#note(`seen ${seen.revision}${options.fresh ? ' fresh' : ''}`);
    if (seen.revision >= (this.#told.observation?.revision ?? 0)) {
      this.#told.observation = seen;
      this.#told.runs = new Map<RunId, ObservedRun>(seen.runs.map((run) => [run.id, run]));
      this.#parts.invariants.shows(this.#told);
    }
    return seen;
  }

  #watchedCapacity(): CapacitySource {
    return {
      read: (signal) =>
        this.mortal.call(async () => {
          this.#told.capacity = null;
          const reading = await this.#parts.capacity.read(signal);
          if (this.mortal.alive() && !signal.aborted) this.#told.capacity = reading;
          return reading;
        }),
    };
  }

  #watchedStore(): Store {
    const { store, invariants } = this.#parts;
    return aroundCalls(store, (call) =>
      this.mortal.call(async () => {
        if (call.method === 'recordFinished') invariants.records(call.given[0] as readonly FinishedRun[]);
        if (call.method !== 'mark') return call.perform();
        const marks = call.given[0] as readonly StartMark[];
        this.#note(`mark ${marks.map((mark) => mark.runId).join(' ')}`);
        invariants.decides(this.#told, marks);
        const result = await call.perform();
        for (const mark of marks) this.#told.durableMarks.add(mark.runId);
        return result;
      }),
    );
  }
}
