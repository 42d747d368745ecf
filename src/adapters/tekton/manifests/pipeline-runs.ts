/** The admission rules' common part: which requests for PipelineRuns they are about. */
import { CONTROLLER, HOLD_ENABLED, HOLD_LABEL, serviceAccountUser } from '../names.ts';

export function pipelineRunRules(operation: 'CREATE' | 'UPDATE') {
  return [
    {
      apiGroups: ['tekton.dev'],
      apiVersions: ['v1', 'v1beta1'],
      operations: [operation],
      resources: ['pipelineruns'],
      scope: 'Namespaced',
    },
  ];
}

export const HELD_NAMESPACES = { matchLabels: { [HOLD_LABEL]: HOLD_ENABLED } };

export const ADMISSION_VERSION = 'admissionregistration.k8s.io/v1';

export function failurePolicy(onFailure: 'open' | 'closed'): 'Ignore' | 'Fail' {
  return onFailure === 'open' ? 'Ignore' : 'Fail';
}

/** What Penstock creates itself, for policies, is held already and keeps the label that says so. */
export function byOthers(namespace: string) {
  const penstock = serviceAccountUser(namespace, CONTROLLER);
  return { name: 'not-penstock', expression: `request.userInfo.username != "${penstock}"` };
}
