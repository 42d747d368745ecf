/**
 * Finds the cluster meant and how to sign in to it: a kubeconfig named or in KUBECONFIG, else
 * the service account of the pod we run in, else the kubeconfig in the home folder.
 */
import { join } from 'node:path';
import { CodedError } from '../../../core/errors/catalogue.ts';
import type { Access } from './access/access.ts';
import { inClusterAccess, SERVICE_ACCOUNT_FOLDER } from './access/in-cluster.ts';
import { kubeconfigAccess } from './access/kubeconfig-access.ts';
import { readKubeconfig } from './access/kubeconfig-file.ts';
import type { Cluster } from './api.ts';
import { HttpCluster } from './http-cluster.ts';
import { MACHINE_TIME, type Time } from './time.ts';

export interface ClusterOptions {
  /** A file; null looks where the environment says. */
  readonly kubeconfig: string | null;
  /** Of the kubeconfig; null takes its current one. */
  readonly context: string | null;
  /** The environment: KUBECONFIG, KUBERNETES_SERVICE_HOST and _PORT, HOME are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of Penstock. */
  readonly version: string;
  readonly time?: Time;
  /** Where a pod finds its service account. */
  readonly serviceAccountFolder?: string;
}

/**
 * Reads configuration and credentials, sends nothing. Throws CodedError: `kubeconfig-invalid`,
 * `kubeconfig-unsupported`, `kubernetes-login-missing`, `cluster-access-invalid`,
 * `file-not-found`, `file-unreadable`, `yaml-invalid`.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { version, time = MACHINE_TIME } = options;
  return new HttpCluster(await findAccess(options, time), `penstock/${version}`, time);
}

async function findAccess(options: ClusterOptions, time: Time): Promise<Access> {
  const { kubeconfig, context, env, serviceAccountFolder = SERVICE_ACCOUNT_FOLDER } = options;
  const named = kubeconfig === null ? filesIn(env.KUBECONFIG) : [kubeconfig];
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  if (named.length === 0 && host !== '' && context === null) {
    const port = env.KUBERNETES_SERVICE_PORT ?? '443';
    return inClusterAccess({ host, port, folder: serviceAccountFolder, time });
  }
  const home = env.HOME ?? '';
  const files = named.length > 0 || home === '' ? named : [join(home, '.kube', 'config')];
  if (files.length > 0) return kubeconfigAccess(await readKubeconfig(files, context), time);
  throw new CodedError(
    'cluster-access-invalid',
    'No cluster is given: name a kubeconfig, set KUBECONFIG, or run in a pod with a service account.',
  );
}

function filesIn(list: string | undefined): readonly string[] {
  return (list ?? '').split(':').filter((path) => path !== '');
}
