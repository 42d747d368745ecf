/**
 * etcd and Kubernetes' own servers, with the flags that make them run on loopback without
 * nodes or a network of their own.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeKubeconfig } from '../client/kubeconfig.ts';
import type { Client } from './certificates.ts';
import { apiServerUrl, type Context, LOOPBACK, planOf } from './context.ts';
import { kubeconfigsIn } from './layout.ts';
import type { ProcessPlan } from './process.ts';

/** Writes the kubeconfig of one of our client certificates and returns its path. */
export function kubeconfigOf({ layout, certificates }: Context, client: Client): string {
  const folder = kubeconfigsIn(layout.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, client);
  const { read } = certificates;
  const credentials = {
    kind: 'certificate',
    cert: read(`${client}.crt`),
    key: read(`${client}.key`),
  } as const;
  writeKubeconfig(path, { server: apiServerUrl(layout), ca: read('ca.crt'), credentials });
  return path;
}

export function etcd(context: Context): ProcessPlan {
  const { ports, folder } = context.layout;
  const client = `http://${LOOPBACK}:${ports.etcd}`;
  const peer = `http://${LOOPBACK}:${ports['etcd-peer']}`;
  return planOf(context, 'etcd', {
    command: context.binaries.program('etcd'),
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      `--quota-backend-bytes=${8 * 1024 ** 3}`,
      '--log-level=warn',
      // Nobody keeps this data over a power cut, and a build server's disk is slow.
      '--unsafe-no-fsync',
    ],
  });
}

export function kubeApiserver(context: Context): ProcessPlan {
  const { certificates } = context;
  const { ports } = context.layout;
  return planOf(context, 'kube-apiserver', {
    command: context.binaries.program('kube-apiserver'),
    args: [
      `--etcd-servers=http://${LOOPBACK}:${ports.etcd}`,
      `--bind-address=${LOOPBACK}`,
      `--secure-port=${ports['kube-apiserver']}`,
      // It would publish its own address as an endpoint, which must not be a loopback one.
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--allow-privileged',
      `--client-ca-file=${certificates.path('ca.crt')}`,
      `--tls-cert-file=${certificates.path('server.crt')}`,
      `--tls-private-key-file=${certificates.path('server.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${certificates.path('sa.pub')}`,
      `--service-account-signing-key-file=${certificates.path('sa.key')}`,
      '--authorization-mode=Node,RBAC',
      '--anonymous-auth=true',
      '--profiling=false',
    ],
  });
}

export function kubeControllerManager(context: Context): ProcessPlan {
  const { certificates } = context;
  return planOf(context, 'kube-controller-manager', {
    command: context.binaries.program('kube-controller-manager'),
    args: [
      `--kubeconfig=${kubeconfigOf(context, 'kube-controller-manager')}`,
      `--bind-address=${LOOPBACK}`,
      `--secure-port=${context.layout.ports['kube-controller-manager']}`,
      `--root-ca-file=${certificates.path('ca.crt')}`,
      `--service-account-private-key-file=${certificates.path('sa.key')}`,
      '--use-service-account-credentials',
      '--leader-elect=false',
      '--profiling=false',
      ...FAST_CLIENT,
    ],
  });
}

export function kubeScheduler(context: Context): ProcessPlan {
  return planOf(context, 'kube-scheduler', {
    command: context.binaries.program('kube-scheduler'),
    args: [
      `--kubeconfig=${kubeconfigOf(context, 'kube-scheduler')}`,
      `--bind-address=${LOOPBACK}`,
      `--secure-port=${context.layout.ports['kube-scheduler']}`,
      '--leader-elect=false',
      ...FAST_CLIENT,
    ],
  });
}

/** So that what a test measures is Penstock's pace and not these servers' default limits. */
const FAST_CLIENT = ['--kube-api-qps=200', '--kube-api-burst=400'];
