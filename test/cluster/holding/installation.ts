/**
 * Penstock's manifests on the cluster under test, as `penstock manifests` prints them, and
 * their removal. On the rig no Service leads into the cluster, so the webhook's is made one
 * that leads to this machine; nothing else is changed.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { manifests } from '../../../src/adapters/tekton/manifests/manifests.ts';
import type { KubernetesObject } from '../../../src/adapters/tekton/manifests/object.ts';
import type { ManifestOptions } from '../../../src/adapters/tekton/manifests/options.ts';
import { ApiClient } from '../client/api-client.ts';
import type { KubeObject } from '../client/resources.ts';
import { serviceAccountAccess } from '../client/service-account.ts';
import type { TestCluster } from '../rig/require-cluster.ts';

const DEFAULTS = {
  hold: 'policy',
  onFailure: 'closed',
  guard: true,
  fence: true,
  hostConfigNamespace: null,
  usage: false,
  policies: false,
  image: null,
  storeSecret: null,
  replicas: 2,
} as const satisfies Omit<ManifestOptions, 'namespace'>;

export interface Installation {
  readonly namespace: string;
  readonly objects: readonly KubernetesObject[];
  /** Signed in as Penstock's own service account. */
  readonly penstock: ApiClient;
  /** Applies everything once more, as somebody would who upgrades. */
  readonly apply: () => Promise<readonly KubeObject[]>;
  readonly remove: () => Promise<void>;
}

export type InstallOptions = Partial<ManifestOptions> & {
  /** Where the webhook listens on this machine. */
  readonly webhookPort?: number;
};

let installed = 0;

export async function install(
  cluster: TestCluster,
  { webhookPort = 9443, ...options }: InstallOptions = {},
): Promise<Installation> {
  const { admin } = cluster;
  installed += 1;
  const namespace = `penstock-${process.pid}-${installed}`;
  const objects = manifests({ ...DEFAULTS, namespace, ...options }).map((object) =>
    onThisMachine(object, webhookPort),
  );
  const apply = async (): Promise<readonly KubeObject[]> => {
    const applied: KubeObject[] = [];
    for (const object of objects) applied.push(await admin.apply<KubeObject>(object, 'penstock-installer'));
    return applied;
  };
  await followLeases(cluster);
  await apply();
  const access = await serviceAccountAccess(admin, { namespace, name: 'penstock' });
  const penstock = new ApiClient(access);
  const remove = async (): Promise<void> => {
    penstock.close();
    for (const object of objects.toReversed()) await removeObject(admin, object);
  };
  return { namespace, objects, penstock, apply, remove };
}

/**
 * Has the API server follow leases until it ends. Up to 1.36 it stops, for as long as it runs,
 * when the last policy that looks at one is removed (kubernetes/kubernetes#130887); so one
 * that matches nothing is left behind.
 */
async function followLeases({ admin }: TestCluster): Promise<void> {
  const place = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: 'rig-follows-leases' } };
  const nothing = {
    apiGroups: ['rig.penstock.dev'],
    apiVersions: ['*'],
    operations: ['*'],
    resources: ['*'],
  };
  const policy = {
    ...place,
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      paramKind: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
      matchConstraints: { resourceRules: [nothing] },
      validations: [{ expression: 'true' }],
    },
  };
  const binding = {
    ...place,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: {
      policyName: place.metadata.name,
      paramRef: { name: 'none', namespace: 'default', parameterNotFoundAction: 'Allow' },
      validationActions: ['Deny'],
    },
  };
  for (const object of [policy, binding]) await admin.apply<KubeObject>(object);
}

async function removeObject(admin: ApiClient, object: KubernetesObject): Promise<void> {
  const { name, namespace } = object.metadata;
  const path = await admin.resourceOf(object);
  await admin.delete(path, { name, ...(namespace === undefined ? {} : { namespace }) });
}

function onThisMachine(object: KubernetesObject, port: number): KubernetesObject {
  if (object.kind === 'Service') {
    const spec = { type: 'ExternalName', externalName: 'localhost', ports: [{ name: 'https', port }] };
    return { ...object, spec };
  }
  if (object.kind !== 'MutatingWebhookConfiguration') return object;
  const { webhooks } = object as KubernetesObject & Configuration;
  return {
    ...object,
    webhooks: webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { service: { ...webhook.clientConfig.service, port } },
    })),
  };
}

interface Configuration {
  readonly webhooks: readonly { readonly clientConfig: { readonly service: object } }[];
}

const PATIENCE_MS = 60_000;
const LOOK_MS = 50;

/** What `look` gives as soon as it is as wanted. New policies and configurations take some seconds to act. */
export async function comesTrue<Value>(
  what: string,
  look: () => Promise<Value>,
  isWanted: (value: Value) => boolean = Boolean,
  patienceMs = PATIENCE_MS,
): Promise<Value> {
  const giveUpAtMs = Date.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (isWanted(value)) return value;
    if (Date.now() > giveUpAtMs) throw new Error(`never came true: ${what}; last ${JSON.stringify(value)}`);
    await pause(LOOK_MS);
  }
}
