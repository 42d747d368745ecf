/**
 * Penstock installed on a cluster of tier 2: Tekton's webhook answers, its controller does
 * not run, so that nothing but what is measured writes on runs.
 */

import { HELD_LABEL, HOLD_ENABLED, HOLD_LABEL } from '../../src/adapters/tekton/names.ts';
import type { ApiClient } from '../../test/cluster/client/api-client.ts';
import type { Access } from '../../test/cluster/client/kubeconfig.ts';
import { NAMESPACES, PIPELINE_RUNS, pathOf } from '../../test/cluster/client/resources.ts';
import { comesTrue, install } from '../../test/cluster/holding/installation.ts';
import type { TestCluster } from '../../test/cluster/rig/require-cluster.ts';
import { pendingRun } from './runs.ts';

export interface BenchWorld {
  readonly admin: ApiClient;
  /** Penstock's own namespace, where its lease is. */
  readonly namespace: string;
  /** As Penstock's service account. */
  readonly access: Access;
  /** Runs created in it are held. */
  newNamespace(): Promise<string>;
  /** All its runs are gone. */
  emptied(namespace: string): Promise<void>;
  close(): Promise<void>;
}

export async function openBenchWorld(cluster: TestCluster): Promise<BenchWorld> {
  const { admin } = cluster;
  const installation = await install(cluster);
  const namespaces: string[] = [];
  const world: BenchWorld = {
    admin,
    namespace: installation.namespace,
    access: installation.penstock.access,
    newNamespace: async () => {
      const labels = { [HOLD_LABEL]: HOLD_ENABLED };
      const metadata = { generateName: 'bench-', labels };
      const made = await admin.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata });
      const name = made.metadata.name ?? '';
      namespaces.push(name);
      return name;
    },
    emptied: async (namespace) => {
      const isEmpty = async (): Promise<boolean> => {
        await admin.raw({ method: 'DELETE', path: pathOf(PIPELINE_RUNS, { namespace }), timeoutMs: 600_000 });
        const place = { namespace, query: { limit: '1' } };
        return (await admin.list(PIPELINE_RUNS, place)).items.length === 0;
      };
      // Tens of thousands of objects.
      await comesTrue(`the runs of ${namespace} are gone`, isEmpty, Boolean, 1_200_000);
    },
    close: async () => {
      for (const namespace of namespaces) await world.emptied(namespace);
      // On the rig of tier 2 nobody finishes that, so nobody waits for it.
      for (const name of namespaces) await admin.delete(NAMESPACES, { name });
      await installation.remove();
    },
  };
  const probe = await world.newNamespace();
  await comesTrue('a new run is held', async () => {
    const path = pathOf(PIPELINE_RUNS, { namespace: probe, query: { dryRun: 'All' } });
    const { body } = await admin.raw({ method: 'POST', path, body: pendingRun(probe, 0) });
    const { metadata } = body as {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    };
    return metadata?.labels?.[HELD_LABEL] === 'true';
  });
  return world;
}
