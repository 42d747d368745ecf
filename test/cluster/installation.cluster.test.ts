/** What `penstock manifests` prints, on a real API server: taken as it is, once and again, with no more rights than needed. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ManifestOptions } from '../../src/adapters/tekton/manifests/options.ts';
import { ApiClient } from './client/api-client.ts';
import type { KubeObject } from './client/resources.ts';
import { serviceAccountAccess } from './client/service-account.ts';
import { comesTrue, install } from './holding/installation.ts';
import { freePort, startWebhook } from './holding/webhook-process.ts';
import { deleteNamespaces, newNamespace } from './rig/namespaces.ts';
import { requireCluster, type TestCluster } from './rig/require-cluster.ts';

let cluster: TestCluster;
let elsewhere: string;
beforeAll(async () => {
  cluster = requireCluster(2);
  elsewhere = await newNamespace(cluster.admin, 'elsewhere');
});
afterAll(async () => {
  await deleteNamespaces(cluster.admin, [elsewhere]);
  cluster.admin.close();
});

const VARIANTS: readonly (readonly [string, Partial<ManifestOptions>])[] = [
  ['by default', {}],
  ['without any holding', { hold: 'none', guard: false, fence: false }],
  [
    'with everything',
    {
      hold: 'webhook',
      onFailure: 'open',
      usage: true,
      policies: true,
      image: 'example.invalid/penstock:1',
      replicas: 3,
    },
  ],
];

test.each(VARIANTS)('%s: applied a second time, nothing changes', async (_, options) => {
  const installation = await install(cluster, { ...options, hostConfigNamespace: elsewhere });
  onTestFinished(() => installation.remove());
  await installation.apply();
  const states = async () => (await installation.apply()).map(stateOf);
  expect(await states()).toEqual(await states());
});

/** What changes with every change but those that controllers write into the status. */
function stateOf({ kind, metadata }: KubeObject): readonly unknown[] {
  const { name, generation, resourceVersion } = metadata as KubeObject['metadata'] & {
    readonly generation?: number;
  };
  return [kind, name, generation ?? resourceVersion];
}

test('the types in all expressions are right, as far as the API server can tell', async (context) => {
  if (cluster.rig !== null && cluster.rig.state.tier < 3)
    context.skip('needs the controller manager: tier 3');
  const installation = await install(cluster);
  onTestFinished(() => installation.remove());
  const names = installation.objects
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    .map(({ metadata }) => metadata.name);
  expect(names.length).toBe(3);
  for (const name of names) {
    const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${name}`;
    const { status } = await comesTrue(
      'types to be checked',
      async () => (await cluster.admin.raw({ method: 'GET', path })).body as TypeChecked,
      (policy) => policy.status?.typeChecking !== undefined,
    );
    expect(status?.typeChecking, name).toEqual({});
  }
});

interface TypeChecked {
  readonly status?: { readonly typeChecking?: object };
}

test('applied again, what the webhook wrote for itself stays: its certificates and the trust in them', async () => {
  const port = await freePort();
  const installation = await install(cluster, { hold: 'webhook', webhookPort: port });
  onTestFinished(() => installation.remove());
  const webhook = await startWebhook(cluster, installation.namespace, port);
  onTestFinished(() => webhook.kill());
  const written = () =>
    Promise.all(
      [
        '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/penstock-hold',
        `/api/v1/namespaces/${installation.namespace}/secrets/penstock-webhook-tls`,
      ].map(async (path) => (await cluster.admin.raw({ method: 'GET', path })).body),
    );
  const before = await written();
  await installation.apply();
  expect(await written()).toEqual(before);
  expect(JSON.stringify(before)).toContain('caBundle');
  expect(JSON.stringify(before)).toContain('tls.key');
});

describe('rights', () => {
  const RUNS = `/apis/tekton.dev/v1/namespaces/default/pipelineruns`;
  const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  /** 404: it would be allowed, and there is none of that name. */
  const ALLOWED = [200, 201, 404, 409, 422];

  async function statusOf(
    client: ApiClient,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
  ) {
    const body = method === 'GET' || method === 'DELETE' ? undefined : {};
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return (await client.raw({ method, path, contentType, ...(body === undefined ? {} : { body }) })).status;
  }

  test("Penstock's account may see and patch runs, and what belongs to it; it cannot create, replace or delete any", async () => {
    const { namespace, penstock, remove } = await install(cluster, { hostConfigNamespace: elsewhere });
    onTestFinished(remove);
    for (const path of [RUNS, '/apis/tekton.dev/v1/taskruns', '/api/v1/namespaces']) {
      expect(await statusOf(penstock, 'GET', path), path).toBe(200);
    }
    const hostConfig = `/api/v1/namespaces/${elsewhere}/configmaps`;
    const lease = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/penstock`;
    const allowed = [
      ['PATCH', `${RUNS}/x`],
      ['GET', `${hostConfig}/host-config`],
      ['GET', `${hostConfig}?fieldSelector=metadata.name%3Dhost-config`],
      ['GET', lease],
      ['PATCH', lease],
    ] as const;
    for (const [method, path] of allowed) {
      expect(ALLOWED, `${method} ${path}`).toContain(await statusOf(penstock, method, path));
    }
    const refused = [
      ['POST', RUNS],
      ['PUT', `${RUNS}/x`],
      ['DELETE', `${RUNS}/x`],
      ['PATCH', `${RUNS}/x/status`],
      ['GET', hostConfig],
      ['GET', '/api/v1/namespaces/default/configmaps/x'],
      ['GET', `/api/v1/namespaces/${namespace}/secrets`],
      ['GET', '/api/v1/pods'],
      ['PATCH', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/other`],
      ['GET', CONFIGURATIONS],
    ] as const;
    for (const [method, path] of refused) {
      expect(await statusOf(penstock, method, path), `${method} ${path}`).toBe(403);
    }
  });

  test("the webhook's account may do with its Secret and its configuration what it needs, and sees nothing else", async () => {
    const { namespace, remove } = await install(cluster, { hold: 'webhook' });
    onTestFinished(remove);
    const access = await serviceAccountAccess(cluster.admin, { namespace, name: 'penstock-webhook' });
    const webhook = new ApiClient(access);
    onTestFinished(() => webhook.close());
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    expect(await statusOf(webhook, 'GET', `${secrets}/penstock-webhook-tls`)).toBe(200);
    expect(await statusOf(webhook, 'GET', `${CONFIGURATIONS}/penstock-hold`)).toBe(200);
    const refused = [
      ['GET', secrets],
      ['POST', secrets],
      ['GET', `${secrets}/other`],
      ['DELETE', `${secrets}/penstock-webhook-tls`],
      ['GET', CONFIGURATIONS],
      ['PATCH', `${CONFIGURATIONS}/webhook.pipeline.tekton.dev`],
      ['DELETE', `${CONFIGURATIONS}/penstock-hold`],
      ['GET', RUNS],
    ] as const;
    for (const [method, path] of refused) {
      expect(await statusOf(webhook, method, path), `${method} ${path}`).toBe(403);
    }
  });
});
