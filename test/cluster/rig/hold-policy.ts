/**
 * A MutatingAdmissionPolicy that holds PipelineRuns, as small as it can be: the rig's proof
 * that the API server has what Penstock builds on. Penstock installs one of its own, under
 * other names, and the label here is another, so that the two do not meet.
 */
import type { KubeObject } from '../client/resources.ts';

export const HELD_LABEL = 'rig.penstock.dev/held';
export const HOLD_LABELS = { 'rig.penstock.dev/hold': 'enabled' };

const NAME = 'rig-hold';
const API = 'admissionregistration.k8s.io/v1';

const ADD_LABELS =
  'has(object.metadata.labels) ? [] : [JSONPatch{op: "add", path: "/metadata/labels", value: {}}]';
const HOLD = [
  `JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("${HELD_LABEL}"), value: "true"}`,
  'JSONPatch{op: "add", path: "/spec/status", value: "PipelineRunPending"}',
].join(', ');

interface WithSpec extends KubeObject {
  readonly spec: object;
}

export const HOLD_POLICY: WithSpec = {
  apiVersion: API,
  kind: 'MutatingAdmissionPolicy',
  metadata: { name: NAME },
  spec: {
    failurePolicy: 'Fail',
    reinvocationPolicy: 'IfNeeded',
    matchConstraints: {
      namespaceSelector: { matchLabels: HOLD_LABELS },
      resourceRules: [
        {
          apiGroups: ['tekton.dev'],
          apiVersions: ['v1', 'v1beta1'],
          resources: ['pipelineruns'],
          operations: ['CREATE'],
        },
      ],
    },
    matchConditions: [{ name: 'status-is-empty', expression: 'object.spec.?status.orValue("") == ""' }],
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `(${ADD_LABELS}) + [${HOLD}]` } }],
  },
};

export const HOLD_POLICY_BINDING: WithSpec = {
  apiVersion: API,
  kind: 'MutatingAdmissionPolicyBinding',
  metadata: { name: NAME },
  spec: { policyName: NAME },
};
