/**
 * What this installation has measured that tells how a policy's runs will go: those of its own
 * history, also of an older content, and those that executed the same without it.
 */
import type { PolicySample } from '../../core/assessment/question.ts';
import type { PastRun } from '../../ports/history-store.ts';
import type { Store } from '../../ports/store.ts';
import { allPastRuns } from '../history/past-runs.ts';

export type MeasuredIn = Pick<Store, 'samples' | 'history'>;

/** Enough for every project of a large policy. */
const SAMPLES = { perSeries: 20, limit: 20_000 };

export interface MeasuredOf {
  /** Null: the policy is not registered, so that it has no history. */
  readonly identity: string | null;
  readonly contentHash: string;
  readonly tenantOf: (project: string) => string;
}

export async function measuredHere(
  store: MeasuredIn,
  { identity, contentHash, tenantOf }: MeasuredOf,
): Promise<readonly PolicySample[]> {
  const samples = await store.samples(SAMPLES);
  const tenants = new Map(samples.map(({ project, tenant }) => [project, tenant]));
  const own = identity === null ? [] : await newestOfEach(store, identity);
  const keys = new Set(own.map(({ key }) => key));
  return [
    ...own.map(({ project, ...run }) => {
      const tenant = tenants.get(project) ?? tenantOf(project);
      const { startedAtMs, durationMs, outcome, cause, jobMs, usage, profile } = run;
      const measured = { startedAtMs, durationMs, outcome, cause, jobMs, usage, profile };
      return { project, tenant, contentHash: run.contentHash, ...measured };
    }),
    ...samples
      .filter((sample) => sample.contentHash === contentHash && !keys.has(sample.runId))
      .map(({ project, tenant, startedAtMs, durationMs, outcome, usage, profile }) => {
        const measured = { startedAtMs, durationMs, outcome, cause: null, jobMs: null, usage, profile };
        return { project, tenant, contentHash, ...measured };
      }),
  ];
}

async function newestOfEach(store: MeasuredIn, identity: string): Promise<readonly PastRun[]> {
  const runs = await allPastRuns(store.history, identity, { most: SAMPLES.limit, signal: null });
  const counts = new Map<string, number>();
  return runs.filter(({ project, contentHash }) => {
    const series = JSON.stringify([project, contentHash]);
    const count = (counts.get(series) ?? 0) + 1;
    counts.set(series, count);
    return count <= SAMPLES.perSeries;
  });
}
