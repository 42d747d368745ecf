/**
 * The real launcher, registry and admission loop over the simulated engine, without faults:
 * a policy that fires at one in the morning, begun at half past twelve, with four projects.
 */
import { EngineClient, perfectNetwork } from '../../../sim/engine-client.ts';
import { EngineState } from '../../../sim/engine-state.ts';
import { launchPlanOf } from '../../../sim/launches/plan.ts';
import { LaunchProcess } from '../../../sim/launches/process.ts';
import { Scheduler, settle } from '../../../sim/scheduler.ts';
import { SlowStore } from '../../../sim/slow-store.ts';
import { PolicyRegistry } from '../../../src/app/policies/registry.ts';
import { CodedError } from '../../../src/core/errors/catalogue.ts';
import type { RunId } from '../../../src/core/model/run.ts';
import type { Policy } from '../../../src/core/policy/model.ts';
import type { Engine, NewRun } from '../../../src/ports/engine.ts';
import type { LaunchRecord, OccurrenceRecord } from '../../../src/ports/launch-store.ts';
import { type Leadership, soleLeadership } from '../../../src/ports/leadership.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';
import { settings } from '../admission/loop-rig.ts';

export const MINUTE_MS = 60_000;
export const START_MS = Date.parse('2026-03-30T00:30:00Z');
const ORDER = { by: 'ann', condition: { kind: 'none' } } as const;

export const ANOTHER_LEADS: Leadership = {
  standing: () => ({ kind: 'following', leader: 'another' }),
  onChange: () => () => {},
  close: async () => {},
};

export class LaunchRig {
  readonly scheduler = new Scheduler(START_MS);
  readonly store = new MemoryStore();
  /** Asked for and made, in order. */
  readonly created: RunId[] = [];
  /** Projects that the engine knows nothing of. */
  readonly refuses = new Set<string>();
  policy: Policy;
  readonly #engine: Engine;
  readonly #registry: PolicyRegistry;
  readonly #leadership: Leadership;
  #process: LaunchProcess | null = null;
  #offsetMs = 0;

  static async begin(
    changes: Partial<Policy> = {},
    leadership: Leadership = soleLeadership,
    durationMs = MINUTE_MS,
  ): Promise<LaunchRig> {
    const rig = new LaunchRig(changes, leadership, durationMs);
    await rig.edit({});
    await rig.start();
    return rig;
  }

  constructor(changes: Partial<Policy>, leadership: Leadership, durationMs: number) {
    const { policy } = launchPlanOf(1);
    const window = { lengthMs: 20 * MINUTE_MS, spread: 'random' as const };
    this.policy = { ...policy, branches: [], window, catchUp: { mode: 'skip' }, ...changes };
    this.#leadership = leadership;
    const client: { engine: EngineClient | null } = { engine: null };
    const witness = {
      startTookEffect: () => {},
      finished: () => {},
      changed: () => client.engine?.changed(),
    };
    const state = new EngineState(this.scheduler, witness, { blindStarts: false });
    client.engine = new EngineClient({
      state,
      scheduler: this.scheduler,
      network: perfectNetwork,
      witness: { sent: () => {}, landed: () => {} },
      workOf: (run) => this.#workOf(run, durationMs),
    });
    this.#engine = this.#counting(client.engine);
    const clock = { nowMs: () => this.#nowMs(), at: () => () => {} };
    this.#registry = new PolicyRegistry({ store: this.store.policies, clock });
  }

  #nowMs(): number {
    return this.scheduler.nowMs() + this.#offsetMs;
  }

  #workOf(run: NewRun, durationMs: number) {
    if (this.refuses.has(run.project)) throw new CodedError('pipeline-invalid', 'no such project');
    return { startLatencyMs: 10, durationMs, outcome: 'succeeded' as const, failsToStart: false };
  }

  #counting(engine: EngineClient): Engine {
    return {
      kind: engine.kind,
      can: engine.can,
      create: async (runs) => {
        const outcomes = await engine.create(runs);
        for (const outcome of outcomes) if (outcome.kind === 'created') this.created.push(outcome.id);
        return outcomes;
      },
      observe: (options) => engine.observe(options),
      start: (id, request) => engine.start(id, request),
      cancel: (id, reason, signal, options) => engine.cancel(id, reason, signal, options),
      onChange: (listener) => engine.onChange(listener),
      close: () => engine.close(),
    };
  }

  async start(): Promise<void> {
    const candidates = launchPlanOf(1).candidates.slice(0, 4);
    const plan = { ...launchPlanOf(1), candidates, slots: 2, creationEndsWithProcess: true };
    const fate = () => ({ delayMs: 0, failure: null });
    this.#process = new LaunchProcess({
      plan,
      scheduler: this.scheduler,
      settings: { ...settings, relistMs: MINUTE_MS },
      engine: () => this.#engine,
      slow: new SlowStore(this.scheduler, { fate, landsAtCrash: () => true }),
      store: this.store,
      leadership: this.#leadership,
      clockOffsetMs: () => this.#offsetMs,
      onDeath: () => {},
    });
    this.#process.start();
    await this.pass(1_000);
  }

  /** It dies. */
  async stop(): Promise<void> {
    this.#process?.mortal.die();
  }

  /** Saves the policy with these changes, as another process would. */
  async edit(changes: Partial<Policy>): Promise<void> {
    this.policy = { ...this.policy, ...changes };
    const read = {
      policy: this.policy,
      document: {},
      runContent: 'pipeline',
      runContentHash: 'r',
      contentHash: 'c',
      configHash: JSON.stringify(this.policy),
      isContentKnown: true,
      isActive: this.policy.enabled,
    };
    await this.#registry.apply(read, ORDER);
    await this.#looked();
  }

  async remove(): Promise<void> {
    await this.#registry.remove('audit', ORDER);
    await this.#looked();
  }

  /** The launcher is told at once where the change is made in its own process; here it looks every five minutes. */
  async #looked(): Promise<void> {
    if (this.#process !== null) await this.pass(0);
  }

  setClockBack(ms: number): void {
    this.#offsetMs -= ms;
  }

  async pass(ms: number): Promise<void> {
    await settle();
    const untilMs = this.scheduler.nowMs() + ms;
    this.scheduler.at(untilMs, () => {});
    while (this.scheduler.nowMs() < untilMs || this.scheduler.nextAtMs() === untilMs) {
      this.scheduler.step();
      await settle();
    }
  }

  async untilLaunched(count: number): Promise<void> {
    while (this.created.length < count) await this.pass(1_000);
  }

  occurrences(): Promise<readonly OccurrenceRecord[]> {
    return this.store.launches.occurrencesFrom(0);
  }

  launches(): Promise<readonly LaunchRecord[]> {
    return this.store.launches.launchesOf('penstock:audit', '2026-03-30');
  }

  async states(): Promise<Readonly<Record<string, number>>> {
    const states: Record<string, number> = {};
    for (const { state } of await this.launches()) states[state] = (states[state] ?? 0) + 1;
    return states;
  }
}
