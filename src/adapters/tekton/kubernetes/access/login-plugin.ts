/**
 * Signing in by an exec plugin, OIDC or another auth provider: Kubernetes' own client does it.
 * It is loaded only here, because it takes 84 MB of memory, and need not be installed (ADR 20).
 */
import type { KubeConfig } from '@kubernetes/client-node';
import { CodedError } from '../../../../core/errors/catalogue.ts';
import type { Credentials } from './access.ts';
import type { Kubeconfig } from './kubeconfig-file.ts';

/** The user's part of the credentials. */
export type Login = (renew: boolean) => Promise<Credentials>;

export async function loginByPlugin(config: Kubeconfig): Promise<Login> {
  const createKubeConfig = await loadClient(config);
  const load = () => {
    const loaded = createKubeConfig();
    loaded.loadFromString(JSON.stringify(fileOf(config)));
    return loaded;
  };
  let kubeconfig = load();
  let asking: Promise<Credentials> | null = null;

  const ask = async (renew: boolean): Promise<Credentials> => {
    // It keeps a token until it expires, also one that the server refuses.
    if (renew) kubeconfig = load();
    const options: Parameters<typeof kubeconfig.applyToHTTPSOptions>[0] = {};
    await kubeconfig.applyToHTTPSOptions(options);
    const authorization = new Headers(options.headers as Record<string, string> | undefined).get(
      'authorization',
    );
    return {
      headers: authorization === null ? {} : { authorization },
      tls: {
        ...(options.cert === undefined ? {} : { cert: options.cert }),
        ...(options.key === undefined ? {} : { key: options.key }),
      },
    };
  };
  // One at a time: each may start a program or ask the user to sign in.
  return (renew) => {
    asking ??= ask(renew).finally(() => {
      asking = null;
    });
    return asking;
  };
}

async function loadClient({ contextName, user }: Kubeconfig): Promise<() => KubeConfig> {
  try {
    const client = await import('@kubernetes/client-node');
    return () => new client.KubeConfig();
  } catch (cause) {
    const way = 'exec' in user ? 'an exec plugin' : 'an auth provider';
    throw new CodedError(
      'kubernetes-login-missing',
      `Context "${contextName}" signs in by ${way}, which needs the package @kubernetes/client-node beside Penstock: npm install @kubernetes/client-node@2`,
      { cause, field: 'exec' in user ? 'exec' : 'auth-provider' },
    );
  }
}

/** The context in force as a kubeconfig of its own. */
function fileOf({ contextName, clusterName, userName, cluster, user }: Kubeconfig): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': contextName,
    contexts: [{ name: contextName, context: { cluster: clusterName, user: userName } }],
    clusters: [{ name: clusterName, cluster }],
    users: [{ name: userName, user }],
  };
}
