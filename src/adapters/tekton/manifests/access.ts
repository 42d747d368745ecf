/**
 * Who may do what: service accounts and roles with the least rights that do the work.
 *
 * Always true: nothing here may delete or update a run (starting one is a patch), nor create
 * one unless policies are used; and
 * rights to secrets, leases and webhook configurations are to those of Penstock by name.
 */
import { CONTROLLER, HOLD, WEBHOOK, WEBHOOK_SECRET } from '../names.ts';
import { type KubernetesObject, objectOf } from './object.ts';
import type { ManifestOptions } from './options.ts';

interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const RBAC = 'rbac.authorization.k8s.io';
const RBAC_VERSION = `${RBAC}/v1`;
const READ = ['get', 'list', 'watch'];

export function accessObjects(options: ManifestOptions): readonly KubernetesObject[] {
  const { namespace, hostConfigNamespace } = options;
  return [
    serviceAccount(CONTROLLER, namespace),
    ...clusterGrant(CONTROLLER, namespace, [
      ...CONTROLLER_RULES,
      ...(options.usage ? USAGE_RULES : []),
      ...(options.policies ? POLICY_RULES : []),
    ]),
    ...grant(CONTROLLER, { account: CONTROLLER, of: namespace, within: namespace }, LEASE_RULES),
    ...(hostConfigNamespace === null
      ? []
      : grant(
          'penstock-host-config',
          { account: CONTROLLER, of: namespace, within: hostConfigNamespace },
          HOST_CONFIG_RULES,
        )),
    testRuns(),
    ...(options.hold === 'webhook' ? webhookAccess(namespace) : []),
  ];
}

const CONTROLLER_RULES: readonly PolicyRule[] = [
  { apiGroups: ['tekton.dev'], resources: ['pipelineruns'], verbs: [...READ, 'patch'] },
  { apiGroups: ['tekton.dev'], resources: ['taskruns'], verbs: READ },
  { apiGroups: [''], resources: ['namespaces'], verbs: READ },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
];

const USAGE_RULES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: READ },
  { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['get', 'list'] },
];

const POLICY_RULES: readonly PolicyRule[] = [
  { apiGroups: ['tekton.dev'], resources: ['pipelineruns'], verbs: ['create'] },
];

const LEASE_RULES: readonly PolicyRule[] = [
  // A right to create cannot be limited by name: the name is not known to the check.
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: [...READ, 'update', 'patch'],
    resourceNames: [CONTROLLER],
  },
];

const HOST_CONFIG_RULES: readonly PolicyRule[] = [
  // List and watch are covered where they select by this name.
  { apiGroups: [''], resources: ['configmaps'], verbs: READ, resourceNames: ['host-config'] },
];

/** Owners of a namespace may test-run policies on it. */
function testRuns(): KubernetesObject {
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' };
  const rules = [{ apiGroups: ['penstock.dev'], resources: ['testruns'], verbs: ['create'] }];
  return objectOf(
    { apiVersion: RBAC_VERSION, kind: 'ClusterRole', name: 'penstock-test-runs', labels },
    { rules },
  );
}

function webhookAccess(namespace: string): readonly KubernetesObject[] {
  return [
    serviceAccount(WEBHOOK, namespace),
    ...clusterGrant(WEBHOOK, namespace, [
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        verbs: ['get', 'patch'],
        resourceNames: [HOLD],
      },
    ]),
    ...grant(WEBHOOK, { account: WEBHOOK, of: namespace, within: namespace }, [
      { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'update'], resourceNames: [WEBHOOK_SECRET] },
    ]),
  ];
}

function serviceAccount(name: string, namespace: string): KubernetesObject {
  return objectOf({ apiVersion: 'v1', kind: 'ServiceAccount', name, namespace });
}

function clusterGrant(
  name: string,
  namespace: string,
  rules: readonly PolicyRule[],
): readonly KubernetesObject[] {
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name };
  return [
    objectOf({ apiVersion: RBAC_VERSION, kind: 'ClusterRole', name }, { rules }),
    objectOf({ apiVersion: RBAC_VERSION, kind: 'ClusterRoleBinding', name }, { roleRef, subjects }),
  ];
}

function grant(
  name: string,
  { account, of, within }: { readonly account: string; readonly of: string; readonly within: string },
  rules: readonly PolicyRule[],
): readonly KubernetesObject[] {
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: of }];
  const roleRef = { apiGroup: RBAC, kind: 'Role', name };
  const place = { apiVersion: RBAC_VERSION, name, namespace: within };
  return [
    objectOf({ ...place, kind: 'Role' }, { rules }),
    objectOf({ ...place, kind: 'RoleBinding' }, { roleRef, subjects }),
  ];
}
