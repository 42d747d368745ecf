/**
 * Policies on a real cluster: launches into several namespaces, and a test run asked for by a
 * service account, with the cluster's own word for who it is and what it owns.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ApiClient } from './client/api-client.ts';
import { PIPELINE_RUNS, SERVICE_ACCOUNTS } from './client/resources.ts';
import { serviceAccountAccess } from './client/service-account.ts';
import { comesTrue } from './holding/installation.ts';
import { type InstalledPenstock, installPenstock } from './rig/installed-penstock.ts';
import type { PenstockProcess } from './rig/penstock-process.ts';
import { pipelineRun } from './rig/pipeline-run.ts';
import { requireCluster, type TestCluster } from './rig/require-cluster.ts';
import { RunWatcher } from './rig/run-watcher.ts';

const SEEN_MS = 120_000;
const ROLE_BINDINGS = {
  api: 'apis/rbac.authorization.k8s.io/v1',
  plural: 'rolebindings',
  namespaced: true,
} as const;

let cluster: TestCluster;
let penstock: InstalledPenstock;

beforeEach(async () => {
  cluster = requireCluster();
  penstock = await installPenstock(cluster, { policies: true });
});

afterEach(async () => {
  await penstock.remove();
  cluster.admin.close();
});

test('a policy is launched into namespaces that hold and that do not, each run through admission', async () => {
  const projects = [await penstock.newNamespace(), await penstock.newNamespace({})];
  const replica = await withPolicy(projects);
  await replica.ask('policy', 'run-now', 'audit', '--window', '2s');
  for (const namespace of projects) {
    const watcher = await RunWatcher.open(cluster.admin, { namespace });
    try {
      await watcher.until('its run to succeed', SEEN_MS, () => watcher.countIn('finished') === 1);
      const [run] = watcher.runs;
      expect(run?.object.metadata.labels).toMatchObject({ 'penstock.dev/held': 'true' });
      expect(run?.object.status?.conditions?.[0]).toMatchObject({ reason: 'Succeeded' });
    } finally {
      await watcher.close();
    }
  }
  const launched = async () => (await replica.ask('policy', 'occurrences', 'audit')) as object;
  await comesTrue('the occurrence is told as done', launched, (told) =>
    /"succeeded":2\b/.test(JSON.stringify(told)),
  );
});

test('an administrator of a namespace may test-run a policy on it, by TokenReview and SubjectAccessReview; who is none may not', async () => {
  const namespace = await penstock.newNamespace();
  const other = await penstock.newNamespace();
  const owner = await account(cluster.admin, namespace, 'admin');
  const viewer = await account(cluster.admin, namespace, 'view');
  const stranger = await account(cluster.admin, other, 'admin');
  const replica = await withPolicy([namespace, other]);
  const ask = async (token: string | null): Promise<{ readonly status: number; readonly body: unknown }> => {
    const answer = await fetch(`${replica.url}/v1/policies/audit/test-runs`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ project: namespace }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  expect(await ask(null)).toMatchObject({ status: 401 });
  expect(await ask('made-up')).toMatchObject({ status: 401 });
  expect(await ask(viewer)).toMatchObject({ status: 403, body: { code: 'not-owner' } });
  expect(await ask(stranger)).toMatchObject({ status: 403 });
  const { items } = await cluster.admin.list(PIPELINE_RUNS, { namespace });
  expect(items).toEqual([]);

  const accepted = await ask(owner);
  expect(accepted).toMatchObject({ status: 202 });
  const { id } = accepted.body as { readonly id: string };
  const shown = async () =>
    (await replica.ask('test-run', 'show', 'audit', id)) as { readonly state: string };
  await comesTrue('the test run succeeds', shown, ({ state }) => state === 'succeeded', SEEN_MS);
  expect(await ask(owner)).toMatchObject({ status: 429, body: { code: 'test-run-too-soon' } });
});

/** Serves with a policy for these namespaces. */
async function withPolicy(projects: readonly string[]): Promise<PenstockProcess> {
  const config = {
    http: { port: 0 },
    access: { kubernetes: true },
    pools: { runs: { size: 4 } },
    projects: Object.fromEntries(projects.map((name) => [name, { tenant: name }])),
  };
  const replica = penstock.replica({ config });
  const { spec } = pipelineRun({ namespace: 'any', name: 'any' });
  const file = join(replica.folder, 'audit.yaml');
  const policy = {
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name: 'audit' },
    spec: {
      enabled: true,
      content: { pipelineSpec: spec.pipelineSpec },
      // Far from now, so that its schedule launches nothing here.
      schedule: { type: 'daily', startTime: halfADayAway(), timeZone: 'UTC' },
      timeWindow: { length: '1h' },
    },
  };
  writeFileSync(file, stringify(policy));
  await replica.start();
  await replica.ask('policy', 'apply', file);
  return replica;
}

function halfADayAway(): string {
  return new Date(Date.now() + 12 * 3_600_000).toISOString().slice(11, 16);
}

/** A token of a new service account that has one of the cluster's own roles in its namespace. */
async function account(admin: ApiClient, namespace: string, role: 'admin' | 'view'): Promise<string> {
  const name = `is-${role}`;
  await admin.create(SERVICE_ACCOUNTS, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace },
  });
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  };
  await admin.create(ROLE_BINDINGS, binding);
  const { credentials } = await serviceAccountAccess(admin, { namespace, name });
  if (credentials.kind !== 'token') throw new Error('a service account signs in by a token');
  return credentials.token;
}
