/**
 * Kubeconfig files, read and merged as kubectl does: of two entries with one name the first
 * counts, paths are relative to the file they stand in.
 *
 * Always true: size and aliases are bounded; what is wrong is said in one line that names the
 * file and the field. Fields we do not know are kept out of the way, not refused.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { CodedError } from '../../../../core/errors/catalogue.ts';

const SIZE_MAX = 1024 * 1024;
const ALIASES_MAX = 100;

const text = z.string().min(1).optional();

const clusterSchema = z.looseObject({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text,
  'proxy-url': text,
});

const userSchema = z.looseObject({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
});

const contextSchema = z.looseObject({ cluster: z.string(), user: z.string().optional(), namespace: text });

function named<Name extends string, Inner extends z.ZodType>(key: Name, inner: Inner) {
  return z
    .array(z.object({ name: z.string(), [key]: inner } as { name: z.ZodString } & Record<Name, Inner>))
    .nullish()
    .transform((list) => list ?? []);
}

const fileSchema = z.looseObject({
  'current-context': z.string().optional(),
  clusters: named('cluster', clusterSchema),
  users: named('user', userSchema.nullish()),
  contexts: named('context', contextSchema),
});

export type KubeconfigCluster = z.infer<typeof clusterSchema>;
export type KubeconfigUser = z.infer<typeof userSchema>;
type FileContent = z.infer<typeof fileSchema>;

/** One cluster and one user, as the context in force names them. */
export interface Kubeconfig {
  readonly contextName: string;
  readonly clusterName: string;
  readonly userName: string;
  readonly namespace: string;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
}

/** `context` null takes the current one. */
export async function readKubeconfig(paths: readonly string[], context: string | null): Promise<Kubeconfig> {
  const files = await Promise.all(paths.map(readOne));
  const label = paths.join(', ');
  const current = files.map((file) => file['current-context'] ?? '').find((name) => name !== '');
  const contextName = context ?? current;
  if (contextName === undefined) {
    throw new CodedError('kubeconfig-invalid', `${label}: current-context is not set; name a context.`);
  }
  const contexts = files.flatMap((file) => file.contexts);
  const found = contexts.find(({ name }) => name === contextName)?.context;
  if (found === undefined) {
    const names = contexts.map(({ name }) => name).slice(0, 20);
    throw new CodedError(
      'kubeconfig-invalid',
      `${label}: there is no context "${contextName}"; it has ${names.join(', ') || 'none'}.`,
    );
  }
  const cluster = files.flatMap((file) => file.clusters).find(({ name }) => name === found.cluster)?.cluster;
  if (cluster === undefined) {
    throw new CodedError(
      'kubeconfig-invalid',
      `${label}: context "${contextName}" names cluster "${found.cluster}", which is not there.`,
    );
  }
  const userName = found.user ?? '';
  const user = files.flatMap((file) => file.users).find(({ name }) => name === userName);
  if (user === undefined && userName !== '') {
    throw new CodedError(
      'kubeconfig-invalid',
      `${label}: context "${contextName}" names user "${userName}", which is not there.`,
    );
  }
  const namespace = found.namespace ?? 'default';
  return { contextName, clusterName: found.cluster, userName, namespace, cluster, user: user?.user ?? {} };
}

async function readOne(path: string): Promise<FileContent> {
  const parsed = fileSchema.safeParse(parseYaml(path, await readText(path)) ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = (issue?.path ?? []).join('.');
    throw new CodedError('kubeconfig-invalid', `${path}: ${field}: ${issue?.message ?? 'is not valid'}.`, {
      field,
    });
  }
  return withAbsolutePaths(parsed.data, dirname(resolve(path)));
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length <= SIZE_MAX) return bytes.toString('utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'ENOENT')
      throw new CodedError('file-not-found', `${path}: there is no such file.`, { cause });
    throw new CodedError('file-unreadable', `${path}: cannot be read (${code}).`, { cause });
  }
  throw new CodedError('kubeconfig-invalid', `${path}: has more than ${SIZE_MAX} bytes.`);
}

function parseYaml(path: string, content: string): unknown {
  const document = parseDocument(content, { logLevel: 'error', prettyErrors: false });
  const [problem] = document.errors;
  try {
    if (problem === undefined) return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (cause) {
    throw new CodedError('yaml-invalid', `${path}: its aliases unfold to too much.`, { cause });
  }
  throw new CodedError('yaml-invalid', `${path}: ${problem.message.replace(/\s+/g, ' ')}.`);
}

const CLUSTER_PATHS = ['certificate-authority'] as const;
const USER_PATHS = ['client-certificate', 'client-key', 'tokenFile'] as const;

function withAbsolutePaths(file: FileContent, folder: string): FileContent {
  const absolute = <Entry extends object>(entry: Entry, keys: readonly (keyof Entry)[]): Entry => {
    const changed = keys
      .filter((key) => typeof entry[key] === 'string')
      .map((key) => [key, resolve(folder, String(entry[key]))] as const);
    return { ...entry, ...Object.fromEntries(changed) };
  };
  return {
    ...file,
    clusters: file.clusters.map(({ name, cluster }) => ({ name, cluster: absolute(cluster, CLUSTER_PATHS) })),
    users: file.users.map(({ name, user }) => ({ name, user: absolute(user ?? {}, USER_PATHS) })),
  };
}
