/**
 * Opens everything Penstock has to do with one cluster: the connection, what is seen of it,
 * the engine, the pools, leadership, and what is written back for people.
 *
 * Always true: opening reads configuration and credentials only; whether the cluster answers
 * shows in the first look, so that Penstock can be started before the cluster is there.
 */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ListedHistory } from '../../app/capacity/listed-history.ts';
import type { NeedsRule } from '../../core/needs/rule.ts';
import type { Access } from '../../ports/access.ts';
import type { CapacitySource } from '../../ports/capacity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Leadership } from '../../ports/leadership.ts';
import type { Log } from '../../ports/log.ts';
import { ClusterAccess } from './access/cluster-access.ts';
import { HostConfigWatch } from './host-config/host-config-watch.ts';
import type { Cluster } from './kubernetes/api.ts';
import { CountedCluster } from './kubernetes/counted-cluster.ts';
import { elect } from './kubernetes/lease/elect.ts';
import { openCluster } from './kubernetes/open-cluster.ts';
import { MACHINE_TIME } from './kubernetes/time.ts';
import { budgetedWriter } from './kubernetes/writer/budgeted-writer.ts';
import { leaseLeadership } from './lease-leadership.ts';
import { RunNotes } from './notes/run-notes.ts';
import { PodUsage } from './profile/pod-usage.ts';
import { RunMeasures } from './profile/run-measures.ts';
import { Sight } from './sight.ts';
import { TektonCapacity } from './tekton-capacity.ts';
import { TektonEngine } from './tekton-engine.ts';
import { watchFigures } from './watch-figures.ts';

export interface TektonOptions {
  readonly kubeconfig: string | null;
  readonly context: string | null;
  readonly namespace: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly defaultPriority: string;
  readonly defaultTimeoutMs: number | null;
  readonly lease: { readonly name: string; readonly durationMs: number };
  readonly hostConfig: { readonly namespace: string; readonly name: string } | null;
  readonly explainEveryMs: number;
  readonly writesPerSecond: number;
  /** Read pods and what they use, for history. */
  readonly usage: boolean;
  readonly needs: {
    readonly annotationPrefix: string;
    readonly unlimited: readonly string[];
    readonly rules: readonly NeedsRule[];
  };
  readonly pools: readonly { readonly name: string; readonly size: number }[];
  readonly tenantOf: (namespace: string) => string | null;
  /** It only watches: it must write on no run. */
  readonly onlyWatches: boolean;
  /** Sizes from elsewhere, such as a metric's. */
  readonly moreSizes: readonly CapacitySource[];
  /** What is listed over time is kept here. */
  readonly history: ListedHistory;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OpenTekton {
  readonly engine: Engine;
  readonly capacity: CapacitySource;
  /** Whose a bearer token of the cluster is, and what RBAC lets him do. */
  readonly access: Access;
  /** Begins to stand for election; not before something is there that would start runs. */
  stand(): Leadership;
}

/** A start may be answered late by the clock of the machine that asked; see `marks.ts`. */
const FORMER_STARTS_MS = 2_000;
const BURST_SECONDS = 2;

export async function openTekton(options: TektonOptions): Promise<OpenTekton> {
  const { log, clock } = options;
  const cluster = new CountedCluster(await openCluster(options));
  const measures = new RunMeasures();
  const identity = `${hostname().slice(0, 200)}-${randomBytes(4).toString('hex')}`;
  const sight = openSight(cluster, measures, { ...options, identity });
  const runOf = (taskRunUid: string) => sight.runOf(taskRunUid);
  const usage = options.usage ? new PodUsage({ cluster, log, measures, runOf }) : null;
  const watch = options.hostConfig;
  const hostConfig = watch === null ? null : new HostConfigWatch({ cluster, log, ...watch });
  const writer = budgetedWriter({
    cluster,
    log,
    perSecond: options.writesPerSecond,
    burst: Math.max(1, BURST_SECONDS * options.writesPerSecond),
  });
  const roundSeconds = Math.max(1, options.explainEveryMs / 1000);
  const waitingMax = Math.ceil(options.writesPerSecond * roundSeconds) + 1;
  const notes = new RunNotes({ writer, clock, run: (id) => sight.run(id), waitingMax });
  const engine = new TektonEngine({
    cluster,
    clock,
    sight,
    notes,
    identity,
    figures: () => {
      const also = [...(hostConfig === null ? [] : [hostConfig.watched()]), ...(usage?.watches() ?? [])];
      return [
        ...watchFigures([...sight.watches(), ...also], clock.nowMs()),
        ...cluster.figures(),
        ...notes.figures(),
        ...(usage?.figures() ?? []),
      ];
    },
    alsoWatched: hostConfig === null ? [] : [hostConfig],
    close: async () => {
      await Promise.all([sight.close(), hostConfig?.close(), usage?.close(), writer.close()]);
      await cluster.close();
    },
  });
  const { pools, needs, moreSizes, history } = options;
  const capacity = new TektonCapacity({ sight, hostConfig, pools, ...needs, moreSizes, history, clock, log });
  const access = new ClusterAccess({ cluster });
  return { engine, capacity, access, stand: () => standForElection(cluster, identity, options) };
}

function openSight(
  cluster: Cluster,
  measures: RunMeasures,
  options: TektonOptions & { readonly identity: string },
): Sight {
  const { identity, onlyWatches, needs, pools, log, clock, tenantOf, defaultPriority, defaultTimeoutMs } =
    options;
  return new Sight({
    cluster,
    log,
    placing: { tenantOf, defaultPriority, nowMs: () => clock.nowMs() },
    runs: { defaultTimeoutMs },
    needs: { ...needs, pools: pools.map(({ name }) => name) },
    nowMs: clock.nowMs(),
    writesAs: onlyWatches ? null : identity,
    measures,
  });
}

function standForElection(cluster: Cluster, identity: string, options: TektonOptions): Leadership {
  const { log, clock, lease, namespace } = options;
  const elected = elect({
    cluster,
    log,
    identity,
    namespace: namespace ?? cluster.namespace,
    name: lease.name,
    // As in client-go's own defaults: two thirds of the lease to renew it, a fifth between tries.
    bounds: {
      leaseDurationMs: lease.durationMs,
      renewDeadlineMs: Math.round(lease.durationMs * 0.7),
      retryMs: Math.round(lease.durationMs * 0.2),
    },
  });
  return leaseLeadership({ lease: elected, clock, time: MACHINE_TIME, formerStartsMs: FORMER_STARTS_MS });
}
