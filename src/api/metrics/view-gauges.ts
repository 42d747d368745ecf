/**
 * What is, computed when somebody scrapes, from the last pass as it stands.
 *
 * Always true: one walk over the runs for each metric, however many pools there are; runs are
 * summed up before a series is looked for, which costs more than all the rest; who is gone has
 * no series.
 */
import { Gauge, type Registry } from 'prom-client';
import type { AdmissionView } from '../../app/admission/view.ts';
import { poolViews } from '../../app/queries/pools.ts';
import type { PoolView } from '../../app/views.ts';
import { holdReasons } from '../../core/admission/hold-reasons.ts';
import { poolWaitedFor } from '../../core/admission/pool-waited-for.ts';
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

/** Sums by two labels. */
class Tally {
  readonly #sums = new Map<string, Map<string, number>>();

  add(first: string, second: string, count: number): void {
    const sums = this.#sums.get(first) ?? new Map<string, number>();
    this.#sums.set(first, sums.set(second, (sums.get(second) ?? 0) + count));
  }

  each(tell: (first: string, second: string, sum: number) => void): void {
    for (const [first, sums] of this.#sums) for (const [second, sum] of sums) tell(first, second, sum);
  }
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
      const runs = new Tally();
      for (const { tenant, state, id } of seen?.observation.runs ?? []) {
        if (isFinished(state)) continue;
        const shown = state === 'held' && seen?.starting.has(id) === true ? 'starting' : state;
        runs.add(names.tenant(tenant), shown, 1);
      }
      runs.each((tenant, state, count) => this.set({ tenant, state }, count));
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
      const runs = new Tally();
      for (const reason of holdReasons(snapshot, decision).values()) {
        const pool = poolWaitedFor(reason);
        runs.add(pool === null ? '' : names.pool(pool), firstOf(reason).kind, 1);
      }
      if (retries.size > 0) runs.add('', 'retry', retries.size);
      for (const { state, ours, fault } of observation.runs) {
        if (state === 'held' && ours && fault !== null) runs.add('', 'malformed', 1);
      }
      runs.each((pool, reason, count) => this.set({ pool, reason }, count));
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
      const units = new Tally();
      for (const { tenant, requests } of view()?.snapshot.active ?? []) {
        for (const [pool, asked] of Object.entries(requests)) {
          units.add(names.pool(pool), names.tenant(tenant), asked);
        }
      }
      units.each((pool, tenant, used) => this.set({ pool, tenant }, used));
    },
  });
}
