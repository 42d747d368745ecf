/**
 * The texts whose SHA-256 are a policy's two hashes. They are apart from the hashing, which
 * the core has no function for.
 *
 * Always true: formatting, comments, order of keys, order in lists that are sets, and a default
 * written out make no difference; anything else that has an effect does. A change of these
 * texts makes all recorded samples look like those of older versions: then raise the version.
 */
import { canonicalJson } from '../text/canonical-json.ts';
import type { Json, Policy } from './model.ts';

const CONTENT_VERSION = 'penstock content 1';
const CONFIG_VERSION = 'penstock config 1';

/**
 * What the content was found to be: a Pipeline, or the commit of the included file. Null when
 * nobody could look; the hash then names only where the content is.
 */
export type ResolvedContent =
  | { readonly kind: 'pipeline'; readonly pipeline: Json }
  | { readonly kind: 'commit'; readonly commit: string }
  | null;

/**
 * What the policy executes. A Pipeline counts by what it is, wherever it was read from; an
 * include by its target and, where known, its commit.
 */
export function contentText({ content }: Policy, resolved: ResolvedContent): string {
  return `${CONTENT_VERSION}\n${canonicalJson(executed(content, resolved))}`;
}

function executed(content: Policy['content'], resolved: ResolvedContent): object {
  if (content.kind === 'gitlab-include') {
    return { ...content, commit: resolved?.kind === 'commit' ? resolved.commit : null };
  }
  const { params } = content;
  if (content.kind === 'pipeline-inline') return { pipeline: content.spec, params };
  if (resolved?.kind === 'pipeline') return { pipeline: resolved.pipeline, params };
  return { ...content };
}

/** The whole policy, its name and its switch included. */
export function configText(policy: Policy): string {
  return `${CONFIG_VERSION}\n${canonicalJson(policy)}`;
}
