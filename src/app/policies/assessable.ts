/** What an assessment needs to know of a registered policy. */
import type { Policy } from '../../core/policy/model.ts';
import type { ScopeCandidate } from '../../core/policy/scope.ts';
import type { RegisteredPolicy } from './registered-policy.ts';
import type { PolicyRegistry } from './registry.ts';

export interface AssessablePolicy {
  readonly policy: Policy;
  readonly identity: string;
  readonly contentHash: string;
  /** Projects that this installation knows. */
  readonly candidates: readonly ScopeCandidate[];
  /** Those that act, beside it. */
  readonly others: readonly { readonly policy: Policy; readonly contentHash: string }[];
}

/** More at one time are no plan. */
const OTHERS_MAX = 50;

export async function assessablePolicy(
  record: RegisteredPolicy,
  registry: PolicyRegistry,
  candidates: readonly ScopeCandidate[],
): Promise<AssessablePolicy> {
  const { outlines } = await registry.state();
  const living = outlines
    .filter(({ deletedAtMs, identity }) => deletedAtMs === null && identity !== record.identity)
    .map(({ identity }) => identity);
  const others = await registry.records(living.slice(0, OTHERS_MAX));
  const { policy, identity, contentHash } = record;
  return {
    policy,
    identity,
    contentHash,
    candidates,
    others: others.filter(({ isActive }) => isActive),
  };
}
