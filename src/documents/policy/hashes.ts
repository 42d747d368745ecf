/** The two hashes of a policy: SHA-256, in hex, of the texts that the core defines. */
import { configText, contentText, type ResolvedContent } from '../../core/policy/hash-texts.ts';
import type { Policy } from '../../core/policy/model.ts';
import { sha256 } from '../sha256.ts';

export function contentHash(policy: Policy, resolved: ResolvedContent): string {
  return sha256(contentText(policy, resolved));
}

export function configHash(policy: Policy): string {
  return sha256(configText(policy));
}
