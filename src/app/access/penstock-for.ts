/**
 * Penstock as one caller may use it: the same questions and orders, each with the right it
 * takes. A question or order that is added to `Penstock` does not compile before somebody
 * has written here who may ask or give it.
 *
 * Always true: what a caller may not see does not exist for him; orders are in his own name.
 */
import type { Assessment } from '../../core/assessment/report.ts';
import type { QueueForecast } from '../../core/forecast/types.ts';
import type { RunId } from '../../core/model/run.ts';
import type { Caller } from '../../ports/access.ts';
import type { CancelOutcome, CreateOutcome, LogChunk, NewRun } from '../../ports/engine.ts';
import type { AuditEntry, AuditPage } from '../../ports/store.ts';
import type { AssessmentRequest } from '../assessments/assess-policy.ts';
import type { ShadowQuery, ShadowReport } from '../shadow/report.ts';
import type {
  ControlsView,
  ExplainView,
  OrderedView,
  Penstock,
  PoolView,
  QueueView,
  RunDetail,
  RunsView,
} from '../views.ts';
import { mayNameTenant, maySee, mustAdminister, mustOwn, mustSeeAll } from './rules.ts';

type PageQuery = { readonly limit: number; readonly before: string | null };
type Forecasts = Awaited<ReturnType<Penstock['forecasts']>>;

/** Writes an act into the audit log. */
export type Recording = (act: Omit<AuditEntry, 'atMs'>) => Promise<void>;

export function penstockFor(penstock: Penstock, caller: Caller, record: Recording): Penstock {
  return new LimitedPenstock(penstock, caller, record);
}

class LimitedPenstock implements Penstock {
  readonly #all: Penstock;
  readonly #caller: Caller;
  readonly #record: Recording;

  constructor(all: Penstock, caller: Caller, record: Recording) {
    this.#all = all;
    this.#caller = caller;
    this.#record = record;
  }

  async createRuns(runs: readonly NewRun[], signal: AbortSignal): Promise<readonly CreateOutcome[]> {
    for (const project of new Set(runs.map((run) => run.project))) {
      await mustOwn(this.#caller, project, signal);
    }
    for (const { tenant, project } of runs) mayNameTenant(this.#caller, tenant, project);
    return this.#all.createRuns(runs, signal);
  }

  async cancelRun(id: RunId, reason: string, signal: AbortSignal): Promise<CancelOutcome> {
    const run = await this.run(id, signal);
    if (run === null) return { kind: 'missing' };
    await mustOwn(this.#caller, run.project, signal);
    const outcome = await this.#all.cancelRun(id, reason, signal);
    if (outcome.kind === 'accepted') {
      const about = `run ${id}`;
      await this.#record({ by: this.#caller.name, what: 'cancel-run', about, detail: reason });
    }
    return outcome;
  }

  async run(id: RunId, signal: AbortSignal): Promise<RunDetail | null> {
    const run = await this.#all.run(id, signal);
    return run !== null && (await maySee(this.#caller, run.project, signal)) ? run : null;
  }

  runs(query: PageQuery, signal: AbortSignal): Promise<RunsView> {
    return this.#all.runs(query, signal, this.#caller);
  }

  async logs(id: RunId, signal: AbortSignal): Promise<readonly LogChunk[]> {
    return (await this.run(id, signal)) === null ? [] : this.#all.logs(id, signal);
  }

  queue(signal: AbortSignal): Promise<QueueView> {
    return this.#all.queue(signal, this.#caller);
  }

  async explain(id: RunId, signal: AbortSignal): Promise<ExplainView | null> {
    const explained = await this.#all.explain(id, signal, this.#caller);
    if (explained === null) return null;
    return (await maySee(this.#caller, explained.run.project, signal)) ? explained : null;
  }

  /** Pools are no project's: how full they are is for everybody who waits. */
  pools(signal: AbortSignal): Promise<readonly PoolView[]> {
    return this.#all.pools(signal);
  }

  forecast(
    query: { readonly replications: number; readonly seed: number | null },
    signal: AbortSignal,
  ): Promise<QueueForecast> {
    return this.#all.forecast(query, signal, this.#caller);
  }

  /** Sums over all runs, of which nothing about any of them can be read. */
  forecastCalibration(): ReturnType<Penstock['forecastCalibration']> {
    return this.#all.forecastCalibration();
  }

  async forecasts(query: { readonly limit: number }): Promise<Forecasts> {
    mustSeeAll(this.#caller, 'earlier forecasts');
    return this.#all.forecasts(query);
  }

  async shadowReport(query: ShadowQuery, signal: AbortSignal): Promise<ShadowReport> {
    mustSeeAll(this.#caller, 'the shadow report');
    return this.#all.shadowReport(query, signal);
  }

  /** It names projects, and rests on everybody's history and queue. */
  async assess(request: AssessmentRequest, signal: AbortSignal): Promise<Assessment> {
    mustSeeAll(this.#caller, 'assessments');
    return this.#all.assess(request, signal);
  }

  controls(signal: AbortSignal): Promise<ControlsView> {
    return this.#all.controls(signal, this.#caller);
  }

  async pause(order: Parameters<Penstock['pause']>[0], signal: AbortSignal): Promise<OrderedView> {
    return this.#all.pause({ ...order, by: this.#administrator('pause') }, signal);
  }

  async resume(order: Parameters<Penstock['resume']>[0], signal: AbortSignal): Promise<OrderedView> {
    return this.#all.resume({ ...order, by: this.#administrator('take back a pause') }, signal);
  }

  async capTenant(order: Parameters<Penstock['capTenant']>[0], signal: AbortSignal): Promise<OrderedView> {
    return this.#all.capTenant({ ...order, by: this.#administrator('cap a tenant') }, signal);
  }

  async moveToFront(
    id: RunId,
    order: Parameters<Penstock['moveToFront']>[1],
    signal: AbortSignal,
  ): Promise<ExplainView | null> {
    return this.#all.moveToFront(id, { ...order, by: this.#administrator('move runs to the front') }, signal);
  }

  /** It names projects, runs and people. */
  async audit(query: PageQuery): Promise<AuditPage> {
    mustSeeAll(this.#caller, 'the audit log');
    return this.#all.audit(query);
  }

  #administrator(what: string): string {
    mustAdminister(this.#caller, what);
    return this.#caller.name;
  }
}
