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
  readonly #unfinished = new Set<string>();
  readonly #succeeded = new Set<string>();
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

  /** Held or not. */
  get unfinished(): number {
    return this.#unfinished.size;
  }

  /** Those that are still there. */
  get succeeded(): number {
    return this.#succeeded.size;
  }

  busy(pool: string = ALL): number {
    return [...this.#busy.values()].filter((pools) => pools.includes(pool)).length;
  }

  #tally(uid: string, after: FakeObject | null): void {
    put(this.#unfinished, uid, after !== null && !isDone(after));
    put(this.#succeeded, uid, after !== null && reasonOf(after) === 'Succeeded');
  }

  #see({ plural, before, after }: Change): void {
    if (plural !== 'pipelineruns') return;
    const { uid = '', name = '' } = (after ?? before)?.metadata ?? {};
    this.#tally(uid, after);
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

function put(set: Set<string>, uid: string, isIn: boolean): void {
  if (isIn) set.add(uid);
  else set.delete(uid);
}

export function reasonOf({ status }: FakeObject): string | undefined {
  const conditions = status?.conditions as readonly { readonly reason?: string }[] | undefined;
  return conditions?.[0]?.reason;
}

/** Cancelled while held it never was; cancelled later it is until it has ended. */
function isBusy(run: FakeObject): boolean {
  if (isPending(run) || isDone(run)) return false;
  return run.spec?.status !== 'Cancelled' || run.status?.startTime !== undefined;
}
