/**
 * The questions and orders about scheduled policies, whoever asks: what the API and the command
 * line stand on.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { type AssessablePolicy, assessablePolicy } from './assessable.ts';
import {
  type LaunchesView,
  launchView,
  type OccurrencesView,
  type OccurrenceView,
  occurrenceView,
} from './occurrence-views.ts';
import { type OccurrenceOrder, type OrderingParts, orderOccurrence } from './order-occurrence.ts';
import { pageOfNames, policyDetail, policyView } from './policy-views.ts';
import type {
  Condition,
  PoliciesView,
  PolicyDetail,
  PolicyFileView,
  ReadPolicyRecord,
  RegisteredPolicy,
} from './registered-policy.ts';
import type { PolicyOrder } from './registry.ts';
import { unknownPolicy } from './registry.ts';

export interface PageQuery {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after: string | null;
}

export interface AppliedView {
  readonly change: 'created' | 'updated' | 'unchanged';
  readonly policy: PolicyDetail;
}

export interface OrderedView {
  /** False when it had been ordered before, with the same key. */
  readonly created: boolean;
  readonly occurrence: OccurrenceView;
}

export interface Policies {
  /** By name. */
  policies(query: PageQuery): Promise<PoliciesView>;
  /** @throws CodedError policy-unknown */
  policy(name: string): Promise<PolicyDetail>;
  /** @throws CodedError policy-unknown */
  assessable(name: string): Promise<AssessablePolicy>;
  applyPolicy(read: ReadPolicyRecord, order: PolicyOrder): Promise<AppliedView>;
  /** @throws CodedError policy-unknown */
  removePolicy(name: string, order: PolicyOrder): Promise<void>;
  /** An extra occurrence, now. @throws CodedError where nothing would be launched */
  runPolicy(name: string, order: OccurrenceOrder): Promise<OrderedView>;
  /** The latest first; also of a policy that was deleted. */
  occurrences(name: string, query: PageQuery): Promise<OccurrencesView>;
  /** @throws CodedError occurrence-unknown */
  launches(name: string, occurrenceKey: string, query: PageQuery): Promise<LaunchesView>;
}

export type { Condition, PolicyOrder };

export interface PoliciesParts extends OrderingParts {
  /** To be woken after an order; null where this process launches nothing. */
  readonly launcher: { wake(): void } | null;
  /** The files of the policy folder were read once. */
  readonly followed: () => Promise<void>;
  readonly brokenFiles: () => readonly PolicyFileView[];
}

const PAGE_MAX = 200;
const LAUNCHES_PAGE_MAX = 1_000;

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
    await this.#parts.followed();
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
    return { policies, next, brokenFiles: this.#parts.brokenFiles() };
  }

  async policy(name: string): Promise<PolicyDetail> {
    const { clock, engineKind } = this.#parts;
    const record = await this.#found(name);
    return policyDetail(record, clock.nowMs(), engineKind);
  }

  async assessable(name: string): Promise<AssessablePolicy> {
    const { registry, projects } = this.#parts;
    return assessablePolicy(await this.#found(name), registry, projects.candidates);
  }

  async applyPolicy(read: ReadPolicyRecord, order: PolicyOrder): Promise<AppliedView> {
    const { registry, clock, engineKind, followed } = this.#parts;
    await followed();
    const { kind, policy } = await registry.apply(read, order);
    return { change: kind, policy: policyDetail(policy, clock.nowMs(), engineKind) };
  }

  async removePolicy(name: string, order: PolicyOrder): Promise<void> {
    await this.#parts.followed();
    return this.#parts.registry.remove(name, order);
  }

  async runPolicy(name: string, order: OccurrenceOrder): Promise<OrderedView> {
    const { launches, launcher } = this.#parts;
    const record = await this.#found(name);
    const { created, occurrence } = await orderOccurrence(this.#parts, record, order);
    launcher?.wake();
    const counts = await launches.counts(occurrence.identity, [occurrence.key]);
    return { created, occurrence: occurrenceView(occurrence, counts) };
  }

  async occurrences(name: string, { limit, after }: PageQuery): Promise<OccurrencesView> {
    checkLimit(limit);
    const identity = await this.#identityOf(name);
    const { launches } = this.#parts;
    const { occurrences, next } = await launches.occurrences(identity, { limit, before: after });
    const counts = await launches.counts(
      identity,
      occurrences.map(({ key }) => key),
    );
    return { occurrences: occurrences.map((one) => occurrenceView(one, counts)), next };
  }

  async launches(name: string, key: string, { limit, after }: PageQuery): Promise<LaunchesView> {
    checkLimit(limit, LAUNCHES_PAGE_MAX);
    const identity = await this.#identityOf(name);
    const { launches } = this.#parts;
    const occurrence = await launches.occurrence(identity, key);
    if (occurrence === null) {
      const shown = JSON.stringify(key.slice(0, 100));
      throw new CodedError('occurrence-unknown', `Policy "${name}" has no occurrence ${shown}.`);
    }
    const counts = await launches.counts(identity, [key]);
    const page = await launches.launches(identity, key, { limit, after });
    return {
      occurrence: occurrenceView(occurrence, counts),
      launches: page.launches.map(launchView),
      next: page.next,
    };
  }

  async #found(name: string): Promise<RegisteredPolicy> {
    await this.#parts.followed();
    const record = await this.#parts.registry.find(name);
    if (record === null) throw unknownPolicy(name);
    return record;
  }

  /** Also of a deleted policy, as long as its name is remembered. */
  async #identityOf(name: string): Promise<string> {
    await this.#parts.followed();
    const { outlines, lastOfName } = await this.#parts.registry.state();
    const living = outlines.find((one) => one.deletedAtMs === null && one.name === name);
    const identity = living?.identity ?? lastOfName.get(name);
    if (identity === undefined) throw unknownPolicy(name);
    return identity;
  }
}

function checkLimit(limit: number, most = PAGE_MAX): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return;
  throw new CodedError('request-invalid', `limit: must be a whole number from 1 to ${most}.`, {
    field: 'limit',
  });
}
