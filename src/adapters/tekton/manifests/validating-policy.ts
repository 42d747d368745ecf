/**
 * A ValidatingAdmissionPolicy on updates of PipelineRuns with its binding (Kubernetes 1.30).
 *
 * Always true of the expressions given here: they are total, so that a policy refuses what it
 * means to refuse and nothing else.
 */
import { HELD_LABEL } from '../names.ts';
import { type KubernetesObject, objectOf } from './object.ts';
import { ADMISSION_VERSION, pipelineRunRules } from './pipeline-runs.ts';

interface Validation {
  readonly expression: string;
  readonly message: string;
  readonly messageExpression?: string;
  readonly reason: 'Forbidden' | 'Invalid';
}

interface Parameter {
  readonly kind: { readonly apiVersion: string; readonly kind: string };
  readonly reference: { readonly name: string; readonly namespace: string };
}

export interface ValidatingPolicy {
  readonly name: string;
  readonly objectSelector?: Readonly<Record<string, unknown>>;
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly variables: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly Validation[];
  /** Of an expression that fails, or a parameter that cannot be read; `Fail` unless said. */
  readonly failurePolicy?: 'Fail' | 'Ignore';
  /** An object to compare with; where it does not exist the policy says nothing. */
  readonly parameter?: Parameter;
}

export function validatingPolicy(policy: ValidatingPolicy): readonly KubernetesObject[] {
  const place = { apiVersion: ADMISSION_VERSION, name: policy.name };
  const { parameter } = policy;
  const paramRef = { ...parameter?.reference, parameterNotFoundAction: 'Allow' };
  return [
    objectOf(
      { ...place, kind: 'ValidatingAdmissionPolicy' },
      {
        spec: {
          failurePolicy: policy.failurePolicy ?? 'Fail',
          ...(parameter === undefined ? {} : { paramKind: parameter.kind }),
          matchConstraints: {
            matchPolicy: 'Equivalent',
            namespaceSelector: {},
            objectSelector: policy.objectSelector ?? {},
            resourceRules: pipelineRunRules('UPDATE'),
          },
          matchConditions: policy.matchConditions,
          variables: policy.variables,
          validations: policy.validations,
        },
      },
    ),
    objectOf(
      { ...place, kind: 'ValidatingAdmissionPolicyBinding' },
      {
        spec: {
          policyName: policy.name,
          ...(parameter === undefined ? {} : { paramRef }),
          validationActions: ['Deny', 'Audit'],
        },
      },
    ),
  ];
}

type Side = 'object' | 'oldObject';

export function heldLabelOf(side: Side): string {
  return `has(${side}.metadata.labels) && "${HELD_LABEL}" in ${side}.metadata.labels ? ${side}.metadata.labels["${HELD_LABEL}"] : ""`;
}

export function annotationOf(side: Side, name: string): string {
  return `has(${side}.metadata.annotations) && "${name}" in ${side}.metadata.annotations ? ${side}.metadata.annotations["${name}"] : ""`;
}

export function statusOf(side: Side): string {
  return `has(${side}.spec) && has(${side}.spec.status) ? ${side}.spec.status : ""`;
}
