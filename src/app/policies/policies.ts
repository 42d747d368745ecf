/**
 * The questions and orders about scheduled policies, whoever asks: what the API and the command
 * line stand on.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { Clock } from '../../ports/clock.ts';
import { pageOfNames, policyDetail, policyView } from './policy-views.ts';
import type { Condition, PoliciesView, PolicyDetail, ReadPolicyRecord } from './registered-policy.ts';
import type { PolicyOrder } from './registry.ts';
import { type PolicyRegistry, unknownPolicy } from './registry.ts';

export interface PageQuery {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | null;
}

export interface AppliedView {
  readonly change: 'created' | 'updated' | 'unchanged';
  readonly policy: PolicyDetail;
}

export interface Policies {
  /** By name. */
  policies(query: PageQuery): Promise<PoliciesView>;
  /** @throws CodedError policy-unknown */
  policy(name: string): Promise<PolicyDetail>;
  applyPolicy(read: ReadPolicyRecord, order: PolicyOrder): Promise<AppliedView>;
  /** @throws CodedError policy-unknown */
  removePolicy(name: string, order: PolicyOrder): Promise<void>;
}

export type { Condition, PolicyOrder };

export interface PoliciesParts {
  readonly registry: PolicyRegistry;
  readonly clock: Clock;
  readonly engineKind: string;
}

const PAGE_MAX = 200;

export function createPolicies(parts: PoliciesParts): Policies {
  return new RegisteredPolicies(parts);
}

class RegisteredPolicies implements Policies {
  readonly #parts: PoliciesParts;

  constructor(parts: PoliciesParts) {
    this.#parts = parts;
  }

  async policies(query: PageQuery): Promise<PoliciesView> {
    const { registry, clock, engineKind } = this.#parts;
    checkLimit(query.limit);
    const { outlines } = await registry.state();
    const living = new Map(
      outlines
        .filter(({ deletedAtMs }) => deletedAtMs === null)
        .map(({ name, identity }) => [name, identity]),
    );
    const { page, next } = pageOfNames([...living.keys()], query);
    const records = await registry.records(page.map((name) => living.get(name) ?? ''));
    const nowMs = clock.nowMs();
    const policies = records.map((record) => policyView(record, nowMs, engineKind));
    return { policies, next, brokenFiles: [] };
  }

  async policy(name: string): Promise<PolicyDetail> {
    const { registry, clock, engineKind } = this.#parts;
    const record = await registry.find(name);
    if (record === null) throw unknownPolicy(name);
    return policyDetail(record, clock.nowMs(), engineKind);
  }

  async applyPolicy(read: ReadPolicyRecord, order: PolicyOrder): Promise<AppliedView> {
    const { registry, clock, engineKind } = this.#parts;
    const { kind, policy } = await registry.apply(read, order);
    return { change: kind, policy: policyDetail(policy, clock.nowMs(), engineKind) };
  }

  removePolicy(name: string, order: PolicyOrder): Promise<void> {
    return this.#parts.registry.remove(name, order);
  }
}

function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_MAX) return;
  throw new CodedError('request-invalid', `limit: must be a whole number from 1 to ${PAGE_MAX}.`, {
    field: 'limit',
  });
}
