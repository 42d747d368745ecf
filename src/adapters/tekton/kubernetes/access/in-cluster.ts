/**
 * The service account of the pod we run in. Its token is replaced about every hour, its CA
 * sometimes: both are read again.
 */
import { join } from 'node:path';
import { CodedError } from '../../../../core/errors/catalogue.ts';
import type { Time } from '../time.ts';
import type { Access } from './access.ts';
import { RotatingFile } from './rotating-file.ts';

/** Where every pod finds it, unless it asked for no token. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InCluster {
  readonly host: string;
  readonly port: string;
  readonly folder: string;
  readonly time: Time;
}

export async function inClusterAccess({ host, port, folder, time }: InCluster): Promise<Access> {
  const address = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(address)) {
    throw new CodedError(
      'cluster-access-invalid',
      `KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT make no address: ${address}.`,
    );
  }
  const [token, ca, namespace] = ['token', 'ca.crt', 'namespace'].map(
    (name) => new RotatingFile(join(folder, name), time),
  ) as [RotatingFile, RotatingFile, RotatingFile];
  const credentials = async (renew: boolean) => ({
    headers: { authorization: `Bearer ${(await token.text(renew)).trim()}` },
    tls: { ca: await ca.text(renew) },
  });
  try {
    await credentials(false);
  } catch (cause) {
    throw new CodedError(
      'cluster-access-invalid',
      `The service account of this pod cannot be read (${String(cause)}); let the pod mount it, or give a kubeconfig.`,
      { cause },
    );
  }
  return {
    server: new URL(address),
    namespace: await namespace.text().then(
      (text) => text.trim(),
      () => 'default',
    ),
    credentials,
  };
}
