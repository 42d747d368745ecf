/**
 * Holding by `penstock webhook`, for clusters whose API server cannot do it itself.
 *
 * Each rule is a webhook of its own that is called only for runs it is about: most creations
 * cause one call, those of runs that are pending already none. Label stripping comes first and
 * is not invoked again: shown a run that the other rule held, it would undo that.
 *
 * `caBundle` is not printed: the webhook fills it in and keeps it, and whoever applies this
 * again leaves it alone.
 */
import { celConditions, HOLD_RULE, type Rule, STRIP_RULE } from '../holding/rules.ts';
import { HOLD, WEBHOOK, WEBHOOK_SECRET } from '../names.ts';
import { pathOf } from '../webhook/paths.ts';
import { type KubernetesObject, objectOf } from './object.ts';
import type { ManifestOptions } from './options.ts';
import {
  ADMISSION_VERSION,
  byOthers,
  failurePolicy,
  HELD_NAMESPACES,
  pipelineRunRules,
} from './pipeline-runs.ts';

/** An answer takes milliseconds; someone who creates a run should not wait longer than this for none. */
const TIMEOUT_SECONDS = 3;

export function holdWebhook({ namespace, onFailure }: ManifestOptions): readonly KubernetesObject[] {
  const webhook = (rule: Rule, reinvocationPolicy: 'Never' | 'IfNeeded') => ({
    name: `${rule.name}.penstock.dev`,
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { name: WEBHOOK, namespace, path: pathOf(rule), port: 443 } },
    failurePolicy: failurePolicy(onFailure),
    matchPolicy: 'Equivalent',
    namespaceSelector: HELD_NAMESPACES,
    objectSelector: {},
    rules: pipelineRunRules('CREATE'),
    matchConditions: [
      byOthers(namespace),
      ...celConditions(rule).map(({ name, cel }) => ({ name, expression: cel })),
    ],
    reinvocationPolicy,
    sideEffects: 'None',
    timeoutSeconds: TIMEOUT_SECONDS,
  });
  return [
    objectOf({ apiVersion: 'v1', kind: 'Secret', name: WEBHOOK_SECRET, namespace }, { type: 'Opaque' }),
    objectOf(
      { apiVersion: 'v1', kind: 'Service', name: WEBHOOK, namespace },
      {
        spec: {
          ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https' }],
          selector: { 'app.kubernetes.io/name': WEBHOOK },
        },
      },
    ),
    objectOf(
      { apiVersion: ADMISSION_VERSION, kind: 'MutatingWebhookConfiguration', name: HOLD },
      { webhooks: [webhook(STRIP_RULE, 'Never'), webhook(HOLD_RULE, 'IfNeeded')] },
    ),
  ];
}
