/**
 * The tables, as kysely sees them. What the columns are for is told where they are made,
 * in `migrations/`.
 *
 * Always true: only what every database we mean to run on treats alike is used. Columns
 * are `text`, `integer` (also for yes and no) and `bigint` (instants in milliseconds);
 * JSON is `text`; no order depends on how a database compares text.
 */
import type { Kysely } from 'kysely';
import type { HistoryTables } from './history/tables.ts';
import type { TestRunTables } from './test-runs/tables.ts';

export interface SchemaVersionTable {
  readonly only_row: number;
  readonly version: number;
}

export interface StartMarkTable {
  readonly run_id: string;
  readonly marked_at_ms: number;
  readonly deadline_ms: number;
}

export interface CapacityGrantTable {
  readonly run_id: string;
  readonly place: number;
  readonly granted_at_ms: number;
  readonly promised_at_ms: number;
}

export interface ClassStartTable {
  readonly tenant: string;
  readonly priority: string;
  readonly requests: string;
  readonly at_ms: number;
}

export interface FinishedRunTable {
  readonly id: string;
  readonly seq: number;
  readonly project: string;
  readonly tenant: string;
  readonly priority: string;
  readonly requests: string;
  readonly content_hash: string;
  readonly timeout_ms: number | null;
  readonly ours: number;
  readonly held_since_ms: number;
  readonly started_at_ms: number | null;
  readonly finished_at_ms: number;
  readonly outcome: string;
  readonly reason: string | null;
  readonly resource_usage: string | null;
}

export interface SampleTable {
  readonly run_id: string;
  readonly seq: number;
  readonly project: string;
  readonly tenant: string;
  readonly content_hash: string;
  readonly started_at_ms: number;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly timeout_ms: number | null;
  readonly resource_usage: string | null;
}

export interface SampleSeriesTable {
  readonly project: string;
  readonly content_hash: string;
  readonly newest_started_at_ms: number;
  readonly newest_seq: number;
}

export interface RunProfileTable {
  readonly run_id: string;
  readonly profile: string;
}

export interface ForecastTable {
  readonly id: string;
  readonly seq: number;
  readonly made_at_ms: number;
  readonly run_ids: string;
  readonly finish_at_ms: string;
  readonly replications: number;
  readonly seed: number;
  readonly unfinished: number;
  readonly finished_at_ms: number | null;
  readonly settled_at_ms: number | null;
}

export interface RunForecastTable {
  readonly run_id: string;
  readonly made_at_ms: number;
  readonly start_at_ms: string;
  readonly finish_at_ms: string;
  readonly started_at_ms: number | null;
  readonly finished_at_ms: number | null;
  readonly settled: number;
}

export interface ForecastRunTable {
  readonly run_id: string;
  readonly forecast_id: string;
}

export interface PauseTable {
  readonly scope: string;
  readonly name: string;
  readonly given_by: string;
  readonly reason: string | null;
  readonly since_ms: number;
}

export interface TenantCapTable {
  readonly tenant: string;
  readonly pool: string;
  readonly units: number;
  readonly given_by: string;
  readonly since_ms: number;
}

export interface FrontTable {
  readonly run_id: string;
  readonly place: number;
  readonly given_by: string;
  readonly at_ms: number;
}

export interface AuditTable {
  readonly seq: number;
  readonly at_ms: number;
  readonly given_by: string;
  readonly what: string;
  readonly about: string;
  readonly detail: string | null;
}

export interface PolicyTable {
  readonly identity: string;
  readonly name: string;
  readonly version: number;
  readonly source_file: string | null;
  readonly source_place: number | null;
  readonly policy: string;
  readonly document: string;
  readonly run_content: string | null;
  readonly run_content_hash: string;
  readonly content_hash: string;
  readonly config_hash: string;
  readonly content_known: number;
  readonly active: number;
  readonly saved_at_ms: number;
  readonly saved_by: string;
  readonly active_since_ms: number;
  readonly deleted_at_ms: number | null;
}

export interface PolicyNameTable {
  readonly name: string;
  readonly identity: string;
}

export interface PolicyRunTable {
  readonly asked_id: string;
  readonly run_id: string | null;
  readonly identity: string;
  readonly policy_name: string;
  readonly content_hash: string;
  readonly config_hash: string;
  readonly project: string;
  readonly branch: string | null;
  readonly cause: string;
  readonly occurrence_key: string | null;
  readonly created_at_ms: number;
}

export interface OccurrenceTable {
  readonly identity: string;
  readonly occurrence_key: string;
  readonly cause: string;
  readonly starts_at_ms: number;
  readonly window_ms: number;
  readonly spread: string;
  readonly plan: string;
  readonly seq: number;
  readonly verdict: string;
  readonly reason: string | null;
  readonly asked_by: string | null;
  readonly created_at_ms: number;
}

export interface LaunchTable {
  readonly identity: string;
  readonly occurrence_key: string;
  readonly project: string;
  readonly branch: string;
  readonly seq: number;
  readonly at_ms: number;
  readonly expires_at_ms: number | null;
  readonly state: string;
  readonly reason: string | null;
  readonly asked_id: string | null;
  readonly run_id: string | null;
  readonly attempts: number;
  readonly retry_at_ms: number | null;
  readonly launched_at_ms: number | null;
  readonly outcome: string | null;
  readonly ended_at_ms: number | null;
}

export interface LaunchProgressTable {
  readonly only_row: number;
  readonly looked_until_ms: number;
}

export interface Tables extends TestRunTables, HistoryTables {
  readonly schema_version: SchemaVersionTable;
  readonly start_mark: StartMarkTable;
  readonly capacity_grant: CapacityGrantTable;
  readonly class_start: ClassStartTable;
  readonly finished_run: FinishedRunTable;
  readonly sample: SampleTable;
  readonly sample_series: SampleSeriesTable;
  readonly run_profile: RunProfileTable;
  readonly forecast: ForecastTable;
  readonly forecast_run: ForecastRunTable;
  readonly run_forecast: RunForecastTable;
  readonly pause: PauseTable;
  readonly tenant_cap: TenantCapTable;
  readonly front: FrontTable;
  readonly audit: AuditTable;
  readonly policy: PolicyTable;
  readonly policy_name: PolicyNameTable;
  readonly policy_run: PolicyRunTable;
  readonly occurrence: OccurrenceTable;
  readonly launch: LaunchTable;
  readonly launch_progress: LaunchProgressTable;
}

/** A connection to the store's tables, or a transaction on it. */
export type Tx = Kysely<Tables>;
