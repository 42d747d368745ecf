/**
 * Sees for itself what becomes of each PipelineRun: a watch of its own on the API server,
 * so that a test need not believe Penstock, nor Tekton's metrics.
 *
 * Events come in the order of etcd's revisions, so the peak is exact as long as no watch
 * was lost for longer than the server remembers (`relists` counts those).
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../client/api-client.ts';
import { type KubeObject, PIPELINE_RUNS, type PipelineRun } from '../client/resources.ts';
import type { WatchEvent } from '../client/watch.ts';
import { PENDING } from './pipeline-run.ts';

/**
 * held: `spec.status` says pending. started: it says so no longer, Tekton has not answered.
 * running: Tekton wrote a start time. finished: its condition is true or false.
 */
export type RunPhase = 'held' | 'started' | 'running' | 'finished' | 'deleted';

export interface Transition {
  readonly phase: RunPhase;
  /** When the event reached us. */
  readonly atMs: number;
}

export interface WatchedRun {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly transitions: readonly Transition[];
  /** As last seen. */
  readonly object: PipelineRun;
}

export interface RunWatcherOptions {
  /** All namespaces when not given. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** The pools whose peaks are counted, for a run; one unit each. */
  readonly poolsOf?: (run: PipelineRun) => readonly string[];
}

const RECONNECT_MS = 100;
const LOOK_MS = 20;
const ALL_RUNS = 'runs';

export class RunWatcher {
  readonly #admin: ApiClient;
  readonly #options: RunWatcherOptions;
  readonly #runs = new Map<string, WatchedRun>();
  readonly #busy = new Map<string, number>();
  readonly #peaks = new Map<string, number>();
  readonly #stop = new AbortController();
  #version = '';
  #relists = -1;
  #loop: Promise<void> = Promise.resolve();

  private constructor(admin: ApiClient, options: RunWatcherOptions) {
    this.#admin = admin;
    this.#options = options;
  }

  /** Resolves when everything that exists has been seen. */
  static async open(admin: ApiClient, options: RunWatcherOptions = {}): Promise<RunWatcher> {
    const watcher = new RunWatcher(admin, options);
    await watcher.#list();
    watcher.#loop = watcher.#watch();
    return watcher;
  }

  get runs(): readonly WatchedRun[] {
    return [...this.#runs.values()];
  }

  /** How often the watch could not go on where it was cut, so that something may be missed. */
  get relists(): number {
    return this.#relists;
  }

  find(name: string): WatchedRun | null {
    return this.runs.findLast((run) => run.name === name) ?? null;
  }

  /** The most that were started and not finished at any one time, of all or of one pool. */
  peak(pool = ALL_RUNS): number {
    return this.#peaks.get(pool) ?? 0;
  }

  countIn(phase: RunPhase): number {
    return this.runs.filter((run) => phaseOf(run) === phase).length;
  }

  /** Waits until something is true of what was seen; rejects after `withinMs`. */
  async until(what: string, withinMs: number, condition: (watcher: this) => boolean): Promise<void> {
    const giveUpAtMs = Date.now() + withinMs;
    while (!condition(this)) {
      if (Date.now() > giveUpAtMs)
        throw new Error(`waited ${withinMs} ms for ${what}; seen: ${this.#summary()}`);
      await pause(LOOK_MS);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #list(): Promise<void> {
    const { metadata, items } = await this.#admin.list(PIPELINE_RUNS, this.#place());
    const listed = new Set(items.map(({ metadata: { uid = '' } }) => uid));
    for (const run of items) this.#see(run, false);
    for (const run of this.runs) {
      if (!listed.has(run.uid) && phaseOf(run) !== 'deleted') this.#see(run.object, true);
    }
    this.#version = metadata.resourceVersion;
    this.#relists += 1;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const place = this.#place({ resourceVersion: this.#version });
        for await (const event of this.#admin.watch(PIPELINE_RUNS, place, signal)) {
          if (!this.#take(event)) await this.#list();
        }
      } catch {
        // The server went away, or we are closed: the loop's condition knows.
      }
      if (!signal.aborted) await pause(RECONNECT_MS);
    }
  }

  /** False when the server forgot where we were. */
  #take(event: WatchEvent<PipelineRun>): boolean {
    if (event.type === 'ERROR') return false;
    this.#version = event.object.metadata.resourceVersion ?? this.#version;
    if (event.type !== 'BOOKMARK') this.#see(event.object, event.type === 'DELETED');
    return true;
  }

  #see(object: PipelineRun, deleted: boolean): void {
    const { uid = '', namespace = '', name = '' } = object.metadata;
    const known = this.#runs.get(uid);
    const before = known === undefined ? null : phaseOf(known);
    const phase = deleted ? 'deleted' : phaseIn(object);
    const transitions = known?.transitions ?? [];
    const added = phase === before ? transitions : [...transitions, { phase, atMs: Date.now() }];
    this.#runs.set(uid, { uid, namespace, name, transitions: added, object });
    this.#count(object, Number(isBusy(phase)) - Number(before !== null && isBusy(before)));
  }

  #count(object: PipelineRun, change: number): void {
    if (change === 0) return;
    for (const pool of [ALL_RUNS, ...(this.#options.poolsOf?.(object) ?? [])]) {
      const busy = (this.#busy.get(pool) ?? 0) + change;
      this.#busy.set(pool, busy);
      this.#peaks.set(pool, Math.max(this.peak(pool), busy));
    }
  }

  #place(query: Readonly<Record<string, string>> = {}): { readonly query: Readonly<Record<string, string>> } {
    const { namespace, labelSelector } = this.#options;
    const selected = labelSelector === undefined ? query : { ...query, labelSelector };
    return { ...(namespace === undefined ? {} : { namespace }), query: selected };
  }

  #summary(): string {
    const counts = Map.groupBy(this.runs, phaseOf);
    return [...counts].map(([phase, runs]) => `${runs.length} ${phase}`).join(', ') || 'nothing';
  }
}

export function phaseOf(run: WatchedRun): RunPhase {
  return run.transitions.at(-1)?.phase ?? 'held';
}

function isBusy(phase: RunPhase): boolean {
  return phase === 'started' || phase === 'running';
}

export function phaseIn({ spec, status }: PipelineRun): RunPhase {
  const succeeded = status?.conditions?.find(({ type }) => type === 'Succeeded')?.status;
  if (succeeded === 'True' || succeeded === 'False') return 'finished';
  if (spec.status === PENDING) return 'held';
  return status?.startTime === undefined ? 'started' : 'running';
}

/** How many objects there are, without fetching them. */
export async function countObjects(
  admin: ApiClient,
  resource: { readonly api: string; readonly plural: string },
): Promise<number> {
  const list = await admin.list<KubeObject>({ ...resource, namespaced: true }, { query: { limit: '1' } });
  const { remainingItemCount = 0 } = list.metadata as { readonly remainingItemCount?: number };
  return list.items.length + remainingItemCount;
}
