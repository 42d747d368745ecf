/**
 * Holding by the API server itself: a MutatingAdmissionPolicy, which Kubernetes serves since
 * 1.36. Nothing of ours has to run for it.
 *
 * One policy with all the rules, invoked once: why, says `holding/rules.ts`.
 */
import { celPatch } from '../holding/rules.ts';
import { HOLD } from '../names.ts';
import { type KubernetesObject, objectOf } from './object.ts';
import type { OnFailure } from './options.ts';
import {
  ADMISSION_VERSION,
  byOthers,
  failurePolicy,
  HELD_NAMESPACES,
  pipelineRunRules,
} from './pipeline-runs.ts';

export function holdPolicy(namespace: string, onFailure: OnFailure): readonly KubernetesObject[] {
  const place = { apiVersion: ADMISSION_VERSION, name: HOLD };
  return [
    objectOf(
      { ...place, kind: 'MutatingAdmissionPolicy' },
      {
        spec: {
          failurePolicy: failurePolicy(onFailure),
          reinvocationPolicy: 'Never',
          matchConstraints: {
            matchPolicy: 'Equivalent',
            namespaceSelector: HELD_NAMESPACES,
            objectSelector: {},
            resourceRules: pipelineRunRules('CREATE'),
          },
          matchConditions: [byOthers(namespace)],
          mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: celPatch() } }],
        },
      },
    ),
    objectOf({ ...place, kind: 'MutatingAdmissionPolicyBinding' }, { spec: { policyName: HOLD } }),
  ];
}
