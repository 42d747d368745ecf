/** Penstock's lease in the hand of a bare client, which the API server would let start nothing without it. */
import { CONTROLLER } from '../../src/adapters/tekton/names.ts';
import type { ApiClient } from '../../test/cluster/client/api-client.ts';
import type { KubeObject } from '../../test/cluster/client/resources.ts';

const LEASES = { api: 'apis/coordination.k8s.io/v1', plural: 'leases', namespaced: true } as const;
const SECONDS = 600;

async function write(admin: ApiClient, namespace: string, holder: string, seconds: number): Promise<void> {
  const spec = {
    holderIdentity: holder,
    leaseDurationSeconds: seconds,
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  };
  const place = { namespace, name: CONTROLLER };
  if ((await admin.find(LEASES, place)) !== null) {
    await admin.patch(LEASES, place, { kind: 'merge', object: { spec } });
    return;
  }
  const made: KubeObject & { readonly spec: object } = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: place,
    spec,
  };
  await admin.create(LEASES, made);
}

export function takeLease(
  admin: ApiClient,
  { namespace, holder }: { readonly namespace: string; readonly holder: string },
): Promise<void> {
  return write(admin, namespace, holder, SECONDS);
}

/** So that Penstock need not wait for its end. */
export function releaseLease(admin: ApiClient, namespace: string): Promise<void> {
  return write(admin, namespace, '', 1);
}
