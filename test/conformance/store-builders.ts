/** What the tests of stores are made of: records with sensible contents, and a reader of all pages. */
import type { RunProfile } from '../../src/core/model/profile.ts';
import { type RunId, runId } from '../../src/core/model/run.ts';
import type { PastRun } from '../../src/ports/history-store.ts';
import type { PolicyRun } from '../../src/ports/policy-store.ts';
import type { FinishedRun, ForecastRecord, Store } from '../../src/ports/store.ts';

export function aFinishedRun(id: string, given: Partial<FinishedRun> = {}): FinishedRun {
  return {
    id: runId(id),
    project: 'shop',
    tenant: 'retail',
    priority: 'normal',
    requests: { runs: 1, 'linux/arm64': 2 },
    contentHash: 'c0ffee',
    timeoutMs: 60_000,
    ours: true,
    heldSinceMs: 0,
    startedAtMs: 1,
    finishedAtMs: 10,
    outcome: 'succeeded',
    reason: null,
    usage: null,
    profile: null,
    ...given,
  };
}

/** Of one task that took so long. */
export function aProfile(toMs: number): RunProfile {
  const requests = { cpuRequestMillis: 250, memoryRequestBytes: 64 * 2 ** 20 };
  return {
    tasks: [{ task: 'build', fromMs: 0, toMs, platform: 'linux/arm64', ...requests }],
    tasksLeftOut: 0,
  };
}

export function aForecast(
  id: string,
  runIds: readonly string[],
  given: Partial<ForecastRecord> = {},
): ForecastRecord {
  return {
    id,
    madeAtMs: 100,
    runIds: runIds.map(runId),
    finishAtMs: { p10: 1_000.5, p50: 2_000, p90: 3_000 },
    replications: 500,
    seed: 7,
    ...given,
  };
}

/** Of a launch on the default branch, of which no run is known yet. */
export function aPolicyRun(askedId: string, given: Partial<PolicyRun> = {}): PolicyRun {
  return {
    askedId: runId(askedId),
    runId: null,
    identity: 'penstock:audit',
    policyName: 'audit',
    contentHash: 'c1',
    configHash: 'f1',
    project: 'shop',
    branch: null,
    cause: 'launch',
    occurrenceKey: '2026-03-30',
    createdAtMs: 5,
    ...given,
  };
}

/** An imported one of which little is known. */
export function aPastRun(key: string, given: Partial<PastRun> = {}): PastRun {
  return {
    key,
    project: 'shop',
    branch: null,
    contentHash: 'c1',
    configHash: null,
    cause: null,
    isImported: true,
    startedAtMs: 1,
    durationMs: 60_000,
    queuedMs: null,
    outcome: 'succeeded',
    failureReason: null,
    jobMs: null,
    usage: null,
    profile: null,
    ...given,
  };
}

const PAGES_MAX = 1_000;

/** The ids of all finished runs, page by page. */
export async function allPages(store: Store, limit: number): Promise<readonly RunId[]> {
  const ids: RunId[] = [];
  let before: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { runs, next } = await store.finishedRuns({ limit, before });
    ids.push(...runs.map((run) => run.id));
    if (next === null) return ids;
    before = next;
  }
  throw new Error('the pages do not end');
}
