/**
 * One process of Penstock that also launches: the real loop, registry and launcher, that die
 * together at any call of a port.
 */
import { createHash } from 'node:crypto';
import { AdmissionLoop } from '../../src/app/admission-loop.ts';
import { Launcher } from '../../src/app/launching/launcher.ts';
import { createPenstock } from '../../src/app/penstock.ts';
import { PolicyRegistry } from '../../src/app/policies/registry.ts';
import type { AdmissionSettings } from '../../src/app/settings.ts';
import type { Engine } from '../../src/ports/engine.ts';
import type { Leadership } from '../../src/ports/leadership.ts';
import type { Store } from '../../src/ports/store.ts';
import { aroundCalls } from '../around-calls.ts';
import { FrozenDurations } from '../frozen-durations.ts';
import { Mortal, OwnClock } from '../mortal.ts';
import { silentLog } from '../process.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SlowStore } from '../slow-store.ts';
import type { LaunchPlan } from './plan.ts';

export interface LaunchProcessParts {
  readonly plan: LaunchPlan;
  readonly scheduler: Scheduler;
  readonly settings: AdmissionSettings;
  readonly engine: (isAlive: () => boolean) => Engine;
  readonly slow: SlowStore;
  readonly store: Store;
  readonly leadership: Leadership;
  readonly clockOffsetMs: () => number;
  readonly onDeath: () => void;
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export class LaunchProcess {
  readonly mortal: Mortal;
  readonly launcher: Launcher;
  readonly loop: AdmissionLoop;

  constructor(parts: LaunchProcessParts) {
    const { plan, scheduler, settings, slow, leadership } = parts;
    this.mortal = new Mortal(() => {
      slow.crash();
      parts.onDeath();
    });
    const clock = new OwnClock(scheduler, this.mortal, parts.clockOffsetMs);
    const store = aroundCalls(slow.over(parts.store), (call) => this.mortal.call(() => call.perform()));
    const engine = this.#mortalEngine(parts.engine(() => this.mortal.alive()));
    const capacity = {
      read: () =>
        this.mortal.call(async () => [{ name: 'runs', size: plan.slots, otherUse: 0, doubt: null }]),
    };
    const durations = new FrozenDurations(60_000);
    const around = { engine, store, clock, settings, durations, capacity, log: silentLog };
    this.loop = new AdmissionLoop({
      ...around,
      leadership,
      onEvent: ({ kind }) => {
        if (kind === 'run-finished') this.launcher.wake();
      },
    });
    const penstock = createPenstock({ ...around, loop: this.loop, tenantOf: new Map(), timeZone: 'UTC' });
    const registry = new PolicyRegistry({ store: store.policies, clock });
    this.launcher = new Launcher({
      engine,
      store,
      launches: store.launches,
      registry,
      leadership,
      clock,
      log: silentLog,
      digest,
      projects: { candidates: plan.candidates, candidatesPlan: '' },
      creationEndsWithProcess: plan.creationEndsWithProcess,
      runs: {
        store: store.policies,
        engineKind: engine.kind,
        createRuns: (runs, signal) => penstock.createRuns(runs, signal),
      },
    });
  }

  start(): void {
    this.loop.start();
    this.launcher.start();
  }

  #mortalEngine(engine: Engine): Engine {
    const { forget } = engine.can;
    return {
      kind: engine.kind,
      create: (runs, signal) => this.mortal.call(() => engine.create(runs, signal)),
      observe: (options, signal) => this.mortal.call(() => engine.observe(options, signal)),
      start: (id, request, signal) => this.mortal.call(() => engine.start(id, request, signal)),
      cancel: (id, reason, signal, options) =>
        this.mortal.call(() => engine.cancel(id, reason, signal, options)),
      onChange: (listener) => engine.onChange(this.mortal.listener(listener)),
      close: () => engine.close(),
      can: forget === undefined ? {} : { forget: (ids) => this.mortal.call(() => forget(ids)) },
    };
  }
}
