/**
 * Reads and writes kubeconfig files, as far as tests need it: certificates or a token, in
 * the file or beside it. Sign-in by a helper program is not supported, and says so.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, stringify } from 'yaml';

export interface Access {
  readonly server: string;
  readonly ca: string | null;
  readonly credentials:
    | { readonly kind: 'certificate'; readonly cert: string; readonly key: string }
    | { readonly kind: 'token'; readonly token: string };
}

interface NamedCluster {
  readonly name: string;
  readonly cluster: Readonly<Record<string, string>>;
}

interface NamedUser {
  readonly name: string;
  readonly user: Readonly<Record<string, string>>;
}

interface NamedContext {
  readonly name: string;
  readonly context: { readonly cluster: string; readonly user: string };
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: readonly NamedCluster[];
  readonly users?: readonly NamedUser[];
  readonly contexts?: readonly NamedContext[];
}

export function readKubeconfig(path: string): Access {
  const config = parse(readFileSync(path, 'utf8')) as Kubeconfig;
  const current = config['current-context'] ?? '';
  const context = config.contexts?.find(({ name }) => name === current)?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context?.user)?.user;
  if (cluster?.server === undefined || user === undefined) {
    throw new Error(`${path}: the current context "${current}" does not lead to a server and a user`);
  }
  const read = (source: Readonly<Record<string, string>>, field: string): string | null => {
    const inline = source[`${field}-data`];
    if (inline !== undefined) return Buffer.from(inline, 'base64').toString('utf8');
    const file = source[field];
    return file === undefined ? null : readFileSync(resolve(dirname(path), file), 'utf8');
  };
  const cert = read(user, 'client-certificate');
  const key = read(user, 'client-key');
  const ca = read(cluster, 'certificate-authority');
  const { server } = cluster;
  if (cert !== null && key !== null) return { server, ca, credentials: { kind: 'certificate', cert, key } };
  if (user.token !== undefined) return { server, ca, credentials: { kind: 'token', token: user.token } };
  throw new Error(`${path}: the user of context "${current}" has neither a client certificate nor a token`);
}

/** A file that any Kubernetes client reads, with everything inside it. */
export function writeKubeconfig(path: string, access: Access): void {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const { credentials } = access;
  const user =
    credentials.kind === 'token'
      ? { token: credentials.token }
      : {
          'client-certificate-data': encoded(credentials.cert),
          'client-key-data': encoded(credentials.key),
        };
  const cluster = {
    server: access.server,
    ...(access.ca === null ? {} : { 'certificate-authority-data': encoded(access.ca) }),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'rig',
    clusters: [{ name: 'rig', cluster }],
    users: [{ name: 'rig', user }],
    contexts: [{ name: 'rig', context: { cluster: 'rig', user: 'rig' } }],
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
}
