/**
 * Sees for itself what becomes of each PipelineRun: a watch of its own on the API server,
 * so that a test need not believe Penstock, nor Tekton's metrics.
 *
 * Events come in the order of etcd's revisions, so the peak is exact as long as no watch
 * was lost for longer than the server remembers (`relists` counts those).
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../client/api-client.ts';
import { Follower } from '../client/follow.ts';
import { PIPELINE_RUNS, type PipelineRun } from '../client/resources.ts';
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

const LOOK_MS = 20;
const ALL_RUNS = 'runs';

export class RunWatcher {
  readonly #options: RunWatcherOptions;
  readonly #runs = new Map<string, WatchedRun>();
  readonly #latest = new Map<string, string>();
  readonly #inPhase = new Map<RunPhase, number>();
  /** Of each run that is started and unfinished: what it took when it started. */
  readonly #taken = new Map<string, readonly string[]>();
  readonly #busy = new Map<string, number>();
  readonly #peaks = new Map<string, number>();
  #follower: Follower<PipelineRun> | null = null;

  private constructor(options: RunWatcherOptions) {
    this.#options = options;
  }

  /** Resolves when everything that exists has been seen. */
  static async open(admin: ApiClient, options: RunWatcherOptions = {}): Promise<RunWatcher> {
    const { namespace, labelSelector } = options;
    const watcher = new RunWatcher(options);
    const query = labelSelector === undefined ? {} : { labelSelector };
    watcher.#follower = await Follower.open(admin, {
      resource: PIPELINE_RUNS,
      place: { query, ...(namespace === undefined ? {} : { namespace }) },
      see: (run, deleted) => watcher.#see(run, deleted),
    });
    return watcher;
  }

  get runs(): readonly WatchedRun[] {
    return [...this.#runs.values()];
  }

  /** How often the watch could not go on where it was cut, so that something may be missed. */
  get relists(): number {
    return this.#follower?.relists ?? 0;
  }

  /** The latest of that name; of the watcher's own namespace when none is given. */
  find(name: string, namespace = this.#options.namespace ?? ''): WatchedRun | null {
    return this.#runs.get(this.#latest.get(`${namespace}/${name}`) ?? '') ?? null;
  }

  /** The most that were started and not finished at any one time, of all or of one pool. */
  peak(pool = ALL_RUNS): number {
    return this.#peaks.get(pool) ?? 0;
  }

  countIn(phase: RunPhase): number {
    return this.#inPhase.get(phase) ?? 0;
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
    await this.#follower?.close();
  }

  #see(object: PipelineRun, deleted: boolean): void {
    const { uid = '', namespace = '', name = '' } = object.metadata;
    const known = this.#runs.get(uid);
    const before = known === undefined ? null : phaseOf(known);
    const phase = deleted ? 'deleted' : phaseIn(object);
    const transitions = known?.transitions ?? [];
    const added = phase === before ? transitions : [...transitions, { phase, atMs: Date.now() }];
    this.#runs.set(uid, { uid, namespace, name, transitions: added, object });
    this.#latest.set(`${namespace}/${name}`, uid);
    if (phase === before) return;
    add(this.#inPhase, phase, 1);
    if (before !== null) add(this.#inPhase, before, -1);
    this.#count(uid, isBusy(phase) ? [ALL_RUNS, ...(this.#options.poolsOf?.(object) ?? [])] : null);
  }

  /** `pools` is null when the run takes nothing any more. What it takes stays as it was at its start. */
  #count(uid: string, pools: readonly string[] | null): void {
    const taken = this.#taken.get(uid);
    if ((taken === undefined) === (pools === null)) return;
    for (const pool of pools ?? taken ?? []) {
      const busy = add(this.#busy, pool, pools === null ? -1 : 1);
      this.#peaks.set(pool, Math.max(this.peak(pool), busy));
    }
    if (pools === null) this.#taken.delete(uid);
    else this.#taken.set(uid, pools);
  }

  #summary(): string {
    const counts = [...this.#inPhase].filter(([, count]) => count > 0);
    return counts.map(([phase, count]) => `${count} ${phase}`).join(', ') || 'nothing';
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, change: number): number {
  const count = (counts.get(key) ?? 0) + change;
  counts.set(key, count);
  return count;
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
