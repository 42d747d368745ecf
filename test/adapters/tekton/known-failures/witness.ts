/**
 * Sees every write of PipelineRuns on a fake API server, in order: what was let go, how often,
 * and how many were let go and unfinished at most, of all and of each pool. Tests judge by it
 * and not by what Penstock tells.
 */
import type { Change, FakeObject, ObjectStore } from '../../../fakes/kubernetes/objects.ts';

const PENDING = 'PipelineRunPending';
const ALL = 'runs';

export class Witness {
  /** Names in the order in which they were let go. */
  readonly letGo: string[] = [];
  readonly #poolsOf: (name: string) => readonly string[];
  readonly #busy = new Map<string, readonly string[]>();
  readonly #peaks = new Map<string, number>();

  constructor(store: ObjectStore, poolsOf: (name: string) => readonly string[] = () => []) {
    this.#poolsOf = poolsOf;
    store.subscribe((change) => this.#see(change));
  }

  timesLetGo(name: string): number {
    return this.letGo.filter((one) => one === name).length;
  }

  /** The most that were let go and unfinished at once. */
  peak(pool: string = ALL): number {
    return this.#peaks.get(pool) ?? 0;
  }

  busy(pool: string = ALL): number {
    return [...this.#busy.values()].filter((pools) => pools.includes(pool)).length;
  }

  #see({ plural, before, after }: Change): void {
    if (plural !== 'pipelineruns') return;
    const { uid = '', name = '' } = (after ?? before)?.metadata ?? {};
    const uses = after !== null && isBusy(after);
    const wasHeld = before !== null && isPending(before);
    if (wasHeld && uses) this.letGo.push(name);
    if (!uses) this.#busy.delete(uid);
    else if (!this.#busy.has(uid)) this.#busy.set(uid, [ALL, ...this.#poolsOf(name)]);
    for (const pool of this.#busy.get(uid) ?? []) {
      this.#peaks.set(pool, Math.max(this.peak(pool), this.busy(pool)));
    }
  }
}

export function isPending({ spec }: FakeObject): boolean {
  return spec?.status === PENDING;
}

export function isDone({ status }: FakeObject): boolean {
  const conditions = (status?.conditions ?? []) as readonly { readonly status?: string }[];
  return conditions.some((condition) => condition.status === 'True' || condition.status === 'False');
}

/** Cancelled while held it never was; cancelled later it is until it has ended. */
function isBusy(run: FakeObject): boolean {
  if (isPending(run) || isDone(run)) return false;
  return run.spec?.status !== 'Cancelled' || run.status?.startTime !== undefined;
}
