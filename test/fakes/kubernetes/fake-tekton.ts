/**
 * What Tekton's controller makes of PipelineRuns, over a fake API server: it starts those that
 * are not pending, ends them as their only task says, and honours timeouts and cancellation.
 * For unit tests only; the cluster tests have the real one.
 */
import { parseDuration } from '../../../src/core/text/go-duration.ts';
import type { FakeApiServer } from './fake-api-server.ts';
import type { Change, FakeObject } from './objects.ts';

/** Names of tasks that this Tekton understands. */
export type FakeTask = 'succeeds' | 'fails' | 'waits';

const REACTION_MS = 5;
const WORK_MS = 30;

interface Execution {
  begun: number;
  ended: boolean;
}

export class FakeTekton {
  readonly #server: FakeApiServer;
  readonly #executions = new Map<string, Execution>();
  readonly #letGo = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #unsubscribe: () => void;

  constructor(server: FakeApiServer) {
    this.#server = server;
    this.#unsubscribe = server.store.subscribe((change) => this.#see(change));
  }

  /** How often the work of this object began. */
  executions(uid: string): number {
    return this.#executions.get(uid)?.begun ?? 0;
  }

  letEnd(uid: string): void {
    this.#letGo.add(uid);
    const run = this.#server.store.list('pipelineruns').find(({ metadata }) => metadata.uid === uid);
    if (run?.status?.startTime !== undefined) this.#end(run, 'True', 'Succeeded');
  }

  close(): void {
    this.#unsubscribe();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #see({ plural, after }: Change): void {
    if (plural === 'pipelineruns' && after !== null) this.#later(REACTION_MS, () => this.#reconcile(after));
  }

  #reconcile(seen: FakeObject): void {
    const run = this.#server.store.find('pipelineruns', seen.metadata.namespace, seen.metadata.name ?? '');
    if (run === null || isDone(run)) return;
    const asked = (run.spec as { readonly status?: string } | undefined)?.status ?? '';
    if (asked === 'Cancelled') this.#end(run, 'False', 'Cancelled');
    else if (asked === '' && run.status?.startTime === undefined) this.#begin(run);
  }

  #begin(run: FakeObject): void {
    const uid = run.metadata.uid ?? '';
    const execution = this.#executions.get(uid) ?? { begun: 0, ended: false };
    execution.begun += 1;
    this.#executions.set(uid, execution);
    this.#write(run, {
      startTime: this.#now(),
      conditions: [{ type: 'Succeeded', status: 'Unknown', reason: 'Running' }],
      childReferences: [{ kind: 'TaskRun', name: `${run.metadata.name}-work` }],
    });
    const timeouts = run.spec?.timeouts as { readonly pipeline?: string } | undefined;
    const timeoutMs = parseDuration(timeouts?.pipeline ?? '1h') ?? 0;
    const task = taskOf(run);
    if (task !== 'waits' || this.#letGo.has(uid)) {
      this.#later(WORK_MS, () =>
        task === 'fails' ? this.#end(run, 'False', 'Failed') : this.#end(run, 'True', 'Succeeded'),
      );
    }
    if (timeoutMs > 0) this.#later(timeoutMs, () => this.#end(run, 'False', 'PipelineRunTimeout'));
  }

  #end(seen: FakeObject, status: 'True' | 'False', reason: string): void {
    const run = this.#server.store.find('pipelineruns', seen.metadata.namespace, seen.metadata.name ?? '');
    if (run === null || isDone(run) || run.metadata.uid !== seen.metadata.uid) return;
    const now = this.#now();
    const message = `it ended: ${reason}`;
    this.#write(run, {
      // One that never began gets both times, as the real controller does.
      startTime: run.status?.startTime ?? now,
      completionTime: now,
      conditions: [{ type: 'Succeeded', status, reason, message, lastTransitionTime: now }],
      ...(run.status?.childReferences === undefined ? {} : { childReferences: run.status.childReferences }),
    });
  }

  #write({ metadata }: FakeObject, status: Record<string, unknown>): void {
    this.#server.store.update('pipelineruns', metadata.namespace, metadata.name ?? '', (copy) => ({
      ...copy,
      status,
    }));
  }

  #later(delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delayMs);
    this.#timers.add(timer);
  }

  #now(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
  }
}

function isDone({ status }: FakeObject): boolean {
  const conditions = (status?.conditions ?? []) as readonly { readonly status?: string }[];
  return conditions.some((condition) => condition.status === 'True' || condition.status === 'False');
}

function taskOf({ spec }: FakeObject): FakeTask {
  const pipeline = spec?.pipelineSpec as
    | { readonly tasks?: readonly { readonly name?: string }[] }
    | undefined;
  return (pipeline?.tasks?.[0]?.name ?? 'succeeds') as FakeTask;
}
