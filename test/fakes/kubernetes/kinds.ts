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

const ADDRESS =
  /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

export function targetOf(path: string, kinds: readonly Kind[]): Target | null {
  const parts = ADDRESS.exec(path)
    ?.slice(1)
    .map((part) => (part === undefined ? null : decodeURIComponent(part)));
  const [group = null, version, namespace = null, plural, name = null, sub = null] = parts ?? [];
  const isInNamespace = namespace !== null;
  const kind = kinds.find(
    (each) => each.group === (group ?? '') && each.version === version && each.plural === plural,
  );
  const isStatus = sub === 'status' && kind?.hasStatus === true;
  if (kind === undefined || (sub !== null && !isStatus)) return null;
  if (name !== null && kind.namespaced !== isInNamespace) return null;
  return { kind, namespace, name, isStatus };
}
