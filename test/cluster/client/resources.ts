/**
 * Kubernetes objects as tests see them, and the paths of the resources they use.
 */

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface Metadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
}

export interface Resource<Kind extends KubeObject = KubeObject> {
  /** Such as `apis/tekton.dev/v1` or `api/v1`. */
  readonly api: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: it carries the type of the objects. */
  readonly objects?: Kind;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

export interface PipelineRun extends KubeObject {
  readonly spec: { readonly status?: string } & Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly conditions?: readonly Condition[];
    readonly childReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
}

export interface Pod extends KubeObject {
  readonly status?: { readonly phase?: string };
}

function core<Kind extends KubeObject>(plural: string, namespaced = true): Resource<Kind> {
  return { api: 'api/v1', plural, namespaced };
}

function tekton<Kind extends KubeObject>(plural: string): Resource<Kind> {
  return { api: 'apis/tekton.dev/v1', plural, namespaced: true };
}

export const NAMESPACES = core('namespaces', false);
export const PODS = core<Pod>('pods');
export const CONFIG_MAPS = core<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(
  'configmaps',
);
export const SERVICE_ACCOUNTS = core('serviceaccounts');
export const PIPELINE_RUNS = tekton<PipelineRun>('pipelineruns');
export const TASK_RUNS = tekton<PipelineRun>('taskruns');

export interface Place {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** Without a namespace: the whole cluster. */
export function pathOf(resource: Resource, place: Place = {}): string {
  const parts = [
    resource.api,
    ...(resource.namespaced && place.namespace !== undefined ? ['namespaces', place.namespace] : []),
    resource.plural,
    ...(place.name === undefined ? [] : [place.name]),
    ...(place.subresource === undefined ? [] : [place.subresource]),
  ];
  const query = new URLSearchParams(place.query).toString();
  return `/${parts.join('/')}${query === '' ? '' : `?${query}`}`;
}
