/**
 * What the loop keeps in the store between passes: start marks, grants, class starts.
 *
 * Always true: marks and operators' orders are read from the store in each pass and never
 * remembered, so a mark counts exactly as long as it is durable. Grants and class starts are
 * remembered for as long as this process leads, since only it writes them then.
 */
import type { Decision } from '../../core/model/decision.ts';
import type { ClassStart, Grant, HeldRun, Snapshot } from '../../core/model/snapshot.ts';
import type { Controls, StartMark } from '../../ports/store.ts';
import type { BoundedStore } from './bounded-store.ts';
import { overFronts } from './controls.ts';
import { heldOf } from './held-of.ts';
import type { Sight } from './lookout.ts';
import { certainAtMs } from './marks.ts';

interface Remembered {
  grants: readonly Grant[];
  readonly classStarts: Map<string, ClassStart>;
  /** A predecessor's last start request can take effect until then. */
  readonly predecessorsEndMs: number;
}

export class Ledger {
  readonly #store: BoundedStore;
  #remembered: Remembered | null = null;
  #missesRuns = false;

  constructor(store: BoundedStore) {
    this.#store = store;
  }

  /** Reads the marks; the first time, everything else too. */
  async marks(): Promise<readonly StartMark[]> {
    const marks = await this.#store.marks();
    if (this.#remembered !== null) return marks;
    const [grants, starts] = await Promise.all([this.#store.grants(), this.#store.classStarts()]);
    this.#remembered = {
      grants,
      classStarts: new Map(starts.map((start) => [classKey(start), start])),
      predecessorsEndMs: Math.max(Number.NEGATIVE_INFINITY, ...marks.map(certainAtMs)),
    };
    return marks;
  }

  /** Positive infinity until the marks were read. */
  predecessorsEndMs(): number {
    return this.#remembered?.predecessorsEndMs ?? Number.POSITIVE_INFINITY;
  }

  /** The next reading of the marks reads everything anew. */
  forget(): void {
    this.#remembered = null;
  }

  grants(): readonly Grant[] {
    return this.#remembered?.grants ?? [];
  }

  classStarts(): readonly ClassStart[] {
    return [...(this.#remembered?.classStarts.values() ?? [])];
  }

  /** What operators ordered; whoever leads strikes out the moves that are over. */
  async orders(sight: Pick<Sight, 'runs' | 'freshSinceMs'>, leads: boolean): Promise<Controls> {
    const orders = await this.#store.controls();
    const over = new Set(overFronts(orders.fronts, sight.runs, sight.freshSinceMs));
    this.#missesRuns = leads && orders.fronts.some(({ runId }) => !over.has(runId) && !sight.runs.has(runId));
    if (over.size === 0) return orders;
    if (leads) await this.#store.endFronts([...over]);
    return { ...orders, fronts: orders.fronts.filter((front) => !over.has(front.runId)) };
  }

  /** Runs that were moved to the front are not to be seen: a fresh look tells whether they are gone. */
  missesRuns(): boolean {
    return this.#missesRuns;
  }

  async settle(marks: readonly StartMark[]): Promise<void> {
    if (marks.length > 0) await this.#store.settle(marks.map((mark) => mark.runId));
  }

  /** A grant counts only once it is written down. */
  async saveGrants(grants: readonly Grant[]): Promise<void> {
    if (sameGrants(grants, this.grants())) return;
    await this.#store.saveGrants(grants);
    this.imagineGrants(grants);
  }

  /** In shadow mode grants are kept in mind only. */
  imagineGrants(grants: readonly Grant[]): void {
    if (this.#remembered !== null) this.#remembered.grants = grants;
  }

  /** Durable when it returns: from here on these runs count as starting. */
  async markStarts(
    snapshot: Snapshot,
    decision: Decision,
    deadlineMs: number,
  ): Promise<readonly StartMark[]> {
    if (decision.starts.length === 0) return [];
    const held = heldOf(snapshot, decision.starts);
    const starts: ClassStart[] = [];
    for (const id of decision.starts) {
      const run = held.get(id);
      if (run !== undefined) starts.push(classStart(run, snapshot.nowMs));
    }
    await this.#store.saveClassStarts(starts);
    for (const start of starts) this.#remembered?.classStarts.set(classKey(start), start);
    const marks = decision.starts.map((runId) => ({ runId, markedAtMs: snapshot.nowMs, deadlineMs }));
    await this.#store.mark(marks);
    return marks;
  }
}

function classStart(run: HeldRun, atMs: number): ClassStart {
  return { tenant: run.tenant, priority: run.priority, requests: run.requests, atMs };
}

function classKey(start: ClassStart): string {
  const requests = Object.entries(start.requests).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify([start.tenant, start.priority, requests]);
}

function sameGrants(left: readonly Grant[], right: readonly Grant[]): boolean {
  return (
    left.length === right.length &&
    left.every((grant, place) => {
      const other = right[place];
      return grant.runId === other?.runId && grant.promisedAtMs === other.promisedAtMs;
    })
  );
}
