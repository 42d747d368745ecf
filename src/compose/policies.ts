/**
 * Puts together what is about scheduled policies: the registry, the questions and orders about
 * it, and the launcher where this process is to launch.
 */
import { openPolicyFolder } from '../adapters/policy-folder/policy-folder.ts';
import type { Duty } from '../app/duty.ts';
import { type PolicyHistory, StoredPolicyHistory } from '../app/history/policy-history.ts';
import { HistoryRetention } from '../app/history/retention.ts';
import { Launcher } from '../app/launching/launcher.ts';
import { PlannedRuns, type PlannedRunsParts } from '../app/launching/planned-runs.ts';
import { FolderFollower } from '../app/policies/folder-follower.ts';
import { planFolder } from '../app/policies/follow-folder.ts';
import { createPolicies, type Policies } from '../app/policies/policies.ts';
import { PolicyRegistry } from '../app/policies/registry.ts';
import type { Penstock } from '../app/views.ts';
import type { Config } from '../config/config.ts';
import { scopeCandidateOf } from '../config/scope-candidates.ts';
import { tenantsOf } from '../config/tenants.ts';
import { canonicalJson } from '../core/text/canonical-json.ts';
import { sha256 } from '../documents/sha256.ts';
import type { Clock } from '../ports/clock.ts';
import type { Engine } from '../ports/engine.ts';
import type { Figure } from '../ports/figures.ts';
import type { Leadership } from '../ports/leadership.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';

export interface PolicyParts {
  readonly config: Config;
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly penstock: Penstock;
  /** Null where this process launches nothing. */
  readonly leadership: Leadership | null;
  readonly duty: Duty;
  /** Throws a CodedError when the engine would refuse this Pipeline. */
  readonly checkPipeline: (text: string, label: string) => unknown;
}

export interface ComposedPolicies {
  readonly registry: PolicyRegistry;
  readonly policies: Policies;
  readonly history: PolicyHistory;
  readonly figures: () => readonly Figure[];
  /** Follows the policy folder and, where this process is to, launches. */
  start(): void;
  stop(): Promise<void>;
  /** To look again soon: a run has ended. */
  wake(): void;
}

export function composePolicies(parts: PolicyParts): ComposedPolicies {
  const { config, engine, store, clock, log, penstock, leadership } = parts;
  const registry = new PolicyRegistry({ store: store.policies, clock });
  const engineKind = engine.kind;
  const candidates = config.projects.map(scopeCandidateOf);
  const projects = { candidates, candidatesPlan: sha256(canonicalJson(candidates)).slice(0, 16) };
  const runs = {
    store: store.policies,
    engineKind,
    createRuns: (...given: Parameters<Penstock['createRuns']>) => penstock.createRuns(...given),
  };
  const { launches } = store;
  const creationEndsWithProcess = config.engine.kind === 'local';
  const around = { registry, launches, clock, projects, runs, digest: sha256, creationEndsWithProcess };
  const launched = new Map<string, number>();
  const onEnded = (state: string, count: number): void =>
    void launched.set(state, (launched.get(state) ?? 0) + count);
  const launcher =
    leadership === null ? null : new Launcher({ ...around, engine, store, log, leadership, onEnded });
  const follower = followerOf(parts, registry);
  const brokenFiles = () => follower?.brokenFiles() ?? [];
  let first: Promise<void> | null = null;
  /** Whoever asks sees what stands in the files, also where no `serve` follows them. */
  const followed = (): Promise<void> => {
    // One that stands by changes nothing, and does it when it leads.
    if (!parts.duty.acts()) return Promise.resolve();
    first ??= follower === null ? withoutFolder(registry) : follower.looked();
    return first;
  };
  const ordering = { registry, clock, engineKind, launches, projects, digest: sha256 };
  const policies = createPolicies({ ...ordering, launcher, followed, brokenFiles });
  const limits = config.history;
  const history = new StoredPolicyHistory({ registry, store, clock, limits, followed });
  const retention = new HistoryRetention({ history: store.history, limits, clock, log });
  return {
    registry,
    policies,
    history,
    figures: () => [
      { name: 'penstock_policy_files_broken', labels: {}, value: brokenFiles().length },
      ...[...launched].map(
        ([state, value]): Figure => ({ name: 'penstock_launches_total', labels: { state }, value }),
      ),
    ],
    start: () => {
      follower?.start();
      followed().catch((error: unknown) =>
        log.warn({ error: String(error) }, 'The policies could not be read'),
      );
      launcher?.start();
      retention.start();
    },
    stop: async () => {
      await follower?.stop();
      await launcher?.stop();
      await retention.stop();
    },
    wake: () => launcher?.wake(),
  };
}

export interface PlannedRunsSources extends Pick<PlannedRunsParts, 'durations'> {
  readonly store: Store;
  readonly engine: { readonly kind: string };
}

/** The launches that forecasts count on. */
export function plannedRuns(
  config: Pick<Config, 'admission' | 'projects'>,
  parts: PlannedRunsSources,
): PlannedRuns {
  const { store, durations, engine } = parts;
  return new PlannedRuns({
    launches: store.launches,
    policies: store.policies,
    durations,
    engineKind: engine.kind,
    digest: sha256,
    priorities: config.admission.priorities.map(({ name }) => name),
    tenantOf: tenantsOf(config),
  });
}

function followerOf(
  { config, clock, log, checkPipeline, duty }: PolicyParts,
  registry: PolicyRegistry,
): FolderFollower | null {
  const path = config.policyFolder;
  if (path === null) return null;
  const folder = openPolicyFolder({ folder: path, nowMs: () => clock.nowMs(), checkPipeline });
  return new FolderFollower({ folder, path, registry, clock, log, duty });
}

/** Policies of a folder that is configured no longer are gone like those of a file that was deleted. */
async function withoutFolder(registry: PolicyRegistry): Promise<void> {
  await registry.change((state, nowMs) => planFolder(state, [], nowMs));
}
