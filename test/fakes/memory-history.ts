/** The history of policies of the store in memory. */
import { assert } from '../../src/core/assert.ts';
import type { ForgetQuery, HistoryStore, PastRun, PastRunPage } from '../../src/ports/history-store.ts';

interface Kept {
  readonly identity: string;
  readonly seq: number;
  readonly run: PastRun;
}

export class MemoryHistory implements HistoryStore {
  #kept: readonly Kept[] = [];

  /** False when it is known. */
  keep(identity: string, run: PastRun): boolean {
    if (this.#kept.some((known) => known.identity === identity && known.run.key === run.key)) return false;
    const seq = Math.max(0, ...this.#kept.map((known) => known.seq)) + 1;
    this.#kept = [...this.#kept, { identity, seq, run }].sort(newestFirst);
    return true;
  }

  async add(identity: string, runs: readonly PastRun[]): Promise<number> {
    return runs.filter((run) => this.keep(identity, run)).length;
  }

  async page({
    identity,
    limit,
    before,
    withProfiles,
  }: Parameters<HistoryStore['page']>[0]): Promise<PastRunPage> {
    assert(limit >= 1 && limit <= 1000, 'a page has 1 to 1000 runs');
    const [beforeMs = 0, beforeSeq = 0] = before?.split('-').map(Number) ?? [];
    const rest = this.#of(identity).filter(
      ({ run, seq }) =>
        before === null || run.startedAtMs < beforeMs || (run.startedAtMs === beforeMs && seq < beforeSeq),
    );
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const more = last !== undefined && rest.length > page.length;
    return {
      runs: page.map(({ run }) => (withProfiles ? run : { ...run, profile: null })),
      next: more ? `${last.run.startedAtMs}-${last.seq}` : null,
    };
  }

  async nextIdentity(after: string | null): Promise<string | null> {
    const identities = this.#kept.map(({ identity }) => identity).sort();
    return identities.find((identity) => after === null || identity > after) ?? null;
  }

  async forget({ identity, startedBeforeMs, most, limit }: ForgetQuery): Promise<number> {
    const tooMany = new Set(this.#of(identity).slice(most));
    const goes = this.#of(identity)
      .toReversed()
      .slice(0, limit)
      .filter((kept) => kept.run.startedAtMs < startedBeforeMs || tooMany.has(kept));
    this.#kept = this.#kept.filter((kept) => !goes.includes(kept));
    return goes.length;
  }

  #of(identity: string): readonly Kept[] {
    return this.#kept.filter((kept) => kept.identity === identity);
  }
}

function newestFirst(a: Kept, b: Kept): number {
  return b.run.startedAtMs - a.run.startedAtMs || b.seq - a.seq;
}
