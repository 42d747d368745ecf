/**
 * Kubernetes objects as `penstock manifests` prints them: plain JSON, complete, and without
 * a field that the API server would change, so that applying them again changes nothing.
 */
import { CONTROLLER } from '../names.ts';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** None for objects of the whole cluster. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const PART_OF = { 'app.kubernetes.io/part-of': CONTROLLER };

export function objectOf(
  { apiVersion, kind, name, namespace, labels }: Identity,
  content: Readonly<Record<string, unknown>> = {},
): KubernetesObject {
  const place = namespace === undefined ? {} : { namespace };
  return { apiVersion, kind, metadata: { name, ...place, labels: { ...PART_OF, ...labels } }, ...content };
}
