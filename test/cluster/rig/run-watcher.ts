/**
 * Sees for itself what becomes of each PipelineRun: by a watch of its own on the API server,
 * so that a test need not believe Penstock, nor Tekton's metrics.
 *
 * Events come in the order of etcd's revisions, so the peak is exact as long as the server
 * remembers where the watch was cut (`relists` counts when it did not). A restarted API
 * server never does; a test that stops it lets the watcher read etcd itself.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../client/api-client.ts';
import { Follower } from '../client/follow.ts';
import { EtcdFollower } from '../client/follow-etcd.ts';
import { PIPELINE_RUNS, type PipelineRun } from '../client/resources.ts';
import { PENDING } from './pipeline-run.ts';
import type { Rig } from './rig.ts';

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
  /** Reads etcd and not the API server, and so misses nothing while that is away. */
  readonly etcd?: Rig;
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
  #follower: Follower<PipelineRun> | EtcdFollower<PipelineRun> | null = null;

  private constructor(options: RunWatcherOptions) {
    this.#options = options;
  }

  /** Resolves when everything that exists has been seen. */
  static async open(admin: ApiClient, options: RunWatcherOptions = {}): Promise<RunWatcher> {
    const { namespace, labelSelector, etcd } = options;
    const watcher = new RunWatcher(options);
    const seer = {
      see: (run: PipelineRun, deleted: boolean) => watcher.#see(run, deleted),
      settled: () => watcher.#notePeaks(),
    };
    if (etcd !== undefined) {
      if (labelSelector !== undefined)
        throw new Error('etcd knows no labels: watch a namespace, or all of them');
      watcher.#follower = await EtcdFollower.open(etcd.etcdUrl, { prefix: etcdPrefix(namespace), ...seer });
      return watcher;
    }
    const place = {
      query: labelSelector === undefined ? {} : { labelSelector },
      ...(namespace === undefined ? {} : { namespace }),
    };
    watcher.#follower = await Follower.open(admin, { resource: PIPELINE_RUNS, place, ...seer });
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
      add(this.#busy, pool, pools === null ? -1 : 1);
    }
    if (pools === null) this.#taken.delete(uid);
    else this.#taken.set(uid, pools);
  }

  #notePeaks(): void {
    for (const [pool, busy] of this.#busy) this.#peaks.set(pool, Math.max(this.peak(pool), busy));
  }

  #summary(): string {
    const counts = [...this.#inPhase].filter(([, count]) => count > 0);
    return counts.map(([phase, count]) => `${count} ${phase}`).join(', ') || 'nothing';
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, change: number): void {
  counts.set(key, (counts.get(key) ?? 0) + change);
}

/** Custom resources are kept as JSON under /registry/GROUP/PLURAL/NAMESPACE/NAME. */
function etcdPrefix(namespace: string | undefined): string {
  return `/registry/tekton.dev/pipelineruns/${namespace === undefined ? '' : `${namespace}/`}`;
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
