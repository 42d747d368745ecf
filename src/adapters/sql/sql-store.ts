/**
 * The store over any database that kysely speaks to. What is particular to one database
 * is in the file that opens it, and nowhere else.
 *
 * Always true: every promise that is to change something resolves after its transaction
 * was committed.
 */
import type { Kysely } from 'kysely';
import type { RunId } from '../../core/model/run.ts';
import type { ClassStart, Grant } from '../../core/model/snapshot.ts';
import { Hints } from '../../ports/hints.ts';
import type {
  AuditEntry,
  AuditPage,
  ControlOrder,
  Controls,
  FinishedRun,
  ForecastOutcome,
  ForecastRecord,
  RunForecastRecord,
  RunPage,
  Sample,
  SamplesQuery,
  SettledRunForecast,
  StartMark,
  Store,
} from '../../ports/store.ts';
import { addToAudit, readAudit } from './audit.ts';
import { inChunks } from './chunks.ts';
import { carryOut, endFronts, readControls } from './controls.ts';
import { addForecast, type KeptForecast, readForecasts, settleDue } from './forecasts.ts';
import { SqlHistoryStore } from './history/sql-history-store.ts';
import { SqlLaunchStore } from './launches/sql-launch-store.ts';
import {
  readClassStarts,
  readGrants,
  readMarks,
  replaceGrants,
  saveClassStarts,
  saveMarks,
  settleMarks,
} from './marks.ts';
import type { Heard } from './others.ts';
import { alone, type InCommon, SqlPart } from './part.ts';
import { SqlPolicyStore } from './policies/sql-policy-store.ts';
import { addRunForecasts, readSettled } from './run-forecasts.ts';
import { addFinished, readFinished, readFinishedLike, readFinishedPage } from './runs.ts';
import { readSamples } from './samples.ts';
import type { Tables } from './schema.ts';
import { SqlTestRunStore } from './test-runs/sql-test-run-store.ts';

export class SqlStore extends SqlPart implements Store {
  readonly policies: SqlPolicyStore;
  readonly launches: SqlLaunchStore;
  readonly testRuns: SqlTestRunStore;
  readonly history: SqlHistoryStore;

  readonly missed = new Hints<void>();

  constructor(db: Kysely<Tables>, inCommon: InCommon = alone()) {
    super(db, inCommon);
    this.policies = new SqlPolicyStore(db, inCommon);
    this.launches = new SqlLaunchStore(db, inCommon);
    this.testRuns = new SqlTestRunStore(db, inCommon);
    this.history = new SqlHistoryStore(db, inCommon);
    this.others.onHeard((change) => this.#heard(change));
  }

  #heard(change: Heard): void {
    switch (change.kind) {
      case 'policies':
        this.policies.changes.heard();
        break;
      case 'test-run':
        this.testRuns.changes.heard(change.id);
        break;
      case 'occurrences':
        this.launches.changes.heard(change.refs);
        break;
      case 'missed':
        this.policies.changes.heard();
        this.missed.tell();
        break;
    }
  }

  mark(marks: readonly StartMark[]): Promise<void> {
    return this.write((tx) => saveMarks(tx, marks));
  }

  marks(): Promise<readonly StartMark[]> {
    return readMarks(this.db);
  }

  settle(runIds: readonly RunId[]): Promise<void> {
    return this.write((tx) => settleMarks(tx, runIds));
  }

  saveGrants(grants: readonly Grant[]): Promise<void> {
    return this.write((tx) => replaceGrants(tx, grants));
  }

  grants(): Promise<readonly Grant[]> {
    return readGrants(this.db);
  }

  saveClassStarts(starts: readonly ClassStart[]): Promise<void> {
    return this.write((tx) => saveClassStarts(tx, starts));
  }

  classStarts(): Promise<readonly ClassStart[]> {
    return readClassStarts(this.db);
  }

  controls(): Promise<Controls> {
    return readControls(this.db);
  }

  order(order: ControlOrder, entry: AuditEntry): Promise<boolean> {
    return this.write((tx) => carryOut(tx, order, entry));
  }

  recordAudit(entry: AuditEntry): Promise<void> {
    return this.write((tx) => addToAudit(tx, entry));
  }

  endFronts(runIds: readonly RunId[]): Promise<void> {
    return this.write((tx) => endFronts(tx, runIds));
  }

  audit(query: { readonly limit: number; readonly before: string | null }): Promise<AuditPage> {
    return readAudit(this.db, query);
  }

  /** A long list takes several transactions; killed between two, the caller records the rest again. */
  async recordFinished(runs: readonly FinishedRun[]): Promise<readonly RunId[]> {
    const added: RunId[] = [];
    await inChunks(runs, async (piece) => {
      added.push(...(await this.write((tx) => addFinished(tx, piece))));
    });
    return added;
  }

  finishedRun(id: RunId): Promise<FinishedRun | null> {
    return readFinished(this.db, id);
  }

  finishedRunLike(beginning: string): Promise<FinishedRun | null> {
    return readFinishedLike(this.db, beginning);
  }

  finishedRuns(query: { readonly limit: number; readonly before: string | null }): Promise<RunPage> {
    return readFinishedPage(this.db, query);
  }

  samples(query: SamplesQuery): Promise<readonly Sample[]> {
    return readSamples(this.db, query);
  }

  saveForecast(record: ForecastRecord): Promise<void> {
    return this.write((tx) => addForecast(tx, record));
  }

  settleForecasts(nowMs: number): Promise<readonly ForecastOutcome[]> {
    return this.write((tx) => settleDue(tx, nowMs));
  }

  forecasts(query: { readonly limit: number }): Promise<readonly KeptForecast[]> {
    return readForecasts(this.db, query.limit);
  }

  saveRunForecasts(records: readonly RunForecastRecord[]): Promise<void> {
    return this.write((tx) => addRunForecasts(tx, records));
  }

  settledRunForecasts(query: { readonly limit: number }): Promise<readonly SettledRunForecast[]> {
    return readSettled(this.db, query.limit);
  }

  async ping(): Promise<void> {
    await this.db.selectFrom('schema_version').select('version').executeTakeFirst();
  }

  async close(): Promise<void> {
    await this.others.close();
    await this.db.destroy();
  }
}
