/**
 * One Penstock process over a cluster, in this process: it can be stopped in order, or killed
 * at any step. What a killed one still does has no effect on its data and starts nothing more.
 */
import type { Mortal } from '../../../../sim/mortal.ts';
import type { QueryAnswer } from '../../../../src/adapters/prometheus/instant-query.ts';
import { PrometheusMeter, type UseQuery } from '../../../../src/adapters/prometheus/prometheus-meter.ts';
import { openTekton, type TektonOptions } from '../../../../src/adapters/tekton/open-tekton.ts';
import { StoredDurations } from '../../../../src/app/admission/durations.ts';
import type { AdmissionEvent } from '../../../../src/app/admission/events.ts';
import { AdmissionLoop } from '../../../../src/app/admission-loop.ts';
import { ListedHistory } from '../../../../src/app/capacity/listed-history.ts';
import { MeteredCapacity } from '../../../../src/app/capacity/metered-capacity.ts';
import { createPenstock } from '../../../../src/app/penstock.ts';
import type { AdmissionSettings } from '../../../../src/app/settings.ts';
import type { Penstock } from '../../../../src/app/views.ts';
import type { NeedsRule } from '../../../../src/core/needs/rule.ts';
import type { CapacitySource } from '../../../../src/ports/capacity.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import type { Engine } from '../../../../src/ports/engine.ts';
import { type Leadership, soleLeadership } from '../../../../src/ports/leadership.ts';
import type { Log } from '../../../../src/ports/log.ts';
import type { Store } from '../../../../src/ports/store.ts';
import { settings } from '../../../app/admission/loop-rig.ts';
import { realClock } from '../tekton-world.ts';

/** What a monitoring server would answer to a query. */
export type Monitoring = (query: string) => QueryAnswer;

export interface ProcessOptions {
  readonly kubeconfig: string;
  readonly store: Store;
  readonly mortal: Mortal;
  readonly pools: Readonly<Record<string, number>>;
  readonly settings?: Partial<AdmissionSettings>;
  readonly rules?: readonly NeedsRule[];
  /** Pools from the multi-platform controller's ConfigMap. */
  readonly hostConfig?: boolean;
  /** Use of pools as a monitoring server shows it. */
  readonly metered?: { readonly use: readonly UseQuery[]; readonly monitoring: Monitoring };
  /** How long its lease lasts; without one it is alone and always leads. */
  readonly leaseMs?: number;
}

export interface PenstockProcess {
  readonly loop: AdmissionLoop;
  readonly engine: Engine;
  readonly penstock: Penstock;
  readonly events: readonly AdmissionEvent[];
  readonly logged: readonly string[];
  /** It does nothing more, and its connections are gone; a lease is given back if the server lets it. */
  kill(): Promise<void>;
  /** In order, unless it was killed. */
  end(): Promise<void>;
  /** The sentence that says why this run waits. */
  why(name: string): Promise<string>;
}

const SCRAPED_EVERY_MS = 40;
const never = new AbortController().signal;

function tektonOptions(
  options: ProcessOptions,
  kept: Pick<TektonOptions, 'history' | 'clock' | 'log'>,
): TektonOptions {
  return {
    kubeconfig: options.kubeconfig,
    context: null,
    namespace: 'default',
    env: {},
    version: 'test',
    defaultPriority: 'normal',
    defaultTimeoutMs: null,
    lease: { name: 'penstock', durationMs: options.leaseMs ?? 15_000 },
    hostConfig:
      options.hostConfig === true ? { namespace: 'multi-platform-controller', name: 'host-config' } : null,
    explainEveryMs: 100,
    writesPerSecond: 5,
    usage: false,
    needs: {
      annotationPrefix: 'prsstarter.example.com',
      unlimited: ['linux/x86_64', 'local'],
      rules: options.rules ?? [],
    },
    pools: Object.entries(options.pools).map(([name, size]) => ({ name, size })),
    tenantOf: () => null,
    onlyWatches: false,
    moreSizes: [],
    ...kept,
  };
}

export async function openProcess(options: ProcessOptions): Promise<PenstockProcess> {
  const { mortal, leaseMs } = options;
  const logged: string[] = [];
  const events: AdmissionEvent[] = [];
  const log = logInto(logged);
  const clock = mortalClock(mortal);
  const history = new ListedHistory();
  const opened = await openTekton(tektonOptions(options, { history, clock, log }));
  const meter = options.metered === undefined ? null : meterOf(options.metered, clock);
  const engine = mortalEngine(opened.engine, mortal);
  const capacity = mortalCapacity(
    meter === null
      ? opened.capacity
      : new MeteredCapacity({ sizes: opened.capacity, meter, history, listsAll: () => false, log }),
    mortal,
  );
  const store = mortalStore(options.store, mortal);
  const merged = {
    ...settings,
    startDeadlineMs: 2_000,
    retryMinMs: 50,
    retryMaxMs: 200,
    relistMs: 200,
    ...options.settings,
  };
  const durations = new StoredDurations({ store, clock, firstEstimate: merged.firstEstimate });
  const leadership: Leadership = leaseMs === undefined ? soleLeadership : opened.stand();
  const parts = { engine, capacity, store, clock, settings: merged, durations };
  const loop = new AdmissionLoop({ ...parts, log, leadership, onEvent: (event) => events.push(event) });
  const penstock = createPenstock({ ...parts, loop, tenantOf: new Map(), timeZone: 'UTC' });
  const closeAll = async (): Promise<void> => {
    await meter?.close();
    await opened.engine.close();
  };
  let ended: Promise<void> | null = null;
  return {
    loop,
    engine: opened.engine,
    penstock,
    events,
    logged,
    kill: () => {
      mortal.die();
      ended ??= leadership.close().then(closeAll);
      return ended;
    },
    end: () => {
      ended ??= loop.stop().then(async () => {
        await leadership.close();
        await closeAll();
      });
      return ended;
    },
    why: async (name) => {
      const { entries } = await penstock.queue(never);
      const entry = entries.find(({ run }) => run.id.includes(`/${name}@`));
      return entry?.because ?? '';
    },
  };
}

function meterOf({ use, monitoring }: NonNullable<ProcessOptions['metered']>, clock: Clock): PrometheusMeter {
  const meter = new PrometheusMeter({
    ask: async (query) => (query.includes('timestamp(') ? scrapedNow(monitoring(query)) : monitoring(query)),
    clock,
    use,
    sizes: [],
    intervalMs: SCRAPED_EVERY_MS,
    staleAfterMs: 5_000,
  });
  meter.start();
  return meter;
}

/** Scrape times are asked for by label, too. */
function scrapedNow(answer: QueryAnswer): QueryAnswer {
  if (answer.kind === 'failed') return answer;
  return { ...answer, series: answer.series.map(({ labels }) => ({ labels, value: Date.now() / 1000 })) };
}

function logInto(lines: string[]): Log {
  const write = (fields: object, message?: string): void => {
    lines.push(`${message ?? ''} ${JSON.stringify(fields)}`);
  };
  return { debug: () => {}, info: write, warn: write, error: write };
}

function mortalClock(mortal: Mortal): Clock {
  return {
    nowMs: () => realClock.nowMs(),
    at: (atMs, callback) => realClock.at(atMs, mortal.listener(callback)),
  };
}

function mortalCapacity(capacity: CapacitySource, mortal: Mortal): CapacitySource {
  return {
    read: (signal) => mortal.call(() => capacity.read(signal)),
    onChange: (listener) => capacity.onChange?.(mortal.listener(listener)) ?? (() => undefined),
  };
}

function mortalEngine(engine: Engine, mortal: Mortal): Engine {
  return {
    kind: engine.kind,
    can: engine.can,
    create: (runs, signal) => mortal.call(() => engine.create(runs, signal)),
    observe: (options, signal) => mortal.call(() => engine.observe(options, signal)),
    start: (id, request, signal) => mortal.call(() => engine.start(id, request, signal)),
    cancel: (id, reason, signal, options) => mortal.call(() => engine.cancel(id, reason, signal, options)),
    onChange: (listener) => engine.onChange(mortal.listener(listener)),
    close: () => engine.close(),
  };
}

function mortalStore(store: Store, mortal: Mortal): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]) => mortal.call(() => Reflect.apply(method, target, args));
    },
  });
}
