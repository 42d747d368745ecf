/** The table of past runs of policies; what is particular about its columns is told in its migration. */
export interface PastRunTable {
  readonly identity: string;
  readonly key: string;
  readonly seq: number;
  readonly project: string;
  readonly branch: string | null;
  readonly content_hash: string;
  readonly config_hash: string | null;
  readonly cause: string | null;
  readonly imported: number;
  readonly started_at_ms: number;
  readonly duration_ms: number;
  readonly queued_ms: number | null;
  readonly outcome: string;
  readonly failure_reason: string | null;
  readonly job_ms: number | null;
  readonly resource_usage: string | null;
  readonly profile: string | null;
}

export interface HistoryTables {
  readonly past_run: PastRunTable;
}
