/**
 * Access by a kubeconfig: certificates, tokens and token files by ourselves, every other way of
 * signing in through Kubernetes' own client (ADR 20).
 *
 * Always true: what we do not support is refused by name, never ignored.
 */
import { CodedError } from '../../../../core/errors/catalogue.ts';
import type { Time } from '../time.ts';
import type { Access, Credentials } from './access.ts';
import type { Kubeconfig, KubeconfigCluster, KubeconfigUser } from './kubeconfig-file.ts';
import { type Login, loginByPlugin } from './login-plugin.ts';
import { RotatingFile } from './rotating-file.ts';

export async function kubeconfigAccess(config: Kubeconfig, time: Time): Promise<Access> {
  const { contextName, cluster, user, namespace } = config;
  const refuse = (field: string, message: string): never => {
    throw new CodedError('kubeconfig-unsupported', `Context "${contextName}": ${field} ${message}`, {
      field,
    });
  };
  refuseUnsupported(cluster, user, refuse);
  const server = addressOf(config);
  const verification = verificationOf(config, time);
  const login = 'exec' in user || 'auth-provider' in user ? await loginByPlugin(config) : loginBy(user, time);
  const credentials = async (renew: boolean): Promise<Credentials> => {
    const [ours, theirs] = await Promise.all([login(renew), verification(renew)]);
    return { headers: ours.headers, tls: { ...theirs, ...ours.tls } };
  };
  try {
    await credentials(false);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError('cluster-access-invalid', `Context "${contextName}": ${why}.`, { cause });
  }
  return { server, namespace, credentials };
}

function refuseUnsupported(
  cluster: KubeconfigCluster,
  user: KubeconfigUser,
  refuse: (field: string, message: string) => never,
): void {
  if (cluster['proxy-url'] !== undefined) {
    refuse('proxy-url', 'is not supported; Penstock reaches the API server directly.');
  }
  if (cluster['insecure-skip-tls-verify'] === true && hasAuthority(cluster)) {
    refuse('insecure-skip-tls-verify', 'and certificate-authority exclude each other; remove one.');
  }
  if (user.username !== undefined) {
    refuse('username', 'is not supported, as by Kubernetes since 1.19; use a token or a certificate.');
  }
  const impersonation = ['as', 'as-uid', 'as-groups', 'as-user-extra'].find((key) => user[key] !== undefined);
  if (impersonation !== undefined) {
    refuse(impersonation, 'is not supported; give Penstock credentials of its own.');
  }
}

function hasAuthority(cluster: KubeconfigCluster): boolean {
  return (
    cluster['certificate-authority'] !== undefined || cluster['certificate-authority-data'] !== undefined
  );
}

function addressOf({ clusterName, cluster: { server } }: Kubeconfig): URL {
  const url = URL.parse(server);
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new CodedError(
    'kubeconfig-invalid',
    `Cluster "${clusterName}": server "${server}" must be an http:// or https:// address.`,
    { field: 'server' },
  );
}

type Verification = (renew: boolean) => Promise<Credentials['tls']>;

function verificationOf({ cluster }: Kubeconfig, time: Time): Verification {
  const ca = content(cluster['certificate-authority-data'], cluster['certificate-authority'], time);
  const servername = cluster['tls-server-name'];
  const isUnchecked = cluster['insecure-skip-tls-verify'] === true;
  return async (renew) => ({
    ...(ca === null ? {} : { ca: await ca(renew) }),
    ...(servername === undefined ? {} : { servername }),
    ...(isUnchecked ? { rejectUnauthorized: false } : {}),
  });
}

function loginBy(user: KubeconfigUser, time: Time): Login {
  const cert = content(user['client-certificate-data'], user['client-certificate'], time);
  const key = content(user['client-key-data'], user['client-key'], time);
  if ((cert === null) !== (key === null)) {
    throw new CodedError(
      'kubeconfig-invalid',
      'client-certificate and client-key belong together; one of them is missing.',
      { field: cert === null ? 'client-certificate' : 'client-key' },
    );
  }
  // As kubectl has it: the file counts before the text.
  const file = user.tokenFile === undefined ? null : new RotatingFile(user.tokenFile, time);
  const token = async (renew: boolean) => (file === null ? user.token : (await file.text(renew)).trim());
  return async (renew) => {
    const bearer = await token(renew);
    return {
      headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
      tls: cert === null || key === null ? {} : { cert: await cert(renew), key: await key(renew) },
    };
  };
}

/** Base64 in the kubeconfig counts before a file, as kubectl has it. Null: neither is given. */
function content(
  data: string | undefined,
  path: string | undefined,
  time: Time,
): ((renew: boolean) => Promise<string>) | null {
  if (data !== undefined) {
    const decoded = Buffer.from(data, 'base64').toString('utf8');
    return () => Promise.resolve(decoded);
  }
  if (path === undefined) return null;
  const file = new RotatingFile(path, time);
  return (renew) => file.text(renew);
}
