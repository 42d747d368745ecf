/**
 * What is, computed when somebody scrapes, from the last pass as it stands.
 *
 * Always true: one walk over the runs for each metric, however many pools there are; who is
 * gone has no series.
 */
import { Gauge, type Registry } from 'prom-client';
import type { AdmissionView } from '../../app/admission/view.ts';
import { poolViews } from '../../app/queries/pools.ts';
import { poolWaitedFor } from '../../app/queries/reason-sentences.ts';
import type { PoolView } from '../../app/views.ts';
import { holdReasons } from '../../core/admission/hold-reasons.ts';
import type { HoldReason } from '../../core/model/decision.ts';
import { isFinished } from '../../core/model/run.ts';
import type { LabelNames } from './bounded-names.ts';

type View = () => AdmissionView | null;

export function viewGauges(registry: Registry, view: View, names: LabelNames): void {
  runGauge(registry, view, names);
  waitingGauge(registry, view, names);
  pausedGauge(registry, view, names);
  poolGauges(registry, view, names);
  tenantUseGauge(registry, view, names);
}

function runGauge(registry: Registry, view: View, names: LabelNames): void {
  new Gauge({
    name: 'penstock_runs',
    help: 'Runs that have not finished, by tenant and state: held, starting, running',
    labelNames: ['tenant', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      const seen = view();
      for (const { tenant, state, id } of seen?.observation.runs ?? []) {
        if (isFinished(state)) continue;
        const shown = state === 'held' && seen?.starting.has(id) === true ? 'starting' : state;
        this.inc({ tenant: names.tenant(tenant), state: shown });
      }
    },
  });
}

/** By what would have to go away first. Those that wait for no pool have an empty one. */
function waitingGauge(registry: Registry, view: View, names: LabelNames): void {
  new Gauge({
    name: 'penstock_waiting_runs',
    help: 'Held runs by the pool they wait for and why: pool-full, capacity-in-doubt, reserved, paused, retry, ...',
    labelNames: ['pool', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      const seen = view();
      if (seen === null) return;
      const { snapshot, decision, observation, retries } = seen;
      for (const reason of holdReasons(snapshot, decision).values()) {
        const pool = poolWaitedFor(reason);
        this.inc({ pool: pool === null ? '' : names.pool(pool), reason: firstOf(reason).kind });
      }
      for (const _ of retries) this.inc({ pool: '', reason: 'retry' });
      for (const { state, ours, fault } of observation.runs) {
        if (state === 'held' && ours && fault !== null) this.inc({ pool: '', reason: 'malformed' });
      }
    },
  });
}

function firstOf(reason: HoldReason): HoldReason {
  return reason.kind === 'behind' ? firstOf(reason.first) : reason;
}

function pausedGauge(registry: Registry, view: View, names: LabelNames): void {
  new Gauge({
    name: 'penstock_paused',
    help: '1 while everything is paused, or a tenant or pool is; tenants that are not paused are left out',
    labelNames: ['scope', 'name'],
    registers: [registry],
    collect() {
      this.reset();
      const snapshot = view()?.snapshot;
      if (snapshot === undefined) return;
      this.set({ scope: 'everything', name: '' }, snapshot.paused ? 1 : 0);
      const set = (scope: string, name: string, paused: boolean) => {
        // Among those that share a label one that is paused must show.
        if (paused) this.set({ scope, name }, 1);
        else this.inc({ scope, name }, 0);
      };
      for (const { name, paused } of snapshot.pools) set('pool', names.pool(name), paused);
      for (const { name, paused } of snapshot.tenants) if (paused) set('tenant', names.tenant(name), true);
    },
  });
}

function poolGauges(registry: Registry, view: View, names: LabelNames): void {
  const gauge = (name: string, help: string, value: (pool: PoolView) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['pool'],
      registers: [registry],
      collect() {
        this.reset();
        const snapshot = view()?.snapshot;
        if (snapshot === undefined) return;
        for (const pool of poolViews(snapshot)) this.inc({ pool: names.pool(pool.name) }, value(pool));
      },
    });
  gauge('penstock_pool_size', 'Units a pool has', ({ size }) => size);
  gauge('penstock_pool_used', 'Units of a pool in use, by whomever', ({ used }) => used);
  gauge(
    'penstock_capacity_doubt',
    '1 while the size or use of a pool cannot be trusted, so that it starts nothing; the log has the reason',
    ({ doubt }) => (doubt === null ? 0 : 1),
  );
}

function tenantUseGauge(registry: Registry, view: View, names: LabelNames): void {
  new Gauge({
    name: 'penstock_pool_used_by_tenant',
    help: 'Units of a pool that runs of a tenant occupy; tenants that occupy none are left out',
    labelNames: ['pool', 'tenant'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { tenant, requests } of view()?.snapshot.active ?? []) {
        for (const [pool, units] of Object.entries(requests)) {
          this.inc({ pool: names.pool(pool), tenant: names.tenant(tenant) }, units);
        }
      }
    },
  });
}
