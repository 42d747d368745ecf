/**
 * The history of a policy as one caller may see it, its runs one by one, and importing some.
 *
 * Always true: a policy's history is that of its identity, whatever it is called and even when
 * it was deleted; nobody learns of a project that he may not see, not even by a count.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import { type HistoryPeriod, type HistorySummary, historySummary } from '../../core/history/summary.ts';
import type { Caller } from '../../ports/access.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HistoryStore, PastRun, PastRunPage } from '../../ports/history-store.ts';
import type { Store } from '../../ports/store.ts';
import { mustAdminister, sightOf } from '../access/rules.ts';
import { type PolicyRegistry, unknownPolicy } from '../policies/registry.ts';
import { allPastRuns } from './past-runs.ts';

export interface HistoryLimits {
  /** What started longer ago is not kept. */
  readonly keepMs: number;
  /** Of one policy no more are kept. */
  readonly perPolicy: number;
}

export interface PolicyHistoryView extends HistorySummary {
  readonly policy: string;
  readonly identity: string;
  readonly period: HistoryPeriod;
  /** Of the policy as it is now; null: it was deleted. */
  readonly contentHash: string | null;
}

/** A run to be imported, as its exporter knew it. */
export interface ImportedRun extends Omit<PastRun, 'contentHash' | 'isImported'> {
  /** Null: that of the policy as it is now. */
  readonly contentHash: string | null;
}

export interface ImportView {
  readonly added: number;
  /** They were there already. */
  readonly known: number;
  /** They started before what is kept. */
  readonly tooOld: number;
}

export interface PolicyHistory {
  /** @throws CodedError policy-unknown */
  summary(
    name: string,
    period: HistoryPeriod,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<PolicyHistoryView>;
  /** The newest first; a page may be shorter than its limit. @throws CodedError policy-unknown */
  runs(
    name: string,
    query: { readonly limit: number; readonly before: string | null },
    caller: Caller,
    signal: AbortSignal,
  ): Promise<PastRunPage>;
  /** All of them or none. For administrators. @throws CodedError policy-unknown, request-invalid */
  importRuns(name: string, runs: readonly ImportedRun[], caller: Caller): Promise<ImportView>;
}

export interface PolicyHistoryParts {
  readonly registry: PolicyRegistry;
  readonly store: Pick<Store, 'history' | 'recordAudit'>;
  readonly clock: Clock;
  readonly limits: HistoryLimits;
  /** The files of the policy folder were read once. */
  readonly followed: () => Promise<void>;
}

/** Clocks of servers differ by less. */
const AHEAD_MAX_MS = 10 * 60_000;

export class StoredPolicyHistory implements PolicyHistory {
  readonly #parts: PolicyHistoryParts;

  constructor(parts: PolicyHistoryParts) {
    this.#parts = parts;
  }

  async summary(
    name: string,
    period: HistoryPeriod,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<PolicyHistoryView> {
    const { identity, contentHash } = await this.#named(name);
    const { limits } = this.#parts;
    const runs = await allPastRuns(this.#history, identity, { most: limits.perPolicy, signal });
    const sees = await sightOf(
      caller,
      runs.map(({ project }) => project),
      signal,
    );
    const seen = runs.filter(({ project }) => sees(project));
    return { policy: name, identity, period, contentHash, ...historySummary(seen, contentHash, period) };
  }

  async runs(
    name: string,
    query: { readonly limit: number; readonly before: string | null },
    caller: Caller,
    signal: AbortSignal,
  ): Promise<PastRunPage> {
    const { identity } = await this.#named(name);
    const { runs, next } = await this.#history.page({ identity, ...query, withProfiles: true });
    const sees = await sightOf(
      caller,
      runs.map(({ project }) => project),
      signal,
    );
    return { runs: runs.filter(({ project }) => sees(project)), next };
  }

  async importRuns(name: string, runs: readonly ImportedRun[], caller: Caller): Promise<ImportView> {
    mustAdminister(caller, 'import the history of policies');
    const { clock, limits, store, registry, followed } = this.#parts;
    await followed();
    const policy = await registry.find(name);
    if (policy === null) throw unknownPolicy(name);
    const nowMs = clock.nowMs();
    for (const [place, { startedAtMs }] of runs.entries()) {
      if (startedAtMs <= nowMs + AHEAD_MAX_MS) continue;
      const field = `runs.${place}.startedAtMs`;
      throw new CodedError('request-invalid', `${field}: must not be in the future.`, { field });
    }
    const kept = runs.filter(({ startedAtMs }) => startedAtMs >= nowMs - limits.keepMs);
    const added = await this.#history.add(
      policy.identity,
      kept.map((run) => ({ ...run, contentHash: run.contentHash ?? policy.contentHash, isImported: true })),
    );
    if (added > 0) {
      const about = `policy ${name}`;
      const entry = { atMs: nowMs, by: caller.name, about, detail: `${added} runs` };
      await store.recordAudit({ ...entry, what: 'import-history' });
    }
    return { added, known: kept.length - added, tooOld: runs.length - kept.length };
  }

  get #history(): HistoryStore {
    return this.#parts.store.history;
  }

  /** Also one that was deleted, as long as its name is remembered. */
  async #named(name: string): Promise<{ readonly identity: string; readonly contentHash: string | null }> {
    const { registry, followed } = this.#parts;
    await followed();
    const living = await registry.find(name);
    if (living !== null) return living;
    const { lastOfName } = await registry.state();
    const identity = lastOfName.get(name);
    if (identity === undefined) throw unknownPolicy(name);
    const renamed = await registry.findByIdentity(identity);
    return { identity, contentHash: renamed?.deletedAtMs === null ? renamed.contentHash : null };
  }
}
