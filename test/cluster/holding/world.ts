/**
 * Who and what the tests of holding need: namespaces with and without the label, a user who
 * may do with runs as he pleases there, and the requests that they send.
 */
import { ApiClient } from '../client/api-client.ts';
import { type KubeObject, PIPELINE_RUNS, type PipelineRun, pathOf } from '../client/resources.ts';
import { serviceAccountAccess } from '../client/service-account.ts';
import type { Answer } from '../client/transport.ts';
import { deleteNamespaces, newNamespace } from '../rig/namespaces.ts';
import { pipelineRun } from '../rig/pipeline-run.ts';
import type { TestCluster } from '../rig/require-cluster.ts';
import { comesTrue, type Installation } from './installation.ts';

export const HELD_LABEL = 'penstock.dev/held';
export const HELD_NAMESPACE = { 'penstock.dev/hold': 'enabled' };

export interface World {
  readonly admin: ApiClient;
  /** A namespace where Penstock holds, and one where it does not. */
  readonly held: string;
  readonly free: string;
  /** Owner of both. */
  readonly user: ApiClient;
  close(): Promise<void>;
}

export async function openWorld({ admin }: TestCluster): Promise<World> {
  const held = await newNamespace(admin, 'held', HELD_NAMESPACE);
  const free = await newNamespace(admin, 'free');
  for (const namespace of [held, free]) {
    for (const object of ownerRole(namespace, held)) await admin.apply<KubeObject>(object);
  }
  const user = new ApiClient(await serviceAccountAccess(admin, { namespace: held, name: 'default' }));
  const close = async (): Promise<void> => {
    user.close();
    await deleteNamespaces(admin, [held, free]);
  };
  return { admin, held, free, user, close };
}

function ownerRole(namespace: string, home: string): readonly KubeObject[] {
  const metadata = { name: 'owner', namespace };
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [{ apiGroups: ['tekton.dev'], resources: ['*'], verbs: ['*'] }],
  };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'owner' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: home }],
  };
  return [role, binding];
}

/** Creates a run as the user; the name is the server's to complete. */
export function createRun(
  world: World,
  options: Partial<Parameters<typeof pipelineRun>[0]> = {},
): Promise<PipelineRun> {
  const run = pipelineRun({ namespace: world.held, name: 'run-', ...options });
  return world.user.create(PIPELINE_RUNS, run);
}

export function labelOf(run: PipelineRun): string | null {
  return run.metadata.labels?.[HELD_LABEL] ?? null;
}

export function patchRun(
  client: ApiClient,
  { metadata }: PipelineRun,
  body: object,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { namespace = '', name = '' } = metadata;
  return client.raw({
    method: 'PATCH',
    path: pathOf(PIPELINE_RUNS, { namespace, name, query }),
    contentType: Array.isArray(body) ? 'application/json-patch+json' : 'application/merge-patch+json',
    body,
  });
}

export interface StartOptions {
  /** Null: none is sent. */
  readonly before: string | null;
  readonly by?: string;
  readonly dryRun?: boolean;
}

/** The patch by which Penstock starts a run. */
export function startRun(
  client: ApiClient,
  run: PipelineRun,
  { before, by, dryRun }: StartOptions,
): Promise<Answer> {
  const annotations = {
    ...run.metadata.annotations,
    ...(before === null ? {} : { 'penstock.dev/start-before': before }),
    ...(by === undefined ? {} : { 'penstock.dev/started-by': by }),
  };
  const operations = [
    { op: 'test', path: '/metadata/uid', value: run.metadata.uid },
    { op: 'test', path: '/spec/status', value: 'PipelineRunPending' },
    { op: 'add', path: '/metadata/annotations', value: annotations },
    { op: 'remove', path: '/spec/status' },
  ];
  return patchRun(client, run, operations, {
    fieldManager: 'penstock',
    ...(dryRun ? { dryRun: 'All' } : {}),
  });
}

/** Whole seconds of the given time, as RFC 3339. */
export function wholeSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

export function soon(): string {
  return wholeSeconds(Date.now() + 60_000);
}

/** Returns when runs are held; a new policy takes some seconds to act. */
export async function holdingActs(world: World): Promise<void> {
  const probe = pipelineRun({ namespace: world.held, name: 'probe-' });
  await comesTrue('new runs are held', async () => {
    const path = pathOf(PIPELINE_RUNS, { namespace: world.held, query: { dryRun: 'All' } });
    const answer = await world.user.raw({ method: 'POST', path, body: probe });
    return answer.status === 201 && labelOf(answer.body as PipelineRun) !== null;
  });
}

/** Returns when late starts are refused, and the guard stands, too. */
export async function policiesAct(world: World, { penstock }: Installation): Promise<void> {
  const run = await createRun(world);
  await comesTrue('late starts are refused', async () => {
    const answer = await startRun(penstock, run, { before: wholeSeconds(0), dryRun: true });
    return answer.status === 403;
  });
  await comesTrue('the guard stands', async () => {
    const answer = await patchRun(world.user, run, { spec: { status: null } }, { dryRun: 'All' });
    return answer.status === 403;
  });
}
