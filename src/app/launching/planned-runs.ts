/**
 * The launches that are planned, as runs that are yet to come: what forecasts of the queue
 * take for granted beside what waits already.
 *
 * Always true: it reads and changes nothing; a launch whose policy is gone, or could not be
 * executed, is none that comes.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { RunId } from '../../core/model/run.ts';
import type { HeldRun } from '../../core/model/snapshot.ts';
import type { LaunchRecord, LaunchStore } from '../../ports/launch-store.ts';
import type { PolicyStore } from '../../ports/policy-store.ts';
import type { DurationModelSource } from '../admission/durations.ts';
import type { PlannedLaunches } from '../forecasting/expected-arrivals.ts';
import type { RegisteredPolicy } from '../policies/registered-policy.ts';
import { type Digest, newRunOf, policyRunId } from '../policies/run-of-policy.ts';
import { checkNewRuns } from '../queries/check-new-runs.ts';

export interface PlannedRunsParts {
  readonly launches: Pick<LaunchStore, 'due'>;
  readonly policies: Pick<PolicyStore, 'records' | 'runsObservedAs'>;
  readonly durations: Pick<DurationModelSource, 'model'>;
  readonly engineKind: string;
  readonly digest: Digest;
  /** Names of the configured priorities, highest first. */
  readonly priorities: readonly string[];
  readonly tenantOf: ReadonlyMap<string, string>;
}

export class PlannedRuns implements PlannedLaunches {
  readonly #parts: PlannedRunsParts;

  constructor(parts: PlannedRunsParts) {
    this.#parts = parts;
  }

  async upcoming(fromMs: number, most: number): Promise<readonly HeldRun[]> {
    const { launches, policies } = this.#parts;
    const planned = await launches.due(Number.MAX_SAFE_INTEGER, most);
    const identities = [...new Set(planned.map(({ identity }) => identity))];
    const records = await policies.records(identities);
    const known = new Map(records.map((policy) => [policy.identity, policy]));
    return planned.flatMap((launch) => {
      const policy = known.get(launch.identity);
      const run = policy?.deletedAtMs === null ? this.#runOf(policy, launch) : null;
      // One that is due already comes next.
      return run === null ? [] : [{ ...run, heldSinceMs: Math.max(launch.atMs, fromMs + 1) }];
    });
  }

  async launched(ids: readonly RunId[]): Promise<ReadonlySet<RunId>> {
    const runs = await this.#parts.policies.runsObservedAs(ids);
    return new Set(runs.flatMap(({ cause, runId }) => (cause === 'launch' && runId !== null ? [runId] : [])));
  }

  /** Null where its creation would be refused. */
  #runOf(policy: RegisteredPolicy, launch: LaunchRecord): HeldRun | null {
    const { digest, engineKind, priorities, tenantOf, durations } = this.#parts;
    const { identity, occurrenceKey, project, branch } = launch;
    const id = policyRunId(digest, project, ['planned', identity, occurrenceKey, project, branch ?? '']);
    try {
      const asked = newRunOf(policy, { project, branch }, id, engineKind);
      // A pool that nobody has holds its run and no other: it is for admission to say so.
      const pools = Object.keys(asked.requests);
      const [run] = checkNewRuns([asked], { pools, priorities, tenantOf });
      if (run === undefined) return null;
      const { tenant, priority, requests, timeoutMs } = run;
      const series = { project, tenant, contentHash: policy.runContentHash };
      const estimate = durations.model().estimate(series);
      return { id, ...series, priority, requests, timeoutMs, estimate, heldSinceMs: launch.atMs };
    } catch (error) {
      if (error instanceof CodedError) return null;
      throw error;
    }
  }
}
