/**
 * Namespaces of a test: new ones each time, so that nothing of an earlier test is in them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../client/api-client.ts';
import { NAMESPACES, SERVICE_ACCOUNTS } from '../client/resources.ts';
import { until } from '../processes/until.ts';

const READY_MS = 30_000;
/** A thousand runs with their Pods take minutes on a busy machine. */
const GONE_MS = 600_000;
const LOOK_MS = 100;

export type Labels = Readonly<Record<string, string>>;

/** Creates one and waits for its service account, without which no Pod starts. Returns its name. */
export async function newNamespace(admin: ApiClient, prefix: string, labels: Labels = {}): Promise<string> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: `${prefix}-`, labels } };
  const { metadata } = await admin.create(NAMESPACES, object);
  const namespace = metadata.name ?? '';
  await until({ what: `the service account of namespace ${namespace}`, withinMs: READY_MS, of: [] }, () =>
    admin.find(SERVICE_ACCOUNTS, { namespace, name: 'default' }),
  );
  return namespace;
}

/** Deletes them with everything inside and waits until they are gone. */
export async function deleteNamespaces(admin: ApiClient, names: readonly string[]): Promise<void> {
  for (const name of names) await admin.delete(NAMESPACES, { name });
  const giveUpAtMs = Date.now() + GONE_MS;
  for (const name of names) {
    while ((await admin.find(NAMESPACES, { name })) !== null) {
      if (Date.now() > giveUpAtMs) throw new Error(`namespace ${name} does not go away`);
      await pause(LOOK_MS);
    }
  }
}
