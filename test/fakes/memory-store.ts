/**
 * A store in memory: what the simulator runs on, and the model that a real store can be
 * compared with.
 *
 * Always true: it is deterministic (the same calls give the same answers in the same
 * order), its promises resolve without waiting for anything, and it lives as long as the
 * object does, so that a simulated crash of Penstock loses nothing that was acknowledged.
 * It passes `test/conformance/store.ts` like every other store.
 */
import { assert } from '../../src/core/assert.ts';
import { CodedError } from '../../src/core/errors/catalogue.ts';
import type { Requests, RunId } from '../../src/core/model/run.ts';
import type { ClassStart, Grant } from '../../src/core/model/snapshot.ts';
import { Hints } from '../../src/ports/hints.ts';
import { pastRunOf } from '../../src/ports/history-store.ts';
import type { PolicyRun } from '../../src/ports/policy-store.ts';
import {
  type AuditEntry,
  type AuditPage,
  type ControlOrder,
  type Controls,
  type FinishedRun,
  type ForecastOutcome,
  type ForecastRecord,
  type ListedRun,
  RUN_FORECASTS_KEPT,
  type RunForecastRecord,
  type RunPage,
  type Sample,
  type SamplesQuery,
  type SettledRunForecast,
  type StartMark,
  type Store,
} from '../../src/ports/store.ts';
import { MemoryControls } from './memory-controls.ts';
import { MemoryHistory } from './memory-history.ts';
import { MemoryLaunches } from './memory-launches.ts';
import { MemoryPolicies } from './memory-policies.ts';
import { MemoryTestRuns } from './memory-test-runs.ts';

/** History in the order in which it was recorded: `seq` breaks ties between equal instants. */
interface Recorded<Value> {
  readonly seq: number;
  readonly atMs: number;
  readonly value: Value;
}

interface KeptForecast {
  readonly record: ForecastRecord;
  outcome: ForecastOutcome | null;
}

export class MemoryStore implements Store {
  readonly missed = new Hints<void>();
  readonly #marks = new Map<RunId, StartMark>();
  #grants: readonly Grant[] = [];
  readonly #classStarts = new Map<string, ClassStart>();
  readonly #controls = new MemoryControls();
  readonly launches = new MemoryLaunches((id) => this.#finished.get(id)?.value ?? null);
  readonly history = new MemoryHistory();
  readonly policies = new MemoryPolicies(
    (entry) => this.#controls.log(entry),
    (made) => this.#keep(made),
  );
  readonly testRuns = new MemoryTestRuns((entry) => this.#controls.log(entry));
  readonly #finished = new Map<RunId, Recorded<FinishedRun>>();
  readonly #samples = new Map<string, Recorded<Sample>[]>();
  readonly #forecasts = new Map<string, KeptForecast>();
  readonly #runForecasts = new Map<RunId, RunForecastRecord>();
  readonly #settledRuns = new Set<RunId>();

  async mark(marks: readonly StartMark[]): Promise<void> {
    for (const mark of marks) this.#marks.set(mark.runId, mark);
  }

  async marks(): Promise<readonly StartMark[]> {
    return [...this.#marks.values()].sort((a, b) => byCodeUnits(a.runId, b.runId));
  }

  async settle(runIds: readonly RunId[]): Promise<void> {
    for (const id of runIds) this.#marks.delete(id);
  }

  async saveGrants(grants: readonly Grant[]): Promise<void> {
    this.#grants = [...grants];
  }

  async grants(): Promise<readonly Grant[]> {
    return this.#grants;
  }

  async saveClassStarts(starts: readonly ClassStart[]): Promise<void> {
    for (const start of starts) {
      const key = classKey(start);
      const known = this.#classStarts.get(key);
      if (known === undefined || known.atMs < start.atMs) this.#classStarts.set(key, start);
    }
  }

  async classStarts(): Promise<readonly ClassStart[]> {
    return [...this.#classStarts]
      .sort(([a, left], [b, right]) => right.atMs - left.atMs || byCodeUnits(a, b))
      .map(([, start]) => start);
  }

  async controls(): Promise<Controls> {
    return this.#controls.standing();
  }

  async order(order: ControlOrder, entry: AuditEntry): Promise<boolean> {
    return this.#controls.carryOut(order, entry);
  }

  async recordAudit(entry: AuditEntry): Promise<void> {
    this.#controls.log(entry);
  }

  async endFronts(runIds: readonly RunId[]): Promise<void> {
    this.#controls.endFronts(runIds);
  }

  async audit(query: { readonly limit: number; readonly before: string | null }): Promise<AuditPage> {
    return this.#controls.audit(query);
  }

  async recordFinished(runs: readonly FinishedRun[]): Promise<readonly RunId[]> {
    const added: RunId[] = [];
    for (const run of runs) {
      if (this.#finished.has(run.id)) continue;
      const seq = this.#finished.size + 1;
      this.#finished.set(run.id, { seq, atMs: run.finishedAtMs, value: run });
      if (run.startedAtMs !== null) this.#addSample(seq, run, run.startedAtMs);
      this.#keep(this.policies.madeAs(run.id));
      if (this.#runForecasts.has(run.id)) this.#settledRuns.add(run.id);
      added.push(run.id);
    }
    return added;
  }

  #keep(made: PolicyRun | null): void {
    const run = made?.runId ? this.#finished.get(made.runId)?.value : undefined;
    if (made === null || run === undefined) return;
    for (const { identity, ...past } of pastRunOf(made, run)) this.history.keep(identity, past);
  }

  #addSample(seq: number, run: FinishedRun, startedAtMs: number): void {
    const { id, project, tenant, contentHash, outcome, timeoutMs, usage, profile } = run;
    const durationMs = Math.max(1, run.finishedAtMs - startedAtMs);
    const value = {
      runId: id,
      project,
      tenant,
      contentHash,
      startedAtMs,
      durationMs,
      outcome,
      timeoutMs,
      usage,
      profile,
    };
    const key = JSON.stringify([project, contentHash]);
    const series = this.#samples.get(key) ?? [];
    this.#samples.set(key, series);
    series.push({ seq, atMs: startedAtMs, value });
    series.sort(newestFirst);
  }

  async finishedRun(id: RunId): Promise<FinishedRun | null> {
    return this.#finished.get(id)?.value ?? null;
  }

  async finishedRunLike(beginning: string): Promise<FinishedRun | null> {
    assert(beginning !== '', 'every id begins with nothing');
    const alike = [...this.#finished.values()].filter(({ value }) => value.id.startsWith(beginning));
    return alike.sort((one, other) => other.seq - one.seq)[0]?.value ?? null;
  }

  async finishedRuns(query: { readonly limit: number; readonly before: string | null }): Promise<RunPage> {
    assert(query.limit >= 1 && query.limit <= 1000, 'a page has 1 to 1000 runs');
    const before = query.before === null ? null : fromCursor(query.before);
    const rest = [...this.#finished.values()]
      .sort(newestFirst)
      .filter((run) => before === null || newestFirst(before, run) < 0);
    const page = rest.slice(0, query.limit);
    const last = page.at(-1);
    const more = last !== undefined && rest.length > page.length;
    return { runs: page.map((run) => listed(run.value)), next: more ? `${last.atMs}-${last.seq}` : null };
  }

  async samples(query: SamplesQuery): Promise<readonly Sample[]> {
    return [...this.#samples.values()]
      .flatMap((series) => series.slice(0, query.perSeries))
      .sort(newestFirst)
      .slice(0, query.limit)
      .map(({ value }) => (query.withProfiles === true ? value : { ...value, profile: null }));
  }

  async saveRunForecasts(records: readonly RunForecastRecord[]): Promise<void> {
    for (const record of records) {
      if (!this.#runForecasts.has(record.runId)) this.#runForecasts.set(record.runId, record);
    }
    const newest = [...this.#runForecasts.values()].sort((a, b) => b.madeAtMs - a.madeAtMs);
    for (const record of newest.slice(RUN_FORECASTS_KEPT)) this.#runForecasts.delete(record.runId);
  }

  async settledRunForecasts(query: { readonly limit: number }): Promise<readonly SettledRunForecast[]> {
    return [...this.#runForecasts.values()]
      .flatMap((record) => {
        const run = this.#finished.get(record.runId)?.value;
        if (run === undefined || !this.#settledRuns.has(run.id)) return [];
        return [{ ...record, startedAtMs: run.startedAtMs, finishedAtMs: run.finishedAtMs }];
      })
      .sort((a, b) => b.madeAtMs - a.madeAtMs)
      .slice(0, query.limit);
  }

  async saveForecast(record: ForecastRecord): Promise<void> {
    if (!this.#forecasts.has(record.id)) this.#forecasts.set(record.id, { record, outcome: null });
  }

  async settleForecasts(nowMs: number): Promise<readonly ForecastOutcome[]> {
    const settled: ForecastOutcome[] = [];
    for (const forecast of this.#forecasts.values()) {
      if (forecast.outcome !== null) continue;
      const finishedAtMs = this.#lastFinishOf(forecast.record);
      if (finishedAtMs === null) continue;
      forecast.outcome = { forecastId: forecast.record.id, settledAtMs: nowMs, finishedAtMs };
      settled.push(forecast.outcome);
    }
    return settled.sort((a, b) => byCodeUnits(a.forecastId, b.forecastId));
  }

  /** Null while one of its runs has not finished. A forecast about no run was true when it was made. */
  #lastFinishOf(record: ForecastRecord): number | null {
    let lastMs = record.madeAtMs;
    for (const [place, id] of record.runIds.entries()) {
      const run = this.#finished.get(id);
      if (run === undefined) return null;
      lastMs = place === 0 ? run.atMs : Math.max(lastMs, run.atMs);
    }
    return lastMs;
  }

  async forecasts(query: {
    readonly limit: number;
  }): Promise<readonly { readonly record: ForecastRecord; readonly outcome: ForecastOutcome | null }[]> {
    assert(query.limit >= 1 && query.limit <= 1000, 'a page has 1 to 1000 forecasts');
    return [...this.#forecasts.values()]
      .map((value, seq) => ({ seq, atMs: value.record.madeAtMs, value }))
      .sort(newestFirst)
      .slice(0, query.limit)
      .map(({ value }) => ({ record: value.record, outcome: value.outcome }));
  }

  /** Nothing to close: a simulated restart goes on with the same object. */
  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}

function listed(run: FinishedRun): ListedRun {
  const { profile: _, ...rest } = run;
  return rest;
}

function newestFirst(a: Recorded<unknown>, b: Recorded<unknown>): number {
  return b.atMs - a.atMs || b.seq - a.seq;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function classKey(start: {
  readonly tenant: string;
  readonly priority: string;
  readonly requests: Requests;
}): string {
  const requests = Object.entries(start.requests).sort(([a], [b]) => byCodeUnits(a, b));
  return JSON.stringify([start.tenant, start.priority, requests]);
}

function fromCursor(text: string): Recorded<null> {
  const match = /^(-?\d{1,16})-(\d{1,16})$/.exec(text);
  if (match === null) {
    throw new CodedError('request-invalid', 'before: must be what an earlier page gave as next.', {
      field: 'before',
    });
  }
  return { atMs: Number(match[1]), seq: Number(match[2]), value: null };
}
