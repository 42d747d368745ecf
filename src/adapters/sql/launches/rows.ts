/** Occurrences and launches as rows, and back. */
import { runId } from '../../../core/model/run.ts';
import type { LaunchKey, LaunchRecord, OccurrenceRecord } from '../../../ports/launch-store.ts';
import type { LaunchTable, OccurrenceTable } from '../schema.ts';

export function occurrenceRow(record: OccurrenceRecord, seq: number): OccurrenceTable {
  return {
    identity: record.identity,
    occurrence_key: record.key,
    cause: record.cause,
    starts_at_ms: record.startsAtMs,
    window_ms: record.windowMs,
    spread: record.spread,
    plan: record.plan,
    seq,
    verdict: record.verdict,
    reason: record.reason,
    asked_by: record.askedBy,
    created_at_ms: record.createdAtMs,
  };
}

export function occurrenceOf(row: OccurrenceTable): OccurrenceRecord {
  return {
    identity: row.identity,
    key: row.occurrence_key,
    cause: row.cause as OccurrenceRecord['cause'],
    startsAtMs: row.starts_at_ms,
    windowMs: row.window_ms,
    spread: row.spread as OccurrenceRecord['spread'],
    plan: row.plan,
    verdict: row.verdict as OccurrenceRecord['verdict'],
    reason: row.reason,
    askedBy: row.asked_by,
    createdAtMs: row.created_at_ms,
  };
}

export function launchOf(row: LaunchTable): LaunchRecord {
  return {
    identity: row.identity,
    occurrenceKey: row.occurrence_key,
    project: row.project,
    branch: row.branch === '' ? null : row.branch,
    atMs: row.at_ms,
    expiresAtMs: row.expires_at_ms,
    state: row.state as LaunchRecord['state'],
    reason: row.reason,
    askedId: row.asked_id === null ? null : runId(row.asked_id),
    runId: row.run_id === null ? null : runId(row.run_id),
    attempts: row.attempts,
    retryAtMs: row.retry_at_ms,
    launchedAtMs: row.launched_at_ms,
    outcome: row.outcome as LaunchRecord['outcome'],
    endedAtMs: row.ended_at_ms,
  };
}

/** No branch is called nothing. */
export function branchText({ branch }: Pick<LaunchKey, 'branch'>): string {
  return branch ?? '';
}
