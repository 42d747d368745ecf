/**
 * The cluster that a test runs against: the one `KUBECONFIG` names, else the one that
 * `npm run cluster:up` started here.
 *
 * Always true: a cluster elsewhere is used only when somebody says that it may be thrown
 * away. These tests create hundreds of runs, and a shell may hold the KUBECONFIG of a
 * cluster that people live from.
 */
import type { TestContext } from 'vitest';
import { ApiClient } from '../client/api-client.ts';
import { givenKubeconfig, layoutOfEnvironment } from '../processes/layout.ts';
import { missingProcesses, readState, type Tier } from '../processes/state.ts';
import { Rig } from './rig.ts';

export interface TestCluster {
  readonly kubeconfig: string;
  readonly admin: ApiClient;
  /** Control of its processes; null for a cluster that somebody else runs. */
  readonly rig: Rig | null;
}

const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]']);

export function requireCluster(tier: Tier = 3): TestCluster {
  const layout = layoutOfEnvironment();
  const given = givenKubeconfig(layout);
  if (given !== null) return givenCluster(given);
  const state = readState(layout);
  if (state === null) {
    throw new Error('There is no cluster: run `npm run cluster:up`, or set KUBECONFIG to one with Tekton');
  }
  const missing = missingProcesses(state);
  if (!state.ready || missing.length > 0) {
    const what = state.ready ? `${missing.join(', ')} ended` : 'it was not brought up whole';
    throw new Error(
      `The cluster is broken (${what}): run \`npm run cluster:down\` and \`npm run cluster:up\``,
    );
  }
  if (state.tier < tier) {
    throw new Error(
      `The cluster has tier ${state.tier}, this needs ${tier}: start it anew with --tier ${tier}`,
    );
  }
  const admin = ApiClient.of(state.kubeconfig);
  return { kubeconfig: state.kubeconfig, admin, rig: new Rig(layout.slot, admin) };
}

function givenCluster(kubeconfig: string): TestCluster {
  const admin = ApiClient.of(kubeconfig);
  const { hostname } = new URL(admin.access.server);
  if (!LOOPBACK_HOSTS.has(hostname) && process.env.PENSTOCK_CLUSTER_THROWAWAY !== '1') {
    throw new Error(
      `KUBECONFIG leads to ${hostname}, which is not this machine. These tests create and delete hundreds of runs: ` +
        'unset KUBECONFIG, or set PENSTOCK_CLUSTER_THROWAWAY=1 when that cluster may be thrown away.',
    );
  }
  return { kubeconfig, admin, rig: null };
}

/** Control of the processes, or a skip that says why there is none. */
export function requiresControl(context: TestContext, cluster: TestCluster): Rig {
  if (cluster.rig === null)
    context.skip('needs control of the processes; the cluster is given by KUBECONFIG');
  return cluster.rig;
}

/** The address of Prometheus; a skip without one, or a failure where everything is expected. */
export function requiresPrometheus(context: TestContext, cluster: TestCluster): string {
  const url = requiresControl(context, cluster).prometheusUrl;
  if (url !== null) return url;
  const reason = 'needs Prometheus; npm run test:all installs it';
  if (process.env.PENSTOCK_TEST_ALL === '1') throw new Error(reason);
  context.skip(reason);
}

/** A skip where the API server has no MutatingAdmissionPolicy; Kubernetes has it since 1.36. */
export async function requiresAdmissionPolicies(context: TestContext, cluster: TestCluster): Promise<void> {
  const path = '/apis/admissionregistration.k8s.io/v1';
  const { body } = await cluster.admin.raw({ method: 'GET', path });
  const { resources } = body as { readonly resources: readonly { readonly name: string }[] };
  if (resources.some(({ name }) => name === 'mutatingadmissionpolicies')) return;
  context.skip('needs MutatingAdmissionPolicy, which Kubernetes has since 1.36');
}
