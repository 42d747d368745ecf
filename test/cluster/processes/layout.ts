/**
 * Where a cluster of ours lives and listens. Each slot is a cluster of its own, with its
 * own folder and ports, so that two people or two long suites on one machine do not meet;
 * slot 0 is the one everybody gets without asking.
 */
import { join } from 'node:path';
import { cacheFolder } from '../binaries/cache.ts';

export const PORT_NAMES = [
  'etcd',
  'etcd-peer',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'tekton-webhook',
  'tekton-webhook-probes',
  'tekton-webhook-metrics',
  'tekton-webhook-profiling',
  'tekton-controller-probes',
  'tekton-controller-metrics',
  'tekton-controller-profiling',
  'kwok',
  'prometheus',
] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** Below the range that Linux hands out to clients (32768 and up). */
const FIRST_PORT = 26_400;
const PORTS_PER_SLOT = 20;
export const LAST_SLOT = 9;

export interface Layout {
  readonly slot: number;
  readonly folder: string;
  readonly ports: Ports;
}

/** The slot of `PENSTOCK_CLUSTER_SLOT`, 0 when it is not set. */
export function layoutOfEnvironment(): Layout {
  const text = process.env.PENSTOCK_CLUSTER_SLOT || '0';
  const slot = Number(text);
  if (!Number.isInteger(slot) || slot < 0 || slot > LAST_SLOT) {
    throw new Error(`PENSTOCK_CLUSTER_SLOT is "${text}"; it must be a whole number from 0 to ${LAST_SLOT}`);
  }
  return layoutOf(slot);
}

/** The kubeconfig of a cluster that is not ours: `KUBECONFIG`, unless it is the one `up` told to export. */
export function givenKubeconfig(layout: Layout): string | null {
  const given = process.env.KUBECONFIG;
  return given && given !== adminKubeconfigIn(layout.folder) ? given : null;
}

export function layoutOf(slot: number): Layout {
  const first = FIRST_PORT + slot * PORTS_PER_SLOT;
  const ports = Object.fromEntries(PORT_NAMES.map((name, index) => [name, first + index])) as Ports;
  return { slot, folder: join(cacheFolder(), `cluster-${slot}`), ports };
}

/** Folders inside a cluster's folder. */
export const certificatesIn = (folder: string): string => join(folder, 'certificates');
export const kubeconfigsIn = (folder: string): string => join(folder, 'kubeconfigs');
export const adminKubeconfigIn = (folder: string): string => join(kubeconfigsIn(folder), 'admin');
export const logOf = (folder: string, process: string): string => join(folder, 'logs', `${process}.log`);
