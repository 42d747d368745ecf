/**
 * The labels, annotations and other names through which Penstock, people and other
 * controllers speak to each other on Kubernetes objects. Other people's scripts rely on
 * those of Penstock; they never change.
 */
/** On a run: Penstock held it at its creation, so Penstock may start it. */
export const HELD_LABEL = 'penstock.dev/held';
export const HELD = 'true';
/** On a namespace: runs created in it are held. */
export const HOLD_LABEL = 'penstock.dev/hold';
export const HOLD_ENABLED = 'enabled';
/** On a namespace, value `pending`: runs whose own YAML says `PipelineRunPending` are started by Penstock. */
export const ADOPT_LABEL = 'penstock.dev/adopt';
/** On a namespace: the tenant it belongs to; by default it is one of its own. */
export const TENANT_LABEL = 'penstock.dev/tenant';
export const PRIORITY_LABEL = 'penstock.dev/priority';
export const REQUEST_PREFIX = 'requests.penstock.dev/';

/** On a namespace, any text: nothing of it starts; the text is the reason people are told. */
export const PAUSED_ANNOTATION = 'penstock.dev/paused';
/** On a namespace, `caps.penstock.dev/<pool>: "5"`: most units its runs may use at once. */
export const CAP_PREFIX = 'caps.penstock.dev/';
/** On a run, a duration: cancelled when it has been held for longer. */
export const MAX_AGE_ANNOTATION = 'penstock.dev/max-age';
/**
 * On a run, written by the very patch that starts it: the API server refuses that patch from
 * this moment on. RFC 3339 in UTC, whole seconds, by the API server's clock.
 */
export const START_BEFORE = 'penstock.dev/start-before';
/** On a run, written by the very patch that starts it: `holderIdentity` of the lease its sender leads by. */
export const STARTED_BY = 'penstock.dev/started-by';
/** Why somebody cancelled it through Penstock. */
export const CANCEL_REASON_ANNOTATION = 'penstock.dev/cancel-reason';
/** Of a run created through Penstock: what was asked for, to recognise a repeated request. */
export const REQUEST_HASH_ANNOTATION = 'penstock.dev/request-hash';

/** Written back for people, as often as the budget of writes allows. */
export const NOTE_ANNOTATIONS = {
  reason: 'penstock.dev/reason',
  position: 'penstock.dev/position',
  startsAt: 'penstock.dev/starts-at',
  finishesAt: 'penstock.dev/finishes-at',
} as const;

/** On a held run: a leader wrote it to see by the watch that it has seen everything before; see `proof-of-sight.ts`. */
export const LOOKED_AT = 'penstock.dev/looked-at';

/** What is written on a run while it waits, and taken off by its start. */
export const WAITING_ANNOTATIONS = { ...NOTE_ANNOTATIONS, lookedAt: LOOKED_AT } as const;

/** What may be in `spec.managedBy` of a run that Tekton itself runs; anyone else's is left alone. */
export const MANAGED_BY_TEKTON = 'tekton.dev/pipeline';

/** The service account of the controller, its lease, and the name under which it owns fields. */
export const CONTROLLER = 'penstock';
/** Service account, Service, Deployment of the webhook. */
export const WEBHOOK = 'penstock-webhook';
/** Holds the webhook's authorities and its serving certificate. */
export const WEBHOOK_SECRET = 'penstock-webhook-tls';
/** The policy, its binding, or the webhook configuration by which runs are held at creation. */
export const HOLD = 'penstock-hold';

export const PIPELINE_RUNS_PATH = '/apis/tekton.dev/v1/pipelineruns';
export const TASK_RUNS_PATH = '/apis/tekton.dev/v1/taskruns';
export const PODS_PATH = '/api/v1/pods';
/** Resource metrics: see profile/pod-metrics.ts. */
export const POD_METRICS_PATH = '/apis/metrics.k8s.io/v1beta1/pods';
/** On a pod: the name of the PipelineRun that it works for. */
export const RUN_OF_POD_LABEL = 'tekton.dev/pipelineRun';
export const NAMESPACES_PATH = '/api/v1/namespaces';
/** `spec.status` of a run that Tekton leaves alone until it is cleared. */
export const PENDING = 'PipelineRunPending';

export function pipelineRunsOf(namespace: string): string {
  return `/apis/tekton.dev/v1/namespaces/${encodeURIComponent(namespace)}/pipelineruns`;
}

export function pipelineRunPath(namespace: string, name: string): string {
  return `${pipelineRunsOf(namespace)}/${encodeURIComponent(name)}`;
}

/** One part of a JSON pointer (RFC 6901). */
export function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
