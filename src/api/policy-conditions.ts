/**
 * ETags of policies and the conditions made of them (RFC 9110, section 13.1): a tag is the
 * version, which no two states of any policy share.
 */

import type { Condition } from '../app/policies/policies.ts';
import { CodedError } from '../core/errors/catalogue.ts';

const TAG = /^"(\d{1,15})"$/;

export function tagOf({ version }: { readonly version: number }): string {
  return `"${version}"`;
}

/** @throws CodedError when a header cannot be understood: then nobody knows what was meant. */
export function conditionOf(headers: {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
}): Condition {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && noneMatch !== undefined) {
    throw invalid('If-Match', 'cannot be there beside If-None-Match');
  }
  if (noneMatch !== undefined) {
    if (noneMatch.trim() === '*') return { kind: 'absent' };
    throw invalid('If-None-Match', 'must be *, for a policy that is not there yet');
  }
  if (match === undefined) return { kind: 'none' };
  if (match.trim() === '*') return { kind: 'exists' };
  const versions = match.split(',').map((tag) => TAG.exec(tag.trim())?.[1]);
  if (versions.some((version) => version === undefined)) {
    throw invalid('If-Match', 'must be *, or the ETag of an earlier answer, such as "7" in double quotes');
  }
  return { kind: 'version', versions: versions.map(Number) };
}

function invalid(field: string, what: string): CodedError {
  return new CodedError('request-invalid', `${field}: ${what}.`, { field });
}
