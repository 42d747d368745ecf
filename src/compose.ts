/**
 * The only place where adapters meet the app. Another engine or store is a line in `openEngine`
 * or `openStore`, and nobody else knows which it is. An engine that not everybody has is loaded
 * only when it is asked for.
 *
 * Always true: everything composed works under the data lock, which is taken first and
 * given back last; what could be opened is closed again when the rest cannot be.
 */
import { join } from 'node:path';
import { openLocalEngine } from './adapters/local/local-engine.ts';
import { readRunFile } from './adapters/local/run-file.ts';
import { pinoLog } from './adapters/pino-log/pino-log.ts';
import { acquireDataLock } from './adapters/sql/data-lock.ts';
import { staticCapacity } from './adapters/static-capacity/static-capacity.ts';
import { systemClock } from './adapters/system-clock/system-clock.ts';
import { type NeedsReader, needsReader } from './adapters/tekton/needs/needs-reader.ts';
import type { WayIn } from './api/access/way-in.ts';
import { createMetrics } from './api/metrics.ts';
import { type Api, buildServer, type ServerOptions } from './api/server.ts';
import type { Recording } from './app/access/penstock-for.ts';
import { StoredDurations } from './app/admission/durations.ts';
import type { AdmissionListener } from './app/admission/events.ts';
import { AdmissionLoop } from './app/admission-loop.ts';
import { ListedHistory } from './app/capacity/listed-history.ts';
import { MeteredCapacity } from './app/capacity/metered-capacity.ts';
import type { ChangeFeed } from './app/changes/change-feed.ts';
import { Explainer, type ExplainerParts } from './app/explaining/explainer.ts';
import { RunLog } from './app/explaining/run-log.ts';
import type { PolicyHistory } from './app/history/policy-history.ts';
import { createPenstock } from './app/penstock.ts';
import type { Policies } from './app/policies/policies.ts';
import type { PolicyRegistry } from './app/policies/registry.ts';
import type { TestRuns } from './app/test-runs/test-runs.ts';
import type { Penstock } from './app/views.ts';
import { composeAccess } from './compose/access.ts';
import { composeChanges } from './compose/changes.ts';
import { composeDuty } from './compose/duty.ts';
import { composeForecasting } from './compose/forecasting.ts';
import { type ComposedPolicies, composePolicies } from './compose/policies.ts';
import { type OpenedStore, openStore } from './compose/store.ts';
import { composeTestRuns } from './compose/test-runs.ts';
import type { Config, TektonConfig } from './config/config.ts';
import { tenantsOf } from './config/tenants.ts';
import type { QueueForecast } from './core/forecast/types.ts';
import type { Access } from './ports/access.ts';
import type { CapacitySource } from './ports/capacity.ts';
import type { Clock } from './ports/clock.ts';
import type { Engine } from './ports/engine.ts';
import type { Leadership } from './ports/leadership.ts';
import type { Log } from './ports/log.ts';
import type { Store } from './ports/store.ts';

/** Reads a file that somebody wants to run, as the engine understands it. */
export { type RunFile, readRunFile } from './adapters/local/run-file.ts';

/** Reads from PipelineRuns what they need, as the configuration has it. */
export function openNeedsReader(config: Pick<Config, 'needs' | 'pools'>): NeedsReader {
  return needsReader({ ...config.needs, pools: config.pools.map(({ name }) => name) });
}

/** An engine with the pools it knows of, and how the right to start runs in it is won. */
interface OpenedEngine {
  readonly engine: Engine;
  readonly capacity: CapacitySource;
  /** Null where the engine has no lease: a machine's own. */
  readonly stand: (() => Leadership) | null;
  /** Of those whom the cluster knows, where there is one. */
  readonly access?: Access;
  /** What was opened beside the engine. */
  readonly close?: () => Promise<void>;
}

interface EngineSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** It wants to hear of what others change. */
  readonly stays: boolean;
}

function openEngine(config: Config, around: EngineSurroundings): Promise<OpenedEngine> {
  return config.engine.kind === 'local' ? openLocal(config) : openTekton(config, config.engine, around);
}

async function openLocal(config: Config): Promise<OpenedEngine> {
  const folders = new Map(config.projects.map(({ name, folder }) => [name, folder]));
  const engine = await openLocalEngine({
    folder: join(config.dataFolder, 'local'),
    projectFolder: (project) => folders.get(project) ?? null,
    env: config.environment,
  });
  return { engine, capacity: staticCapacity(config.pools), stand: null };
}

async function openTekton(
  config: Config,
  tekton: TektonConfig,
  around: EngineSurroundings,
): Promise<OpenedEngine> {
  const { openTekton: open } = await import('./adapters/tekton/open-tekton.ts');
  const { openPrometheus } = await import('./adapters/prometheus/open-prometheus.ts');
  const tenants = tenantsOf(config);
  const { pools, needs, environment: env } = config;
  const { prometheus } = tekton;
  const meter = prometheus === null ? null : openPrometheus(prometheus, around.clock);
  const history = new ListedHistory();
  const opened = await open({
    ...tekton,
    ...around,
    pools,
    needs,
    env,
    onlyWatches: config.admission.mode === 'shadow',
    tenantOf: (project) => tenants.get(project) ?? null,
    moreSizes: meter === null ? [] : [meter.sizes],
    history,
  });
  if (meter === null || prometheus === null) return opened;
  const listsAll = (): boolean => prometheus.role === 'cross-check';
  const capacity = new MeteredCapacity({ sizes: opened.capacity, meter, history, listsAll, log: around.log });
  return { ...opened, capacity, close: () => meter.close() };
}

export interface ComposeOptions {
  /** Who asks, as the next one is told who finds the data folder in use: "penstock serve". */
  readonly who: string;
  readonly version: string;
  /** Without one, questions are answered and orders taken, but nothing is started. */
  readonly withLoop: boolean;
  readonly onEvent?: AdmissionListener | undefined;
}

export interface Composition {
  readonly penstock: Penstock;
  readonly registry: PolicyRegistry;
  readonly policies: Policies;
  readonly history: PolicyHistory;
  readonly testRuns: TestRuns;
  readonly changes: ChangeFeed;
  /** Not started yet; null where none was asked for. */
  readonly loop: AdmissionLoop | null;
  /** What goes on about policies, to be started and stopped where a loop runs; it launches nothing in the mode `shadow`. */
  readonly scheduled: Pick<ComposedPolicies, 'start' | 'stop'>;
  readonly engine: Engine;
  readonly log: Log;
  /** From now on these tokens of the configuration count. */
  readonly takeTokens: (tokens: Config['access']['tokens']) => void;
  /** A server with all routes that listens nowhere yet; whoever asks closes it. */
  api(wayIn: 'socket' | 'tcp'): Api;
  /** Stop the loop and close the servers first. */
  close(): Promise<void>;
}

interface Opened extends Omit<OpenedEngine, 'stand'>, Omit<OpenedStore, 'standInStore'> {
  readonly stand: () => Leadership;
  close(): Promise<void>;
}

/** For work on the data folder itself, which must not be done beside a Penstock that uses it. */
export async function withDataLock<T>(folder: string, who: string, work: () => T): Promise<T> {
  const lock = await acquireDataLock(folder, who);
  try {
    return work();
  } finally {
    await lock.release();
  }
}

export async function composePenstock(config: Config, options: ComposeOptions): Promise<Composition> {
  const log = pinoLog(config.logLevel);
  const clock = systemClock();
  const { version, withLoop } = options;
  const opened = await open(config, options.who, { clock, log, version, stays: withLoop });
  const { engine, store, capacity } = opened;
  const settings = config.admission;
  const durations = new StoredDurations({ store, clock, firstEstimate: settings.firstEstimate });
  const parts = { engine, store, clock, settings, durations, capacity };
  const metrics = createMetrics({
    view: () => loop?.view() ?? null,
    calibration: () => forecasting.kept.calibration(),
    leads: () => stands && leadership.standing().kind === 'leading',
    figures: () => [
      ...(engine.can.figures?.() ?? []),
      ...(capacity.figures?.() ?? []),
      ...scheduled.figures(),
    ],
  });
  const runLog = new RunLog(log, config.engine.kind === 'local' ? 'debug' : 'info');
  const onForecast = (forecast: QueueForecast): void => changes.onForecast(forecast);
  const forecasting = composeForecasting(config, { ...parts, log, withLoop, onForecast });
  const onEvent: AdmissionListener = (event) => {
    metrics.onEvent(event);
    forecasting.startLatency.onEvent(event);
    runLog.onEvent(event);
    changes.onEvent(event);
    options.onEvent?.(event);
    if (event.kind === 'run-finished' || event.kind === 'run-finished-elsewhere') scheduled.wake();
    // Nothing is made or ended for test runs before the loop works.
    if (event.kind === 'pass-finished') follower.start();
  };
  // Who only watches takes no part in who starts.
  const stands = withLoop && settings.mode === 'enforce';
  const duty = composeDuty({ ...opened, isEngineShared: engine.kind !== 'local', stands });
  const { leadership } = duty;
  const loop = withLoop ? new AdmissionLoop({ ...parts, log, onEvent, leadership }) : null;
  const penstock = createPenstock({
    ...parts,
    loop,
    ...forecasting,
    tenantOf: tenantsOf(config),
    mayCreate: duty.checkMakesRuns,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  const isReady = (): boolean => loop === null || loop.view() !== null;
  const explainer = loop === null || !stands ? null : explainerFor(config, { ...parts, penstock, loop, log });
  const checkPipeline = pipelineCheck(config);
  const around = { config, engine, store, clock, log, penstock, checkPipeline };
  const scheduled = composePolicies({ ...around, duty, leadership: stands ? leadership : null });
  const { registry, policies, history } = scheduled;
  const made = { store, clock, log, penstock, registry, engine, duty };
  const changes = composeChanges({ ...made, loop });
  const { testRuns, follower } = composeTestRuns(config, made);
  const asked = { penstock, policies, history, testRuns, changes };
  const served = { ...asked, checkPipeline, metrics, log, version, isReady };
  const access = composeAccess(config.access, opened.access);
  const api = apiOf(config, { store, clock, access: access.now }, served);
  const close = async (): Promise<void> => {
    await changes.stop();
    await follower.stop();
    explainer?.stop();
    await scheduled.stop();
    await forecasting.workers.close();
    await leadership.close();
    await opened.close();
  };
  explainer?.start();
  return { ...asked, registry, takeTokens: access.take, loop, scheduled, engine, log, api, close };
}

function apiOf(
  config: Config,
  around: { readonly store: Store; readonly clock: Clock; readonly access: () => Access | null },
  given: Omit<ServerOptions, 'record' | 'wayIn' | 'nowMs' | 'ping'>,
): Composition['api'] {
  const { store, clock } = around;
  const served = { ...given, nowMs: () => clock.nowMs(), ping: () => store.ping() };
  const record: Recording = (act) => store.recordAudit({ ...act, atMs: clock.nowMs() });
  return (kind) => buildServer({ ...served, record, wayIn: wayInOf(config, kind, around) });
}

/** Whether the engine will take a Pipeline: a cluster says so itself, when a run is created. */
function pipelineCheck(config: Config): (text: string, label: string) => unknown {
  return config.engine.kind === 'local' ? readRunFile : () => null;
}

function wayInOf(
  { access, user }: Config,
  kind: WayIn['kind'],
  from: { readonly clock: Clock; readonly access: () => Access | null },
): WayIn {
  if (kind === 'socket') return { kind, name: user };
  const { requestsPerSecond } = access;
  return {
    kind,
    access: from.access,
    requestsPerSecond,
    nowMs: () => from.clock.nowMs(),
  };
}

/** Only where the engine has a place to tell people something. */
function explainerFor(config: Config, parts: Omit<ExplainerParts, 'everyMs'>): Explainer | null {
  if (config.engine.kind === 'local') return null;
  return new Explainer({ ...parts, everyMs: config.engine.explainEveryMs });
}

async function open(config: Config, who: string, around: EngineSurroundings): Promise<Opened> {
  const lock = await acquireDataLock(config.dataFolder, who);
  const closers: (() => Promise<void>)[] = [() => lock.release()];
  const close = async (): Promise<void> => {
    for (const closeOne of closers.splice(0).reverse()) await closeOne();
  };
  try {
    const { store, isStoreShared, standInStore } = await openStore(config, around.log, around.stays);
    closers.push(() => store.close());
    const opened = await openEngine(config, around);
    closers.push(
      () => opened.engine.close(),
      async () => opened.close?.(),
    );
    return { ...opened, stand: opened.stand ?? standInStore, store, isStoreShared, close };
  } catch (error) {
    await close();
    throw error;
  }
}
