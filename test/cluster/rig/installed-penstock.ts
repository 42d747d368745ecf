/**
 * Penstock installed on the cluster and ready to be run against it: its manifests applied,
 * holding in effect, and a kubeconfig of its own service account, so that its roles and the
 * policies that guard starts are tested for real.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeKubeconfig } from '../client/kubeconfig.ts';
import { PIPELINE_RUNS, type PipelineRun, pathOf } from '../client/resources.ts';
import { comesTrue, type InstallOptions, install } from '../holding/installation.ts';
import { deleteNamespaces, newNamespace } from './namespaces.ts';
import { type PenstockOptions, PenstockProcess } from './penstock-process.ts';
import { pipelineRun } from './pipeline-run.ts';
import type { TestCluster } from './require-cluster.ts';

export const HOLD_LABELS = { 'penstock.dev/hold': 'enabled' };

export type ReplicaOptions = Omit<PenstockOptions, 'kubeconfig'> & {
  /** Where it finds the API server, when that is not the server itself. */
  readonly server?: string;
};

export interface InstalledPenstock {
  readonly namespace: string;
  /** Not started yet. Each is a replica with data of its own; all stand for the same lease. */
  replica(options?: ReplicaOptions): PenstockProcess;
  /** A namespace for runs, gone with the installation. */
  newNamespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  remove(): Promise<void>;
}

export async function installPenstock(
  cluster: TestCluster,
  options: InstallOptions = {},
): Promise<InstalledPenstock> {
  const { admin } = cluster;
  const installation = await install(cluster, options);
  const folder = mkdtempSync(join(tmpdir(), 'penstock-k-'));
  let kubeconfigs = 0;
  const kubeconfigFor = (server: string): string => {
    kubeconfigs += 1;
    const path = join(folder, `kubeconfig-${kubeconfigs}`);
    writeKubeconfig(path, { ...installation.penstock.access, server });
    return path;
  };
  const replicas: PenstockProcess[] = [];
  const namespaces: string[] = [];
  if ((options.hold ?? 'policy') !== 'none') {
    namespaces.push(await newNamespace(admin, 'probe', HOLD_LABELS));
    await comesTrue('a new run is held', () => isHeld(cluster, namespaces[0] as string));
  }
  return {
    namespace: installation.namespace,
    replica: ({ tekton, server = installation.penstock.access.server, ...rest } = {}) => {
      const settings = { namespace: installation.namespace, ...tekton };
      const replica = new PenstockProcess({ kubeconfig: kubeconfigFor(server), ...rest, tekton: settings });
      replicas.push(replica);
      return replica;
    },
    newNamespace: async (labels = HOLD_LABELS) => {
      const namespace = await newNamespace(admin, 'runs', labels);
      namespaces.push(namespace);
      return namespace;
    },
    remove: async () => {
      for (const replica of replicas) await replica.dispose();
      rmSync(folder, { recursive: true, force: true });
      await deleteNamespaces(admin, namespaces);
      await installation.remove();
    },
  };
}

async function isHeld({ admin }: TestCluster, namespace: string): Promise<boolean> {
  const answer = await admin.raw({
    method: 'POST',
    path: pathOf(PIPELINE_RUNS, { namespace, query: { dryRun: 'All' } }),
    body: pipelineRun({ namespace, name: 'probe-' }),
  });
  return (answer.body as PipelineRun).metadata?.labels?.['penstock.dev/held'] === 'true';
}
