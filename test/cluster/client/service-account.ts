/**
 * Signs in as a service account, so that its roles are tested and not an administrator's.
 */
import type { ApiClient } from './api-client.ts';
import type { Access } from './kubeconfig.ts';
import { pathOf, SERVICE_ACCOUNTS } from './resources.ts';

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

const TOKEN_SECONDS = 48 * 3600;

/** A token by TokenRequest (authentication.k8s.io/v1), as a Pod of the account would get. */
export async function serviceAccountAccess(admin: ApiClient, account: Account): Promise<Access> {
  const answer = await admin.raw({
    method: 'POST',
    path: pathOf(SERVICE_ACCOUNTS, { ...account, subresource: 'token' }),
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: TOKEN_SECONDS },
    },
  });
  const { status } = answer.body as { readonly status?: { readonly token?: string } };
  if (status?.token === undefined) {
    throw new Error(
      `no token for service account ${account.namespace}/${account.name}: ${JSON.stringify(answer.body)}`,
    );
  }
  return {
    server: admin.access.server,
    ca: admin.access.ca,
    credentials: { kind: 'token', token: status.token },
  };
}
