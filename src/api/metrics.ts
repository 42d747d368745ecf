/**
 * Figures for Prometheus. What happens is counted from the events of the admission loop;
 * what is, is read from its last pass when somebody scrapes.
 *
 * Always true: the number of series is bounded. Tenants beyond the first
 * `TENANTS_SHOWN` are counted together as `other`; pools are as many as are configured.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AdmissionListener } from '../app/admission/events.ts';
import type { AdmissionView } from '../app/admission/view.ts';
import type { ErrorCode } from '../core/errors/catalogue.ts';
import { isFinished } from '../core/model/run.ts';
import type { Pool } from '../core/model/snapshot.ts';

/** Enough to see who is who; a series for each of a thousand tenants would drown the server. */
const TENANTS_SHOWN = 50;
const OTHER = 'other';

/** From a second to two days: a bulk build on Friday ends on Sunday. */
const WAIT_BUCKETS_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 10_800, 43_200, 172_800];
const PASS_BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  readonly countError: (code: ErrorCode) => void;
  /** For the admission loop to report to. */
  readonly onEvent: AdmissionListener;
}

/** `view` is the last pass of the loop; null where none runs. */
export function createMetrics(view: () => AdmissionView | null): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerGauges(registry, view);
  const errors = new Counter({
    name: 'penstock_errors_total',
    help: 'Errors answered to requests, by code of the error catalogue',
    labelNames: ['code'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countError: (code) => errors.inc({ code }),
    onEvent: eventCounters(registry),
  };
}

function eventCounters(registry: Registry): AdmissionListener {
  const registers = [registry];
  const starts = new Counter({ name: 'penstock_starts_total', help: 'Runs started', registers });
  const waits = new Histogram({
    name: 'penstock_wait_seconds',
    help: 'How long started runs had been held',
    buckets: WAIT_BUCKETS_SECONDS,
    registers,
  });
  const passes = new Histogram({
    name: 'penstock_pass_seconds',
    help: 'Time of a whole pass: observe, decide, ask for the starts',
    buckets: PASS_BUCKETS_SECONDS,
    registers,
  });
  const unsettled = new Counter({
    name: 'penstock_start_problems_total',
    help: 'Starts that the engine refused, whose answer was lost, or that took no effect in time',
    labelNames: ['kind'],
    registers,
  });
  const doubts = new Counter({
    name: 'penstock_doubts_total',
    help: 'Failures to read or write what the loop needs, by source',
    labelNames: ['source'],
    registers,
  });
  const names = boundedNames(TENANTS_SHOWN);
  const expired = new Counter({
    name: 'penstock_expired_total',
    help: 'Held runs that were cancelled because they were older than their maximum age, by tenant',
    labelNames: ['tenant'],
    registers,
  });
  const finished = new Counter({
    name: 'penstock_finished_total',
    help: 'Runs that ended, by tenant and outcome',
    labelNames: ['tenant', 'outcome'],
    registers,
  });
  return (event) => {
    switch (event.kind) {
      case 'pass-finished':
        return passes.observe(event.tookMs / 1000);
      case 'run-started':
        starts.inc();
        return waits.observe(event.heldForMs / 1000);
      case 'start-refused':
      case 'start-unknown':
      case 'start-lapsed':
        return unsettled.inc({ kind: event.kind });
      case 'run-expired':
        return expired.inc({ tenant: names(event.tenant) });
      case 'run-finished':
        return finished.inc({ tenant: names(event.run.tenant), outcome: event.run.outcome });
      case 'doubt':
        return doubts.inc({ source: event.doubt.source });
      case 'doubt-ended':
        return undefined;
    }
  };
}

/** Computed when scraped, from the last pass as it stands. */
function registerGauges(registry: Registry, view: () => AdmissionView | null): void {
  const registers = [registry];
  const names = boundedNames(TENANTS_SHOWN);
  new Gauge({
    name: 'penstock_runs',
    help: 'Runs that have not finished, by tenant and state',
    labelNames: ['tenant', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { tenant, state, id } of view()?.observation.runs ?? []) {
        if (isFinished(state)) continue;
        const shown = state === 'held' && view()?.starting.has(id) === true ? 'starting' : state;
        this.inc({ tenant: names(tenant), state: shown });
      }
    },
  });
  new Gauge({
    name: 'penstock_paused',
    help: '1 while everything is paused, or a tenant or pool is; tenants that are not paused are left out',
    labelNames: ['scope', 'name'],
    registers,
    collect() {
      this.reset();
      const snapshot = view()?.snapshot;
      if (snapshot === undefined) return;
      this.set({ scope: 'everything', name: '' }, snapshot.paused ? 1 : 0);
      for (const { name, paused } of snapshot.pools) this.set({ scope: 'pool', name }, paused ? 1 : 0);
      for (const { name, paused } of snapshot.tenants) {
        if (paused) this.set({ scope: 'tenant', name: names(name) }, 1);
      }
    },
  });
  const poolGauge = (name: string, help: string, value: (pool: Pool, used: number) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['pool'],
      registers,
      collect() {
        this.reset();
        const snapshot = view()?.snapshot;
        for (const pool of snapshot?.pools ?? []) {
          const inUse = (snapshot?.active ?? []).reduce(
            (sum, run) => sum + (run.requests[pool.name] ?? 0),
            0,
          );
          this.set({ pool: pool.name }, value(pool, inUse + pool.otherUse));
        }
      },
    });
  poolGauge('penstock_pool_size', 'Units a pool has', (pool) => pool.size);
  poolGauge('penstock_pool_used', 'Units of a pool in use', (_pool, used) => used);
  poolGauge(
    'penstock_pool_in_doubt',
    '1 while the size or use of a pool cannot be trusted, so that it starts nothing',
    (pool) => (pool.doubt === null ? 0 : 1),
  );
}

/** The first `most` names keep theirs for the life of the process; later ones share one. */
function boundedNames(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most) return OTHER;
    known.add(name);
    return name;
  };
}
