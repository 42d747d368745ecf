/** The tables of test runs, as kysely sees them; `schema.ts` says what holds for all tables. */

export interface TestRunTable {
  readonly id: string;
  readonly seq: number;
  readonly identity: string;
  readonly policy_name: string;
  readonly content_hash: string;
  readonly config_hash: string;
  readonly project: string;
  readonly branch: string | null;
  readonly asked_by: string;
  readonly asked_at_ms: number;
  readonly asked_id: string;
  readonly state: string;
  readonly run_id: string | null;
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
  readonly reason: string | null;
  readonly resources: string;
  readonly ending: string | null;
}

interface TestRunTurnTable {
  readonly identity: string;
  readonly accepted_at_ms: number;
  readonly before_ms: number | null;
  readonly test_run_id: string;
}

interface IdempotencyKeyTable {
  readonly caller: string;
  readonly key: string;
  readonly request_hash: string;
  readonly test_run_id: string;
  readonly expires_at_ms: number;
}

export interface TestRunTables {
  readonly test_run: TestRunTable;
  readonly test_run_turn: TestRunTurnTable;
  readonly idempotency_key: IdempotencyKeyTable;
}
