/**
 * Policies as one caller may use them: everybody sees which there are, what they execute and
 * when; who they are for names projects, so the document is for those who see all of them;
 * changing one is for administrators.
 */
import type { Caller } from '../../ports/access.ts';
import type { AssessablePolicy } from '../policies/assessable.ts';
import type { LaunchesView, OccurrencesView } from '../policies/occurrence-views.ts';
import type { OccurrenceOrder } from '../policies/order-occurrence.ts';
import type { AppliedView, OrderedView, PageQuery, Policies } from '../policies/policies.ts';
import type { PoliciesView, PolicyDetail, ReadPolicyRecord } from '../policies/registered-policy.ts';
import type { PolicyOrder } from '../policies/registry.ts';
import { mustAdminister, mustSeeAll, sightOf } from './rules.ts';

export function policiesFor(policies: Policies, caller: Caller): Policies {
  return new LimitedPolicies(policies, caller);
}

class LimitedPolicies implements Policies {
  readonly #all: Policies;
  readonly #caller: Caller;

  constructor(all: Policies, caller: Caller) {
    this.#all = all;
    this.#caller = caller;
  }

  async policies(query: PageQuery): Promise<PoliciesView> {
    const page = await this.#all.policies(query);
    return this.#caller.seesAll ? page : { ...page, brokenFiles: [] };
  }

  async assessable(name: string): Promise<AssessablePolicy> {
    mustSeeAll(this.#caller, 'assessments');
    return this.#all.assessable(name);
  }

  async policy(name: string): Promise<PolicyDetail> {
    const policy = await this.#all.policy(name);
    return this.#caller.seesAll ? policy : { ...policy, document: null };
  }

  async applyPolicy(read: ReadPolicyRecord, order: PolicyOrder): Promise<AppliedView> {
    mustAdminister(this.#caller, 'change policies');
    return this.#all.applyPolicy(read, { ...order, by: this.#caller.name });
  }

  async removePolicy(name: string, order: PolicyOrder): Promise<void> {
    mustAdminister(this.#caller, 'delete policies');
    return this.#all.removePolicy(name, { ...order, by: this.#caller.name });
  }

  async runPolicy(name: string, order: OccurrenceOrder): Promise<OrderedView> {
    mustAdminister(this.#caller, 'run policies');
    return this.#all.runPolicy(name, { ...order, by: this.#caller.name });
  }

  /** They count launches and name none. */
  occurrences(name: string, query: PageQuery): Promise<OccurrencesView> {
    return this.#all.occurrences(name, query);
  }

  async launches(name: string, occurrenceKey: string, query: PageQuery): Promise<LaunchesView> {
    const page = await this.#all.launches(name, occurrenceKey, query);
    const projects = page.launches.map(({ project }) => project);
    const sees = await sightOf(this.#caller, projects, new AbortController().signal);
    return { ...page, launches: page.launches.filter(({ project }) => sees(project)) };
  }
}
