/**
 * What a namespace says about the runs in it: whether Penstock adopts those whose own YAML
 * says pending, which tenant it belongs to, whether that is paused, and its caps.
 *
 * Always true: a malformed cap caps nothing and is told as a fault; it never stops others.
 */
import type { Requests } from '../../core/model/run.ts';
import type { RawObject } from './kubernetes/api.ts';
import { ADOPT_LABEL, CAP_PREFIX, PAUSED_ANNOTATION, TENANT_LABEL } from './names.ts';

export interface SeenNamespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly adoptsPending: boolean;
  /** Null: one of its own name. */
  readonly tenant: string | null;
  /** Null when it is not paused. */
  readonly paused: { readonly why: string } | null;
  readonly caps: Requests;
  readonly faults: readonly string[];
}

/** tekton-kueue's way to stop a tenant's queue. */
const STOP_POLICY_ANNOTATION = 'kueue.konflux-ci.dev/stop-policy';
const STOP_POLICIES: readonly string[] = ['hold', 'holdanddrain'];
const WHOLE = /^(?:0|[1-9]\d{0,6})$/;

export function seenNamespace(raw: RawObject): SeenNamespace {
  const { name, labels = {}, annotations = {} } = raw.metadata;
  const caps: Record<string, number> = {};
  const faults: string[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(CAP_PREFIX)) continue;
    if (WHOLE.test(value)) caps[key.slice(CAP_PREFIX.length)] = Number(value);
    else faults.push(`namespace ${name}, annotation ${key}: must be a whole number, not "${value}"`);
  }
  return {
    name,
    labels,
    adoptsPending: labels[ADOPT_LABEL] === 'pending',
    tenant: labels[TENANT_LABEL] ?? null,
    paused: pausedBy(annotations),
    caps,
    faults,
  };
}

function pausedBy(annotations: Readonly<Record<string, string>>): SeenNamespace['paused'] {
  const why = annotations[PAUSED_ANNOTATION];
  if (why !== undefined && why !== 'false') {
    return { why: why === '' || why === 'true' ? `its annotation ${PAUSED_ANNOTATION}` : why };
  }
  const stopPolicy = annotations[STOP_POLICY_ANNOTATION]?.toLowerCase() ?? '';
  return STOP_POLICIES.includes(stopPolicy)
    ? { why: `its annotation ${STOP_POLICY_ANNOTATION}: ${stopPolicy}` }
    : null;
}
