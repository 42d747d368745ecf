/**
 * The real admission loop over the simulated engine, one step at a time: what the network
 * does to each message is said by the test, and time moves only when the test lets it.
 */
import { EngineClient, type Network, perfectNetwork, type StartFate } from '../../../sim/engine-client.ts';
import { EngineState, type Work } from '../../../sim/engine-state.ts';
import { FrozenDurations } from '../../../sim/frozen-durations.ts';
import { Mortal, OwnClock } from '../../../sim/mortal.ts';
import { silentLog } from '../../../sim/process.ts';
import { Scheduler, settle } from '../../../sim/scheduler.ts';
import type { AdmissionEvent } from '../../../src/app/admission/events.ts';
import { AdmissionLoop } from '../../../src/app/admission-loop.ts';
import type { AdmissionSettings } from '../../../src/app/settings.ts';
import { type RunId, type RunState, runId } from '../../../src/core/model/run.ts';
import type { PoolCapacity } from '../../../src/ports/capacity.ts';
import type { NewRun, Observation, ObserveOptions, TenantHint } from '../../../src/ports/engine.ts';
import type { Leadership } from '../../../src/ports/leadership.ts';
import type { Store } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';

export const START_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;

/** Looking again on time is so rare here that a missing timer of any other kind shows. */
export const settings: AdmissionSettings = {
  mode: 'enforce',
  shadowAdopts: 'all',
  paused: false,
  pausedPools: [],
  priorities: [{ name: 'normal', patienceMs: null }],
  tenants: [],
  maxGrants: 2,
  startDeadlineMs: 10_000,
  relistMs: DAY_MS,
  retryMinMs: 1_000,
  retryMaxMs: 8_000,
  startConcurrency: 4,
  maxHeld: 1_000,
  maxHeldMs: null,
  firstEstimate: { p50Ms: 60_000, p90Ms: 90_000 },
};

export interface RigOptions {
  readonly settings?: Partial<AdmissionSettings>;
  readonly slots?: number;
  readonly store?: Store;
  /** Without one, it always leads. */
  readonly leadership?: Leadership;
}

const ENDLESS: Work = {
  startLatencyMs: 100,
  durationMs: Number.POSITIVE_INFINITY,
  outcome: 'succeeded',
  failsToStart: false,
};

export class LoopRig {
  readonly scheduler = new Scheduler(START_MS);
  readonly state: EngineState;
  readonly store: Store;
  readonly events: AdmissionEvent[] = [];
  /** Start requests that reached the wire, in order. */
  readonly asked: RunId[] = [];
  /** Each observation asked for: whether it had to be fresh. */
  readonly looks: boolean[] = [];
  network: Network = perfectNetwork;
  /** Start fates by run, for those that are not to go well. */
  readonly fates = new Map<RunId, StartFate>();
  /** What the engine says of tenants, and how long it lets runs be held. */
  hints: readonly TenantHint[] = [];
  readonly maxHeldMs = new Map<RunId, number>();
  pools: readonly PoolCapacity[];
  capacityError: string | null = null;
  loop: AdmissionLoop;
  #engine: EngineClient;
  #mortal: Mortal;
  readonly #settings: AdmissionSettings;
  readonly #leadership: Leadership | undefined;

  constructor(options: RigOptions = {}) {
    this.#settings = { ...settings, ...options.settings };
    this.#leadership = options.leadership;
    this.pools = [{ name: 'runs', size: options.slots ?? 2, otherUse: 0, doubt: null }];
    this.store = options.store ?? new MemoryStore();
    this.state = new EngineState(
      this.scheduler,
      { startTookEffect: () => {}, finished: () => {}, changed: () => this.#engine?.changed() },
      { blindStarts: false },
    );
    this.#engine = this.#connect();
    this.#mortal = new Mortal(() => {});
    this.loop = this.#newLoop();
  }

  /** A run that goes on until the test ends it. */
  hold(id: string, changes: Partial<NewRun> = {}, ours = true): RunId {
    const usual = { project: 'shop', tenant: 'retail', priority: 'normal', requests: { runs: 1 } };
    const run = { ...usual, content: 'build', params: {}, timeoutMs: null, ...changes, id: runId(id) };
    this.state.create(run, ours, ENDLESS);
    return run.id;
  }

  async begin(): Promise<void> {
    this.loop.start();
    await settle();
  }

  /** Lets time pass, everything planned within it included. */
  async pass(ms: number): Promise<void> {
    await settle();
    const untilMs = this.scheduler.nowMs() + ms;
    this.scheduler.at(untilMs, () => {});
    while (this.scheduler.nowMs() < untilMs || this.scheduler.nextAtMs() === untilMs) {
      this.scheduler.step();
      await settle();
    }
  }

  async end(id: RunId): Promise<void> {
    this.state.letEnd(id);
    await settle();
  }

  stateOf(id: RunId): RunState | undefined {
    return this.state.run(id)?.state;
  }

  /** As kill -9 does, at this moment; another process begins with the same data. */
  async crashAndRestart(): Promise<void> {
    this.#mortal.die();
    this.#engine = this.#connect();
    this.#mortal = new Mortal(() => {});
    this.loop = this.#newLoop();
    await this.begin();
  }

  told(kind: AdmissionEvent['kind']): readonly AdmissionEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  #connect(): EngineClient {
    return new EngineClient({
      state: this.state,
      scheduler: this.scheduler,
      network: {
        observe: () => this.network.observe(),
        start: (deadlineInMs) =>
          this.fates.get(this.asked.at(-1) ?? runId('nobody')) ?? this.network.start(deadlineInMs),
        hints: () => this.network.hints(),
        cancel: () => this.network.cancel(),
      },
      witness: { sent: () => {}, landed: () => {} },
      workOf: () => ENDLESS,
    });
  }

  async #observe(engine: EngineClient, options: ObserveOptions): Promise<Observation> {
    const seen = await engine.observe(options);
    const runs = seen.runs.map((run) => ({ ...run, maxHeldMs: this.maxHeldMs.get(run.id) ?? null }));
    return { ...seen, runs, tenants: this.hints };
  }

  #newLoop(): AdmissionLoop {
    const engine = this.#engine;
    const mortal = this.#mortal;
    const call = mortal.call.bind(mortal);
    return new AdmissionLoop({
      engine: {
        kind: engine.kind,
        create: (runs) => engine.create(runs),
        observe: (options) =>
          call(() => {
            this.looks.push(options.fresh || (options.freshOf ?? []).length > 0);
            return this.#observe(engine, options);
          }),
        start: (id, request) =>
          call(() => {
            this.asked.push(id);
            return engine.start(id, request);
          }),
        cancel: (id, reason, signal, options) => call(() => engine.cancel(id, reason, signal, options)),
        onChange: (listener) => engine.onChange(mortal.listener(listener)),
        close: () => engine.close(),
        can: engine.can,
      },
      capacity: {
        read: () =>
          call(async () => {
            if (this.capacityError !== null) throw new Error(this.capacityError);
            return this.pools;
          }),
      },
      store: this.store,
      clock: new OwnClock(this.scheduler, mortal, () => 0),
      log: silentLog,
      settings: this.#settings,
      durations: new FrozenDurations(60_000),
      onEvent: (event) => this.events.push(event),
      ...(this.#leadership === undefined ? {} : { leadership: this.#leadership }),
    });
  }
}

export const lostRequest: StartFate = {
  arriveAfterMs: null,
  refusal: null,
  answerAfterMs: null,
  unknownAfterMs: 50,
};
