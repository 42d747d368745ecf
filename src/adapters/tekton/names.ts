/**
 * The labels, annotations and other names through which Penstock, people and other
 * controllers speak to each other on Kubernetes objects. Other people's scripts rely on
 * those of Penstock; they never change.
 */
export const HELD_LABEL = 'penstock.dev/held';
/** On a namespace: runs created in it are held. */
export const HOLD_LABEL = 'penstock.dev/hold';
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
/** In a start patch, RFC 3339 by the server's clock: the server refuses the start after it. */
export const START_BEFORE = 'penstock.dev/start-before';
/** In a start patch: the identity of the leader that asks. */
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

/** Who writes; the API server stamps it on what we change. */
export const CONTROLLER = 'penstock';

export const PIPELINE_RUNS_PATH = '/apis/tekton.dev/v1/pipelineruns';
export const TASK_RUNS_PATH = '/apis/tekton.dev/v1/taskruns';
export const NAMESPACES_PATH = '/api/v1/namespaces';
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
