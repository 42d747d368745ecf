/**
 * A held run is started by Penstock and nobody else: users cannot clear its `spec.status`, nor
 * give or take the label that says who held it. Cancelling stays theirs, and administrators
 * (`system:masters`) may do as they please.
 *
 * Looks only at runs with the label, in whatever namespace: a namespace that is no longer held
 * may still have held runs.
 */
import { CONTROLLER, HELD, HELD_LABEL, serviceAccountUser } from '../names.ts';
import type { KubernetesObject } from './object.ts';
import { byOthers } from './pipeline-runs.ts';
import { heldLabelOf, statusOf, validatingPolicy } from './validating-policy.ts';

export const GUARD = 'penstock-guard';

export function guardPolicy(namespace: string): readonly KubernetesObject[] {
  const penstock = serviceAccountUser(namespace, CONTROLLER);
  const advice = `only ${penstock} may`;
  return validatingPolicy({
    name: GUARD,
    objectSelector: { matchExpressions: [{ key: HELD_LABEL, operator: 'Exists' }] },
    matchConditions: [
      byOthers(namespace),
      {
        name: 'not-an-administrator',
        expression: '!("system:masters" in request.userInfo.?groups.orValue([]))',
      },
    ],
    variables: [
      { name: 'heldBefore', expression: heldLabelOf('oldObject') },
      { name: 'heldNow', expression: heldLabelOf('object') },
      { name: 'statusBefore', expression: statusOf('oldObject') },
      { name: 'statusNow', expression: statusOf('object') },
    ],
    validations: [
      {
        expression: 'variables.heldBefore == variables.heldNow',
        messageExpression: `"Penstock: user " + request.userInfo.username + " may not change the label ${HELD_LABEL}; ${advice}"`,
        message: `Penstock: the label ${HELD_LABEL} may not be changed; ${advice}`,
        reason: 'Forbidden',
      },
      {
        // From whatever status: a run cancelled while held must not be revived either.
        expression: `!(variables.heldBefore == "${HELD}" && variables.statusBefore != "" && variables.statusNow == "")`,
        messageExpression:
          '"Penstock: user " + request.userInfo.username + " may not start a held run by clearing spec.status; ' +
          `${advice}. To cancel it set spec.status to Cancelled"`,
        message: `Penstock: a held run may not be started by clearing spec.status; ${advice}`,
        reason: 'Forbidden',
      },
    ],
  });
}
