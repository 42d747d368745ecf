/** Which kinds a fake API server serves, and which of them an address means. */
import type { Kind } from './objects.ts';

const core = (plural: string, kind: string, namespaced = true): Kind => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});

export const CORE_KINDS: readonly Kind[] = [
  core('namespaces', 'Namespace', false),
  core('configmaps', 'ConfigMap'),
  core('secrets', 'Secret'),
  core('events', 'Event'),
  { ...core('pods', 'Pod'), hasStatus: true },
  { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', namespaced: true },
];

export const TEKTON_KINDS: readonly Kind[] = [
  ['pipelineruns', 'PipelineRun'],
  ['taskruns', 'TaskRun'],
].map(([plural = '', kind = '']) => ({
  group: 'tekton.dev',
  version: 'v1',
  plural,
  kind,
  namespaced: true,
  hasStatus: true,
}));

export interface Target {
  readonly kind: Kind;
  /** Null: of all namespaces, or of none. */
  readonly namespace: string | null;
  /** Null: the collection. */
  readonly name: string | null;
  readonly isStatus: boolean;
}

export function apiVersionOf({ group, version }: Kind): string {
  return group === '' ? version : `${group}/${version}`;
}

export function targetOf(path: string, kinds: readonly Kind[]): Target | null {
  const [root, ...rest] = path.split('/').slice(1).map(decodeURIComponent);
  const group = root === 'api' ? '' : (rest.shift() ?? '');
  const version = rest.shift();
  const isInNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const namespace = isInNamespace ? (rest[1] ?? null) : null;
  const [plural, name = null, sub = null] = isInNamespace ? rest.slice(2) : rest;
  const kind = kinds.find(
    (each) => each.group === group && each.version === version && each.plural === plural,
  );
  const isStatus = sub === 'status' && kind?.hasStatus === true;
  if (kind === undefined || (sub !== null && !isStatus)) return null;
  if (name !== null && kind.namespaced !== isInNamespace) return null;
  return { kind, namespace, name, isStatus };
}
