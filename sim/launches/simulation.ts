/**
 * One simulation of launches: a policy that fires each night, processes that die at any step,
 * clocks that jump, an engine that loses creations, authors who edit; then calm, and a look at
 * whether each launch became one run, or says why it became none.
 */
import { PolicyRegistry } from '../../src/app/policies/registry.ts';
import type { AdmissionSettings } from '../../src/app/settings.ts';
import type { RunId } from '../../src/core/model/run.ts';
import { type Random, randomStream } from '../../src/core/random/random.ts';
import type { NewRun } from '../../src/ports/engine.ts';
import type { LaunchRecord } from '../../src/ports/launch-store.ts';
import { soleLeadership } from '../../src/ports/leadership.ts';
import { MemoryStore } from '../../test/fakes/memory-store.ts';
import { between, chance, scaled } from '../draws.ts';
import { EngineClient, type Network, type ObserveFate, perfectNetwork } from '../engine-client.ts';
import { EngineState, type Work } from '../engine-state.ts';
import { Scheduler, settle } from '../scheduler.ts';
import { SlowStore, type StoreFate } from '../slow-store.ts';
import { editOf, type LaunchPlan, launchPlanOf } from './plan.ts';
import { digest, LaunchProcess } from './process.ts';
import { unreliableEngine } from './unreliable-engine.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Midnight in UTC; the policy fires an hour later. */
const START_MS = Date.parse('2026-03-30T00:00:00Z');
const FAULTS_UNTIL_MS = START_MS + 6 * HOUR_MS;
const END_MS = START_MS + 14 * HOUR_MS;
const STEPS_MAX = 2_000_000;
/** A creation that was asked for before an edit may take effect after it, within this. */
const IN_FLIGHT_MS = 20_000;

const settings: AdmissionSettings = {
  mode: 'enforce',
  shadowAdopts: 'all',
  paused: false,
  pausedPools: [],
  priorities: [{ name: 'normal', patienceMs: null }],
  tenants: [],
  maxGrants: 0,
  startDeadlineMs: 10_000,
  relistMs: 30_000,
  retryMinMs: 1_000,
  retryMaxMs: 30_000,
  startConcurrency: 8,
  maxHeld: 1_000,
  maxHeldMs: null,
  firstEstimate: { p50Ms: MINUTE_MS, p90Ms: MINUTE_MS },
};

export interface LaunchSimulationResult {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Launches by state. */
  readonly states: Readonly<Record<string, number>>;
  readonly crashes: number;
  readonly created: number;
  readonly trace: readonly string[];
}

export function simulateLaunches(seed: number): Promise<LaunchSimulationResult> {
  return new LaunchSimulation(launchPlanOf(seed)).run();
}

class LaunchSimulation {
  readonly #plan: LaunchPlan;
  readonly #scheduler = new Scheduler(START_MS);
  readonly #store = new MemoryStore();
  readonly #state: EngineState;
  readonly #client: EngineClient;
  readonly #random: Random;
  readonly #created = new Map<RunId, number>();
  readonly #ended = new Map<RunId, string>();
  readonly #violations: string[] = [];
  readonly #trace: string[] = [];
  readonly #registry: PolicyRegistry;
  /** When the policy was last one that launches. */
  #activeUntilMs = Number.POSITIVE_INFINITY;
  #process: LaunchProcess;
  #offsetMs = 0;
  #crashes = 0;
  #calm = false;
  #outUntilMs = Number.NEGATIVE_INFINITY;

  constructor(plan: LaunchPlan) {
    this.#plan = plan;
    this.#random = randomStream(plan.seed, 'faults of launches');
    this.#state = new EngineState(
      this.#scheduler,
      {
        startTookEffect: () => {},
        finished: ({ created, state }) => void this.#ended.set(created.id, state),
        changed: () => this.#client?.changed(),
      },
      { blindStarts: false },
    );
    this.#client = this.#connect();
    const clock = { nowMs: () => this.#scheduler.nowMs(), at: () => () => {} };
    this.#registry = new PolicyRegistry({ store: this.#store.policies, clock });
    this.#process = this.#newProcess();
  }

  async run(): Promise<LaunchSimulationResult> {
    await this.#apply(this.#plan.policy);
    this.#process.start();
    this.#planFaults();
    this.#scheduler.at(FAULTS_UNTIL_MS, () => this.#becomeCalm());
    this.#scheduler.at(END_MS, () => {});
    await settle();
    for (let steps = 0; this.#scheduler.nowMs() < END_MS; steps += 1) {
      if (steps > STEPS_MAX) {
        this.#violations.push('something never rests');
        break;
      }
      this.#scheduler.step();
      await settle();
      this.#state.remember();
    }
    const launches = await this.#launches();
    this.#checkEnd(launches);
    const states: Record<string, number> = {};
    for (const { state } of launches) states[state] = (states[state] ?? 0) + 1;
    const { seed } = this.#plan;
    const [created, crashes] = [this.#created.size, this.#crashes];
    return { seed, violations: this.#violations, states, crashes, created, trace: this.#trace };
  }

  #note(line: string): void {
    this.#trace.push(`${new Date(this.#scheduler.nowMs()).toISOString().slice(5, 23)} ${line}`);
  }

  #connect(): EngineClient {
    const network: Network = { ...perfectNetwork, observe: () => this.#observeFate() };
    const works = randomStream(this.#plan.seed, 'works');
    const workOf = (): Work => ({
      startLatencyMs: 100,
      durationMs: scaled(works, 1_000, 3 * MINUTE_MS),
      outcome: chance(works, 0.1) ? 'failed' : 'succeeded',
      failsToStart: false,
    });
    const { state, scheduler } = { state: this.#watchedState(), scheduler: this.#scheduler };
    return new EngineClient({
      state,
      scheduler,
      network,
      witness: { sent: () => {}, landed: () => {} },
      workOf,
    });
  }

  /** Sees each run that is created, at the instant it is. */
  #watchedState(): EngineState {
    const create = this.#state.create.bind(this.#state);
    this.#state.create = (run: NewRun, ours: boolean, work: Work) => {
      const before = this.#created.get(run.id) ?? 0;
      this.#created.set(run.id, before + 1);
      this.#note(`created ${run.id}`);
      if (before > 0) this.#violations.push(`${run.id} was created twice`);
      if (this.#scheduler.nowMs() > this.#activeUntilMs + IN_FLIGHT_MS) {
        this.#violations.push(`${run.id} was created although its policy was disabled or deleted before`);
      }
      create(run, ours, work);
    };
    return this.#state;
  }

  #observeFate(): ObserveFate {
    const answerAfterMs = between(this.#random, 0, this.#calm ? 20 : Math.min(this.#plan.slownessMs, 5_000));
    const failure = this.#isOut() ? 'engine down' : null;
    return { arriveAfterMs: 0, answerAfterMs, lagMs: 0, failure };
  }

  #isOut(): boolean {
    return this.#scheduler.nowMs() < this.#outUntilMs;
  }

  #newProcess(): LaunchProcess {
    const scheduler = this.#scheduler;
    const plan = this.#plan;
    const weather = { isOut: () => this.#isOut(), isCalm: () => this.#calm };
    const slow = new SlowStore(scheduler, {
      fate: () => this.#storeFate(),
      landsAtCrash: () => chance(this.#random, 0.5),
    });
    return new LaunchProcess({
      plan,
      scheduler,
      settings,
      slow,
      store: this.#store,
      leadership: soleLeadership,
      engine: (isAlive) => unreliableEngine(this.#client, { plan, scheduler, weather, isAlive }),
      clockOffsetMs: () => this.#offsetMs,
      onDeath: () => this.#restart(),
    });
  }

  #storeFate(): StoreFate {
    const random = this.#random;
    if (this.#calm || !this.#plan.faults.has('storeFaults'))
      return { delayMs: between(random, 0, 2), failure: null };
    const failure = chance(random, 0.03) ? { applied: chance(random, 0.5) } : null;
    return { delayMs: between(random, 0, 200), failure };
  }

  #restart(): void {
    this.#crashes += 1;
    this.#note('dies');
    this.#scheduler.after(scaled(this.#random, 20, this.#calm ? 100 : 3 * HOUR_MS), () => {
      this.#note('begins');
      this.#process = this.#newProcess();
      if (!this.#calm && chance(this.#random, 0.4)) {
        this.#process.mortal.dieAfterCalls(between(this.#random, 0, 60));
      }
      this.#process.start();
    });
  }

  #planFaults(): void {
    const { faults } = this.#plan;
    if (faults.has('crashes')) this.#repeat(40 * MINUTE_MS, () => this.#crash());
    if (faults.has('outages')) this.#repeat(60 * MINUTE_MS, () => this.#breakDown());
    if (faults.has('clockJumps')) this.#repeat(90 * MINUTE_MS, () => this.#jump());
    if (faults.has('edits')) this.#repeat(30 * MINUTE_MS, () => void this.#edit());
  }

  #repeat(meanMs: number, work: () => void): void {
    this.#scheduler.after(scaled(this.#random, meanMs / 20, meanMs * 3), () => {
      if (this.#calm) return;
      work();
      this.#repeat(meanMs, work);
    });
  }

  #crash(): void {
    if (chance(this.#random, 0.3)) this.#process.mortal.die();
    else this.#process.mortal.dieAfterCalls(between(this.#random, 0, 200));
  }

  #breakDown(): void {
    const lastsMs = scaled(this.#random, 1_000, 30 * MINUTE_MS);
    this.#note(`engine down for ${lastsMs} ms`);
    this.#outUntilMs = this.#scheduler.nowMs() + lastsMs;
  }

  #jump(): void {
    this.#offsetMs = chance(this.#random, 0.4) ? 0 : between(this.#random, -90, 90) * MINUTE_MS;
    this.#note(`clock off by ${this.#offsetMs / MINUTE_MS} min`);
  }

  async #edit(): Promise<void> {
    const there = await this.#registry.find('audit');
    const nowMs = this.#scheduler.nowMs();
    const order = { by: 'ann', condition: { kind: 'none' } } as const;
    if (there !== null && chance(this.#random, 0.15)) {
      this.#note('deletes');
      await this.#registry.remove('audit', order);
      this.#activeUntilMs = Math.min(this.#activeUntilMs, nowMs);
    } else {
      await this.#apply(editOf(there?.policy ?? this.#plan.policy, this.#random, nowMs));
    }
  }

  async #apply(policy: LaunchPlan['policy']): Promise<void> {
    const nowMs = this.#scheduler.nowMs();
    this.#note(
      `applies enabled ${policy.enabled} snooze ${policy.snooze?.untilMs} start ${policy.schedule.startMinute}`,
    );
    const config = digest(JSON.stringify(policy));
    const read = {
      policy,
      document: {},
      runContent: 'pipeline',
      runContentHash: 'r',
      contentHash: 'c',
      configHash: config,
      isContentKnown: true,
      isActive: policy.enabled,
    };
    this.#activeUntilMs = policy.enabled ? Number.POSITIVE_INFINITY : Math.min(this.#activeUntilMs, nowMs);
    await this.#registry.apply(read, { by: 'ann', condition: { kind: 'none' } });
  }

  #becomeCalm(): void {
    this.#note('calm');
    this.#calm = true;
    this.#outUntilMs = Number.NEGATIVE_INFINITY;
    this.#offsetMs = 0;
    this.#process.mortal.dieAfterCalls(Number.POSITIVE_INFINITY);
  }

  async #launches(): Promise<readonly LaunchRecord[]> {
    const occurrences = await this.#store.launches.occurrencesFrom(0);
    const lists = await Promise.all(
      occurrences.map(({ identity, key }) => this.#store.launches.launchesOf(identity, key)),
    );
    return lists.flat();
  }

  #checkEnd(launches: readonly LaunchRecord[]): void {
    const byRun = new Map<RunId, LaunchRecord>();
    const nowMs = this.#scheduler.nowMs();
    for (const launch of launches) {
      const what = `${launch.occurrenceKey} ${launch.project} ${launch.branch ?? ''}`;
      const isOpen =
        launch.state === 'creating' || (launch.state === 'planned' && launch.atMs < nowMs - MINUTE_MS);
      if (isOpen) this.#violations.push(`${what} is ${launch.state} for ever`);
      if (launch.state === 'launched') this.#checkLaunched(launch, what);
      else if (launch.state !== 'planned' && launch.reason === null)
        this.#violations.push(`${what} is ${launch.state} without a reason`);
      if (launch.runId !== null) {
        if (byRun.has(launch.runId)) this.#violations.push(`${launch.runId} belongs to two launches`);
        byRun.set(launch.runId, launch);
      }
    }
    for (const id of this.#created.keys()) {
      if (!byRun.has(id)) this.#violations.push(`${id} was created and no launch says so`);
    }
    this.#checkComplete(launches);
  }

  #checkLaunched(launch: LaunchRecord, what: string): void {
    const { runId, outcome } = launch;
    if (runId === null || this.#created.get(runId) !== 1) {
      this.#violations.push(`${what} is said to be launched and was not`);
    } else if (outcome !== this.#ended.get(runId)) {
      this.#violations.push(`${what} ended ${this.#ended.get(runId)}, and its launch says ${outcome}`);
    }
  }

  /** Where nobody edits and no clock jumps, the night's occurrence is complete, or was missed as a whole. */
  #checkComplete(launches: readonly LaunchRecord[]): void {
    const { faults, candidates, policy } = this.#plan;
    if (faults.has('edits') || faults.has('clockJumps')) return;
    const expected = candidates.length * Math.max(1, policy.branches.length);
    const tonight = launches.filter(({ occurrenceKey }) => occurrenceKey === '2026-03-30').length;
    if (tonight !== expected && (tonight > 0 || this.#crashes === 0)) {
      this.#violations.push(`${tonight} of ${expected} launches were planned`);
    }
  }
}
