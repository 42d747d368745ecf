/**
 * Whom the API server trusts when it calls us: `caBundle` of each webhook in our
 * MutatingWebhookConfiguration.
 */
import type { RawObject } from '../../kubernetes/api.ts';

interface WebhookEntry {
  readonly name?: string;
  readonly clientConfig?: { readonly caBundle?: string };
}

/** Every webhook of the configuration has exactly this bundle, in PEM. */
export function trustedBy(configuration: unknown, bundle: string): boolean {
  const wanted = encoded(bundle);
  const entries = webhooksOf(configuration);
  return entries.length > 0 && entries.every(({ clientConfig }) => clientConfig?.caBundle === wanted);
}

/**
 * A JSON patch (RFC 6902) that gives every webhook the bundle. It fails, and changes nothing,
 * when the configuration is no longer the one that was read.
 */
export function trustPatch(configuration: RawObject, bundle: string): readonly object[] {
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: configuration.metadata.resourceVersion },
    ...webhooksOf(configuration).map((_, index) => ({
      op: 'add',
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value: encoded(bundle),
    })),
  ];
}

function webhooksOf(configuration: unknown): readonly WebhookEntry[] {
  return (configuration as { readonly webhooks?: readonly WebhookEntry[] }).webhooks ?? [];
}

function encoded(bundle: string): string {
  return Buffer.from(bundle).toString('base64');
}
