/**
 * The names by which Penstock is known in a cluster: labels, annotations, accounts. Other
 * people's scripts rely on those of labels and annotations, so they never change.
 */

/** On a namespace: runs created there are held. */
export const HOLD_LABEL = 'penstock.dev/hold';
export const HOLD_ENABLED = 'enabled';

/** On a run: Penstock held it at its creation, so Penstock may start it. */
export const HELD_LABEL = 'penstock.dev/held';
export const HELD = 'true';

/** `spec.status` of a run that Tekton leaves alone until it is cleared. */
export const PENDING = 'PipelineRunPending';

/**
 * On a run, written by the very patch that starts it: the API server refuses that patch from
 * this moment on. RFC 3339 in UTC, whole seconds, by the API server's clock.
 */
export const START_BEFORE = 'penstock.dev/start-before';
/** On a run, written by the very patch that starts it: `holderIdentity` of the lease its sender leads by. */
export const STARTED_BY = 'penstock.dev/started-by';

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

export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
