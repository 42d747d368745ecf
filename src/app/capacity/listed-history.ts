/**
 * What Penstock saw of each pool's use, and when: what a late meter shows can only be compared
 * with the time it is about.
 *
 * Always true: bounded in time and number; times never go back.
 */

/** Of one pool at one moment, among the runs that Penstock can list. Whole, >= 0. */
export interface Listed {
  /** Units certainly in use: of the pool `runs` the runs started and not done, of a platform its observed tasks. */
  readonly least: number;
  /** Units at most in use: those of all runs that asked for them, started and not done. */
  readonly most: number;
  /** Units that held runs ask for. */
  readonly held: number;
}

export interface ListedAt extends Listed {
  readonly atMs: number;
}

const KEPT_MS = 15 * 60_000;
const KEPT_MAX = 2_048;

export class ListedHistory {
  readonly #pools = new Map<string, ListedAt[]>();

  /** Of every pool at once, those in `known` too: one that is not in `counts` has nothing listed. */
  record(atMs: number, counts: ReadonlyMap<string, Listed>, known: readonly string[] = []): void {
    for (const [pool, listed] of counts) this.#push(pool, { atMs, ...listed });
    for (const pool of [...this.#pools.keys(), ...known]) {
      if (!counts.has(pool)) this.#push(pool, { atMs, least: 0, most: 0, held: 0 });
    }
  }

  /** What was the case at any moment from one time to the other; empty when that is not known. */
  during(pool: string, fromMs: number, toMs: number): readonly ListedAt[] {
    const entries = this.#pools.get(pool) ?? [];
    const before = entries.findLastIndex(({ atMs }) => atMs <= fromMs);
    if (before === -1) return [];
    const after = entries.findIndex(({ atMs }) => atMs > toMs);
    return entries.slice(before, after === -1 ? entries.length : after);
  }

  #push(pool: string, entry: ListedAt): void {
    const entries = this.#pools.get(pool) ?? [];
    this.#pools.set(pool, entries);
    const last = entries.at(-1);
    if (last !== undefined && (isSame(last, entry) || entry.atMs < last.atMs)) return;
    if (last?.atMs === entry.atMs) entries.pop();
    entries.push(entry);
    // The entry before the oldest moment kept is still what was the case then.
    const firstKept = entries.findLastIndex(({ atMs }) => atMs <= entry.atMs - KEPT_MS);
    const excess = Math.max(firstKept, entries.length - KEPT_MAX);
    if (excess > 0) entries.splice(0, excess);
  }
}

function isSame(a: Listed, b: Listed): boolean {
  return a.least === b.least && a.most === b.most && a.held === b.held;
}
