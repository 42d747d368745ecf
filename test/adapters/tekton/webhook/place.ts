/** A fake API server with what the webhook works on, as `penstock manifests` creates it. */
import { manifests } from '../../../../src/adapters/tekton/manifests/manifests.ts';
import {
  fromSecretData,
  type Keyring,
} from '../../../../src/adapters/tekton/webhook/certificates/keyring.ts';
import type { FakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import { CORE_KINDS } from '../../../fakes/kubernetes/kinds.ts';
import type { FakeObject } from '../../../fakes/kubernetes/objects.ts';
import { serverFor } from '../kubernetes/place.ts';

export const NAMESPACE = 'flow';

const CONFIGURATIONS = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  namespaced: false,
};

export async function serverWithManifests(nowMs: () => number = Date.now): Promise<FakeApiServer> {
  const server = await serverFor({ kinds: [...CORE_KINDS, CONFIGURATIONS], nowMs });
  const objects = manifests({
    namespace: NAMESPACE,
    hold: 'webhook',
    onFailure: 'closed',
    guard: true,
    fence: true,
    hostConfigNamespace: null,
    usage: false,
    policies: false,
    image: null,
    storeSecret: null,
    replicas: 2,
  });
  for (const [kind, plural] of [
    ['Secret', 'secrets'],
    ['MutatingWebhookConfiguration', CONFIGURATIONS.plural],
  ] as const) {
    for (const object of objects.filter((each) => each.kind === kind))
      server.store.create(plural, structuredClone(object) as FakeObject);
  }
  return server;
}

export function secretIn(server: FakeApiServer) {
  return server.store.get('secrets', NAMESPACE, 'penstock-webhook-tls') as {
    readonly metadata: { readonly resourceVersion: string };
    readonly data?: Readonly<Record<string, string>>;
  };
}

export function keyringIn(server: FakeApiServer): Keyring | null {
  return fromSecretData(secretIn(server).data ?? {});
}

interface Configuration {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

/** What the API server trusts, in PEM; null where its webhooks differ or have none. */
export function trustedIn(server: FakeApiServer): string | null {
  const { webhooks } = server.store.get(
    CONFIGURATIONS.plural,
    undefined,
    'penstock-hold',
  ) as object as Configuration;
  const bundles = new Set(webhooks.map(({ clientConfig }) => clientConfig.caBundle));
  const [bundle] = bundles;
  return bundles.size === 1 && bundle !== undefined ? Buffer.from(bundle, 'base64').toString() : null;
}
