/**
 * One simulation: a world from a seed, the real admission loop in it, hours of faults,
 * then calm, until everything that can run has run.
 *
 * Everything that happens is an event of the scheduler; after each one all promises
 * settle and the invariants are looked at. So the same seed gives the same trace.
 */
import { StoredDurations } from '../src/app/admission/durations.ts';
import type { RunId } from '../src/core/model/run.ts';
import { randomStream } from '../src/core/random/random.ts';
import type { Store } from '../src/ports/store.ts';
import { MemoryStore } from '../test/fakes/memory-store.ts';
import { aroundCalls } from './around-calls.ts';
import { type Arrival, arrivalsOf } from './arrivals.ts';
import type { Break } from './breaks.ts';
import { between, chance, pick, scaled } from './draws.ts';
import { checkEnd, Ends, unfinished } from './end-checks.ts';
import { EngineClient } from './engine-client.ts';
import { EngineState } from './engine-state.ts';
import { FakeCapacity } from './fake-capacity.ts';
import { FrozenDurations } from './frozen-durations.ts';
import { Invariants } from './invariants.ts';
import { Operator } from './operator.ts';
import { Outside } from './outside.ts';
import { type Plan, planOf } from './plan.ts';
import { Process } from './process.ts';
import { Scheduler, settle } from './scheduler.ts';
import { SlowStore } from './slow-store.ts';
import { Trace } from './trace.ts';
import { Weather } from './weather.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly hours: number;
  readonly broken: Break | null;
}

export interface SimulationResult {
  readonly seed: number;
  readonly violation: string | null;
  readonly traceHash: string;
  readonly steps: number;
  readonly lastLines: readonly string[];
  readonly arrived: number;
  readonly started: number;
  readonly crashes: number;
  /** Of operators. */
  readonly orders: number;
  readonly faults: readonly string[];
}

/** Any instant will do; it is the same in all simulations. */
const START_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
/** A loop that never rests would otherwise keep the simulation for ever. */
const STEPS_MAX_PER_HOUR = 20_000;
/** After the faults: for what others may still start, for restarts, backoffs and deadlines. */
const SETTLING_MS = 3 * HOUR_MS;
const LAST_LOOKS = 3;

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(options).run();
}

class Simulation {
  readonly #broken: Break | null;
  readonly #plan: Plan;
  readonly #scheduler = new Scheduler(START_MS);
  readonly #trace = new Trace();
  readonly #invariants: Invariants;
  readonly #state: EngineState;
  readonly #weather: Weather;
  readonly #capacity: FakeCapacity;
  readonly #engine: EngineClient;
  readonly #store: Store;
  readonly #recorded = new Set<RunId>();
  readonly #ends = new Ends();
  readonly #arrivals: readonly Arrival[];
  readonly #operator: Operator;
  readonly #outside: Outside;
  readonly #restarts;
  #process: Process;
  #clockOffsetMs = 0;
  #crashes = 0;
  #calmAtMs: number | null = null;
  #mustBeDoneAtMs = Number.POSITIVE_INFINITY;
  #doneAtMs: number | null = null;
  #leftAtRevision = -1;

  constructor(options: SimulationOptions) {
    this.#broken = options.broken;
    const plan = planOf(options.seed, options.hours);
    this.#plan = plan;
    this.#restarts = randomStream(plan.seed, 'restarts');
    this.#weather = new Weather(plan, this.#scheduler);
    this.#capacity = new FakeCapacity(this.#scheduler, plan);
    this.#invariants = new Invariants(this.#scheduler, this.#capacity.sizes());
    this.#state = this.#engineState();
    this.#engine = this.#engineClient();
    this.#store = this.#recordingStore();
    const nowMs = (): number => this.#scheduler.nowMs();
    this.#operator = new Operator({ plan, state: this.#state, store: this.#store, nowMs });
    this.#invariants.watch(this.#state, { operator: this.#operator, settings: plan.settings });
    this.#arrivals = arrivalsOf(plan, START_MS);
    this.#outside = this.#aroundPenstock();
    this.#process = this.#newProcess();
  }

  async run(): Promise<SimulationResult> {
    const calmAtMs = START_MS + this.#plan.hours * HOUR_MS;
    for (const arrival of this.#arrivals) {
      this.#scheduler.at(arrival.atMs, () => this.#state.create(arrival.run, true, arrival.work));
    }
    this.#scheduler.at(calmAtMs, () => this.#becomeCalm());
    this.#process.start();
    await settle();
    let steps = 0;
    const stepsMax = STEPS_MAX_PER_HOUR * (this.#plan.hours + 24);
    while (this.#invariants.violation() === null && !this.#isDone()) {
      if (steps >= stepsMax) this.#invariants.fail(`more than ${stepsMax} steps: something never rests`);
      if (!this.#scheduler.step()) this.#invariants.fail('nothing is planned any more');
      steps += 1;
      await settle();
      this.#state.remember();
    }
    if (this.#invariants.violation() === null) await this.#checkEnd();
    return this.#result(steps);
  }

  #result(steps: number): SimulationResult {
    return {
      seed: this.#plan.seed,
      violation: this.#invariants.violation(),
      traceHash: this.#trace.hash(),
      steps,
      lastLines: this.#trace.lastLines(),
      arrived: this.#arrivals.length,
      started: this.#invariants.effects,
      crashes: this.#crashes,
      orders: this.#operator.orders,
      faults: [...this.#plan.faults],
    };
  }

  #engineState(): EngineState {
    const { blindStarts = false } = this.#broken ?? {};
    return new EngineState(
      this.#scheduler,
      {
        startTookEffect: (run, by) => {
          this.#note(`${run.created.id} started by ${by}`);
          this.#invariants.startTookEffect(run, by);
        },
        finished: (run) => {
          this.#note(`${run.created.id} ${run.state}`);
          this.#ends.finished(run);
        },
        changed: () => this.#engine?.changed(),
      },
      { blindStarts },
    );
  }

  #engineClient(): EngineClient {
    return new EngineClient({
      state: this.#state,
      scheduler: this.#scheduler,
      network: this.#weather,
      witness: {
        sent: (id, deadlineMs) => {
          this.#invariants.sent(id, deadlineMs);
          this.#outside.startWasSent(id, deadlineMs - this.#scheduler.nowMs());
        },
        landed: (id, applied) => {
          this.#note(`landed ${id} ${applied.kind}`);
          this.#invariants.landed(id, applied);
        },
      },
      workOf: () => ({ startLatencyMs: 0, durationMs: 1, outcome: 'succeeded', failsToStart: false }),
    });
  }

  /** What is in it outlives every process; it knows what was recorded, for the checks. */
  #recordingStore(): Store {
    return aroundCalls(new MemoryStore() as Store, async (call) => {
      const answer = await call.perform();
      if (call.method === 'endFronts') this.#operator.forget(call.given[0] as readonly RunId[]);
      if (call.method === 'recordFinished') {
        for (const run of call.given[0] as readonly { readonly id: RunId }[]) this.#recorded.add(run.id);
      }
      return answer;
    });
  }

  #aroundPenstock(): Outside {
    return new Outside(
      {
        plan: this.#plan,
        scheduler: this.#scheduler,
        trace: this.#trace,
        state: this.#state,
        crash: (afterCalls) => {
          if (afterCalls === null) this.#process.mortal.die();
          else this.#process.mortal.dieAfterCalls(afterCalls);
        },
        stop: () => this.#process.stop(),
        remove: (id) => {
          this.#ends.deleted(id);
          this.#state.remove(id);
        },
        outage: (lastsMs) => this.#weather.outage(lastsMs),
        operator: this.#operator,
        resize: (random) => {
          const pool = pick(random, this.#plan.pools);
          const size = chance(random, 0.3) ? pool.size : between(random, 0, 2 * pool.size);
          this.#resize(this.#plan.pools.map((other) => (other === pool ? { ...pool, size } : other)));
        },
        setClockOffset: (offsetMs) => {
          this.#clockOffsetMs = offsetMs;
        },
      },
      START_MS + this.#plan.hours * HOUR_MS,
    );
  }

  #resize(pools: Plan['pools']): void {
    this.#capacity.resize(pools);
    this.#invariants.sizesChange(this.#capacity.sizes());
  }

  #newProcess(): Process {
    const { settings, medianDurationMs, estimates } = this.#plan;
    const slow = new SlowStore(this.#scheduler, this.#weather);
    const slowStore = slow.over(this.#store);
    return new Process({
      scheduler: this.#scheduler,
      trace: this.#trace,
      invariants: this.#invariants,
      settings,
      engine: this.#broken?.engine?.(this.#engine) ?? this.#engine,
      capacity: this.#capacity,
      slow,
      store: this.#broken?.store?.(slowStore) ?? slowStore,
      clockOffsetMs: () => this.#clockOffsetMs,
      isRecorded: (id) => this.#recorded.has(id),
      durations: (store, clock) =>
        estimates === 'frozen'
          ? new FrozenDurations(medianDurationMs)
          : new StoredDurations({ store, clock, firstEstimate: settings.firstEstimate }),
      onDeath: () => this.#restart(),
    });
  }

  #restart(): void {
    this.#crashes += 1;
    this.#invariants.processEnds();
    this.#scheduler.after(scaled(this.#restarts, 20, 30_000), () => {
      this.#process = this.#newProcess();
      const diesStartingUp = this.#calmAtMs === null && chance(this.#restarts, 0.3);
      if (diesStartingUp) this.#process.mortal.dieAfterCalls(between(this.#restarts, 0, 15));
      this.#process.start();
    });
  }

  #becomeCalm(): void {
    this.#note('calm');
    this.#calmAtMs = this.#scheduler.nowMs();
    this.#weather.becomeCalm();
    this.#operator.resumeAll();
    this.#capacity.becomeCalm();
    this.#process.mortal.dieAfterCalls(Number.POSITIVE_INFINITY);
    if (this.#plan.faults.has('sizeChanges')) this.#resize(this.#plan.pools);
    // Even one after the other, everything that is left ends within this.
    let leftMs = SETTLING_MS;
    for (const { work, created } of this.#state.runs()) {
      leftMs += work.startLatencyMs + Math.min(work.durationMs, created.timeoutMs ?? work.durationMs);
      leftMs += this.#plan.settings.relistMs;
    }
    this.#mustBeDoneAtMs = this.#scheduler.nowMs() + leftMs;
  }

  /** Everything that can run has run, and the loop had time to look once more. */
  #isDone(): boolean {
    if (this.#calmAtMs === null) return false;
    const nowMs = this.#scheduler.nowMs();
    const revision = this.#state.revision();
    if (revision === this.#leftAtRevision && this.#doneAtMs === null && nowMs <= this.#mustBeDoneAtMs)
      return false;
    this.#leftAtRevision = revision;
    const left = unfinished(this.#plan, this.#state);
    if (left.length > 0) {
      this.#doneAtMs = null;
      const [first] = left;
      if (nowMs > this.#mustBeDoneAtMs) {
        this.#invariants.fail(`${left.length} runs never end, ${first?.created.id} is ${first?.state}`);
      }
      return false;
    }
    this.#doneAtMs ??= nowMs;
    return nowMs > this.#doneAtMs + LAST_LOOKS * this.#plan.settings.relistMs;
  }

  #checkEnd(): Promise<void> {
    return checkEnd({
      plan: this.#plan,
      state: this.#state,
      store: this.#store,
      loop: this.#process.loop,
      ends: this.#ends,
      nowMs: this.#scheduler.nowMs(),
      fail: (message) => this.#invariants.fail(message),
    });
  }

  #note(line: string): void {
    this.#trace.add(this.#scheduler.nowMs(), line);
  }
}
