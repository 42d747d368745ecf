/**
 * Everything that `penstock manifests` prints, in the order in which it can be applied.
 *
 * Always true: the same options give the same objects, and applying them a second time
 * (server-side) changes nothing.
 */
import { accessObjects } from './access.ts';
import { fencePolicies } from './fence-policies.ts';
import { guardPolicy } from './guard-policy.ts';
import { holdPolicy } from './hold-policy.ts';
import { holdWebhook } from './hold-webhook.ts';
import { type KubernetesObject, objectOf } from './object.ts';
import type { ManifestOptions } from './options.ts';
import { workloads } from './workloads.ts';

export function manifests(options: ManifestOptions): readonly KubernetesObject[] {
  const { namespace } = options;
  return [
    objectOf({ apiVersion: 'v1', kind: 'Namespace', name: namespace }),
    ...accessObjects(options),
    // Guards first: what is held is guarded from its first moment on.
    ...(options.guard ? guardPolicy(namespace) : []),
    ...(options.fence ? fencePolicies(namespace) : []),
    ...holding(options),
    ...workloads(options),
  ];
}

function holding(options: ManifestOptions): readonly KubernetesObject[] {
  switch (options.hold) {
    case 'policy':
      return holdPolicy(options.namespace, options.onFailure);
    case 'webhook':
      return holdWebhook(options);
    case 'none':
      return [];
  }
}
