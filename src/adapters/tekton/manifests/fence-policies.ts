/**
 * A start that comes too late is refused by the API server. A process that decided to start a
 * run may be paused, cut off or deposed before its request arrives; nothing it does itself can
 * prevent that the request takes effect after another has taken over. So each start carries
 * what it may rely on, and the server checks it.
 *
 * - The deadline. CEL has no clock, but the API server writes the time of its own into
 *   `metadata.managedFields` of whatever a request changes, before admission. The time is cut
 *   to whole seconds there; with a deadline in whole seconds, `time < deadline` holds of the
 *   cut one exactly when it holds of the true one. That the deadline itself is new to the run
 *   makes sure that this very request is among the times. The write follows the check within
 *   the request's `timeout`.
 * - Leadership. The sender names itself; while somebody else verifiably leads, it is refused.
 *   That follows a change of the lease within milliseconds, not at once, and so comes second to
 *   the deadline. A lease that was not renewed in time says nothing: nobody may lead, or this
 *   API server may have stopped following leases, as releases up to 1.36 do for good when such
 *   a policy was removed and comes again (kubernetes/kubernetes#130887). For the same reason
 *   what goes wrong with the lease is ignored: it must never be why nothing starts.
 *
 * Both look at nothing but Penstock's own service account: users' requests are not concerned.
 */
import { CONTROLLER, START_BEFORE, STARTED_BY, serviceAccountUser } from '../names.ts';
import type { KubernetesObject } from './object.ts';
import { annotationOf, statusOf, validatingPolicy } from './validating-policy.ts';

export const DEADLINE = 'penstock-start-deadline';
export const LEADERSHIP = 'penstock-start-leadership';

const WHOLE_SECONDS = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$';

export function fencePolicies(namespace: string): readonly KubernetesObject[] {
  return [...deadlinePolicy(namespace), ...leadershipPolicy(namespace)];
}

/** When which manager last changed something, by the API server's clock; this request is among them. */
const TIMES = {
  name: 'times',
  expression:
    'has(object.metadata.managedFields) ? object.metadata.managedFields.filter(f, has(f.time)).map(f, string(f.time)) : []',
};

const NEVER = 'timestamp("1970-01-01T00:00:00Z")';
const LEASE_END =
  'timestamp(params.spec.renewTime) + duration(string(params.spec.leaseDurationSeconds) + "s")';

function startsByPenstock(namespace: string) {
  const penstock = serviceAccountUser(namespace, CONTROLLER);
  return [
    { name: 'by-penstock', expression: `request.userInfo.username == "${penstock}"` },
    { name: 'starts-a-run', expression: `(${statusOf('oldObject')}) != "" && (${statusOf('object')}) == ""` },
  ];
}

function deadlinePolicy(namespace: string): readonly KubernetesObject[] {
  return validatingPolicy({
    name: DEADLINE,
    matchConditions: startsByPenstock(namespace),
    variables: [
      { name: 'deadline', expression: annotationOf('object', START_BEFORE) },
      { name: 'deadlineBefore', expression: annotationOf('oldObject', START_BEFORE) },
      TIMES,
    ],
    validations: [
      {
        expression: `variables.deadline.matches("${WHOLE_SECONDS}") && variables.deadline != variables.deadlineBefore`,
        message: `Penstock: a start carries a new ${START_BEFORE} in whole seconds, such as 2030-01-31T12:00:00Z`,
        reason: 'Forbidden',
      },
      {
        expression:
          'variables.times.size() > 0 && variables.times.all(t, timestamp(t) < timestamp(variables.deadline))',
        message: `Penstock: this start comes too late; it was to happen before ${START_BEFORE}`,
        reason: 'Forbidden',
      },
    ],
  });
}

function leadershipPolicy(namespace: string): readonly KubernetesObject[] {
  return validatingPolicy({
    name: LEADERSHIP,
    failurePolicy: 'Ignore',
    parameter: {
      kind: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
      reference: { name: CONTROLLER, namespace },
    },
    matchConditions: startsByPenstock(namespace),
    variables: [
      { name: 'sender', expression: annotationOf('object', STARTED_BY) },
      { name: 'leader', expression: 'params.?spec.?holderIdentity.orValue("")' },
      {
        name: 'leadsUntil',
        expression: `has(params.spec) && has(params.spec.renewTime) && has(params.spec.leaseDurationSeconds) ? ${LEASE_END} : ${NEVER}`,
      },
      TIMES,
    ],
    validations: [
      {
        expression:
          'variables.leader == "" || variables.sender == variables.leader || ' +
          'variables.times.exists(t, timestamp(t) >= variables.leadsUntil)',
        message: `Penstock: this start comes from one who does not lead; ${STARTED_BY} is not the holder of the lease ${CONTROLLER}`,
        reason: 'Forbidden',
      },
    ],
  });
}
