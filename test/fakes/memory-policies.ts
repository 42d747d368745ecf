/** The policies of the store in memory: the registry, and the runs made for policies. */
import type { RunId } from '../../src/core/model/run.ts';
import { Hints } from '../../src/ports/hints.ts';
import {
  DELETED_MAX,
  type PolicyChange,
  type PolicyOutline,
  type PolicyRecord,
  type PolicyRun,
  type PolicyState,
  type PolicyStore,
} from '../../src/ports/policy-store.ts';
import type { AuditEntry } from '../../src/ports/store.ts';

export class MemoryPolicies implements PolicyStore {
  readonly changes = new Hints<void>();
  readonly #log: (entry: AuditEntry) => void;
  readonly #records = new Map<string, PolicyRecord>();
  readonly #lastOfName = new Map<string, string>();
  readonly #runs = new Map<RunId, PolicyRun>();

  readonly #onNamed: (run: PolicyRun) => void;

  constructor(log: (entry: AuditEntry) => void, onNamed: (run: PolicyRun) => void) {
    this.#log = log;
    this.#onNamed = onNamed;
  }

  async state(): Promise<PolicyState> {
    const all = [...this.#records.values()];
    return {
      version: this.#version(),
      outlines: [...all.filter(isLiving).sort(byName), ...all.filter(isDeleted).sort(lastDeletedFirst)].map(
        outlineOf,
      ),
      lastOfName: new Map(this.#lastOfName),
    };
  }

  #version(): number {
    return [...this.#records.values()].reduce((highest, { version }) => Math.max(highest, version), 0);
  }

  async named(name: string): Promise<PolicyRecord | null> {
    return (
      [...this.#records.values()].find((record) => isLiving(record) && record.policy.name === name) ?? null
    );
  }

  async records(identities: readonly string[]): Promise<readonly PolicyRecord[]> {
    return identities.flatMap((identity) => this.#records.get(identity) ?? []);
  }

  async change(basedOn: number, change: PolicyChange): Promise<boolean> {
    if (this.#version() !== basedOn) return false;
    for (const { identity, version, atMs } of change.deleted) {
      const record = this.#records.get(identity);
      if (record !== undefined) this.#records.set(identity, { ...record, version, deletedAtMs: atMs });
    }
    for (const record of change.saved) {
      this.#records.set(record.identity, record);
      this.#lastOfName.set(record.policy.name, record.identity);
    }
    for (const entry of change.entries) this.#log(entry);
    const deleted = [...this.#records.values()].filter(isDeleted).sort(lastDeletedFirst);
    for (const { identity } of deleted.slice(DELETED_MAX)) {
      this.#records.delete(identity);
      for (const [name, last] of this.#lastOfName) if (last === identity) this.#lastOfName.delete(name);
    }
    this.changes.tell();
    return true;
  }

  async addRuns(runs: readonly PolicyRun[]): Promise<void> {
    for (const run of runs) {
      if ((this.#runs.get(run.askedId)?.runId ?? null) === null) this.#runs.set(run.askedId, run);
    }
  }

  async nameRuns(made: readonly { readonly askedId: RunId; readonly runId: RunId }[]): Promise<void> {
    for (const { askedId, runId } of made) {
      const run = this.#runs.get(askedId);
      if (run === undefined) continue;
      this.#runs.set(askedId, { ...run, runId });
      this.#onNamed({ ...run, runId });
    }
  }

  async runs(askedIds: readonly RunId[]): Promise<readonly PolicyRun[]> {
    return askedIds.flatMap((id) => this.#runs.get(id) ?? []);
  }

  async runsObservedAs(runIds: readonly RunId[]): Promise<readonly PolicyRun[]> {
    return runIds.flatMap((id) => this.madeAs(id) ?? []);
  }

  madeAs(id: RunId): PolicyRun | null {
    return [...this.#runs.values()].findLast(({ runId }) => runId === id) ?? null;
  }
}

function isLiving({ deletedAtMs }: PolicyRecord): boolean {
  return deletedAtMs === null;
}

function isDeleted(record: PolicyRecord): boolean {
  return !isLiving(record);
}

function byName(a: PolicyRecord, b: PolicyRecord): number {
  return a.policy.name < b.policy.name ? -1 : 1;
}

function lastDeletedFirst(a: PolicyRecord, b: PolicyRecord): number {
  return (b.deletedAtMs ?? 0) - (a.deletedAtMs ?? 0) || (a.identity < b.identity ? -1 : 1);
}

function outlineOf(record: PolicyRecord): PolicyOutline {
  const { identity, version, source, contentHash, configHash, runContentHash } = record;
  const { isActive, activeSinceMs, deletedAtMs } = record;
  const which = { identity, name: record.policy.name, version, source };
  return { ...which, contentHash, configHash, runContentHash, isActive, activeSinceMs, deletedAtMs };
}
