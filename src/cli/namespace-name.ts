/** The name of a Kubernetes namespace, as an option. */
import { InvalidArgumentError } from 'commander';

/** RFC 1123: what Kubernetes takes as the name of a namespace. */
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function namespaceName(text: string): string {
  if (NAMESPACE.test(text)) return text;
  throw new InvalidArgumentError(
    'It must be the name of a namespace: at most 63 lower-case letters, digits and "-".',
  );
}
