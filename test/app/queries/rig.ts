/**
 * Real parts around the queries: the app's own loop, the simulator's engine and clock, a
 * store in memory. Time moves only when a test says so, or when an answer needs it to.
 */

import { EngineClient, type Network, perfectNetwork } from '../../../sim/engine-client.ts';
import { EngineState, type Work } from '../../../sim/engine-state.ts';
import { Scheduler, settle } from '../../../sim/scheduler.ts';
import { StoredDurations } from '../../../src/app/admission/durations.ts';
import { AdmissionLoop } from '../../../src/app/admission-loop.ts';
import { createPenstock } from '../../../src/app/penstock.ts';
import type { AdmissionSettings } from '../../../src/app/settings.ts';
import type { Penstock, RunNotices } from '../../../src/app/views.ts';
import { runId } from '../../../src/core/model/run.ts';
import type { PoolCapacity } from '../../../src/ports/capacity.ts';
import type { Engine, NewRun } from '../../../src/ports/engine.ts';
import type { Log } from '../../../src/ports/log.ts';
import type { FinishedRun, Store } from '../../../src/ports/store.ts';
import { MemoryStore } from '../../fakes/memory-store.ts';

export const never = new AbortController().signal;
/** A quiet afternoon, 16:00 in UTC. */
export const startMs = Date.parse('2026-03-12T16:00:00Z');

export interface RigOptions {
  readonly pools?: Readonly<Record<string, number>>;
  readonly doubts?: Readonly<Record<string, string>>;
  readonly settings?: Partial<AdmissionSettings>;
  readonly loop?: boolean;
  readonly network?: Network;
  readonly namesOf?: Engine['can']['namesOf'];
  readonly store?: Store;
  readonly tenantOf?: ReadonlyMap<string, string>;
  /** By run id; ten minutes where nothing is said. */
  readonly durationMs?: (id: string) => number;
}

const settings: AdmissionSettings = {
  mode: 'enforce',
  shadowAdopts: 'all',
  paused: false,
  pausedPools: [],
  priorities: [
    { name: 'high', patienceMs: 1_800_000 },
    { name: 'normal', patienceMs: 3_600_000 },
  ],
  tenants: [],
  maxGrants: 2,
  startDeadlineMs: 10_000,
  relistMs: 60_000,
  retryMinMs: 20_000,
  retryMaxMs: 60_000,
  startConcurrency: 50,
  maxHeld: 1_000,
  maxHeldMs: null,
  firstEstimate: { p50Ms: 600_000, p90Ms: 900_000 },
};

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export class Rig {
  readonly scheduler = new Scheduler(startMs);
  readonly store: Store;
  readonly state: EngineState;
  readonly loop: AdmissionLoop | null;
  readonly penstock: Penstock & RunNotices;

  constructor(options: RigOptions = {}) {
    const { scheduler } = this;
    this.store = options.store ?? new MemoryStore();
    const client: { engine: EngineClient | null } = { engine: null };
    const witness = {
      startTookEffect: () => {},
      finished: () => {},
      changed: () => client.engine?.changed(),
    };
    this.state = new EngineState(scheduler, witness, { blindStarts: false });
    const workOf = (run: NewRun): Work => ({
      startLatencyMs: 100,
      durationMs: options.durationMs?.(run.id) ?? 600_000,
      outcome: 'succeeded',
      failsToStart: false,
    });
    const engine = new EngineClient({
      state: this.state,
      scheduler,
      network: options.network ?? perfectNetwork,
      witness: { sent: () => {}, landed: () => {} },
      workOf,
    });
    if (options.namesOf !== undefined) Object.assign(engine, { can: { namesOf: options.namesOf } });
    client.engine = engine;
    const capacity = { read: async () => capacityOf(options) };
    const parts = {
      engine,
      capacity,
      store: this.store,
      clock: scheduler,
      settings: { ...settings, ...options.settings },
    };
    const durations = new StoredDurations({
      store: this.store,
      clock: scheduler,
      firstEstimate: parts.settings.firstEstimate,
    });
    this.loop = options.loop === true ? new AdmissionLoop({ ...parts, durations, log: silent }) : null;
    this.penstock = createPenstock({
      ...parts,
      durations,
      loop: this.loop,
      tenantOf: options.tenantOf ?? new Map(),
      timeZone: 'UTC',
    });
    this.loop?.start();
  }

  /** The answer, with as many events as it needs. */
  ask<T>(answer: Promise<T>): Promise<T> {
    return answerOf(this.scheduler, answer);
  }

  /** Lets this much time pass, with all that happens in it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.scheduler.nowMs() + ms;
    this.scheduler.at(untilMs, () => {});
    while (this.scheduler.nowMs() < untilMs) {
      await settle();
      this.scheduler.step();
    }
    await settle();
  }

  async create(...runs: readonly NewRun[]): Promise<void> {
    await this.ask(this.penstock.createRuns(runs, never));
  }
}

/** Lets events happen until there is an answer. */
export async function answerOf<T>(scheduler: Scheduler, answer: Promise<T>): Promise<T> {
  let pending = true;
  const watched = answer.finally(() => {
    pending = false;
  });
  // Its failure is told to whoever awaits it below.
  watched.catch(() => {});
  for (;;) {
    await settle();
    if (!pending) return watched;
    if (!scheduler.step()) throw new Error('no answer came, and nothing is left to happen');
  }
}

function capacityOf({ pools = { runs: 2 }, doubts = {} }: RigOptions): readonly PoolCapacity[] {
  return Object.entries(pools).map(([name, size]) => ({
    name,
    size,
    otherUse: 0,
    doubt: doubts[name] ?? null,
  }));
}

export function aNewRun(id: string, changes: Partial<Omit<NewRun, 'id'>> = {}): NewRun {
  return {
    id: runId(id),
    project: 'shop',
    tenant: '',
    priority: 'normal',
    requests: {},
    content: 'build',
    params: {},
    timeoutMs: null,
    ...changes,
  };
}

export function aFinishedRun(id: string, changes: Partial<Omit<FinishedRun, 'id'>> = {}): FinishedRun {
  return {
    id: runId(id),
    project: 'shop',
    tenant: 'shop',
    priority: 'normal',
    requests: { runs: 1 },
    contentHash: 'c1',
    timeoutMs: null,
    ours: true,
    heldSinceMs: startMs - 7_200_000,
    startedAtMs: startMs - 7_000_000,
    finishedAtMs: startMs - 6_400_000,
    outcome: 'succeeded',
    reason: null,
    usage: null,
    profile: null,
    ...changes,
  };
}
