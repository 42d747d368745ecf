/**
 * What Penstock sees of the cluster: PipelineRuns, TaskRuns and namespaces, each by a watch.
 *
 * Always true: nothing is shown before all of them have been listed once, nor while one of
 * them may be stale; a fresh look shows every write that was answered before it was asked for.
 */
import type { Requests, RunId } from '../../core/model/run.ts';
import { isFinished } from '../../core/model/run.ts';
import type { Observation } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { Cluster } from './kubernetes/api.ts';
import { reflect } from './kubernetes/reflector/reflect.ts';
import type { ReflectBounds, Reflection } from './kubernetes/reflector/reflection.ts';
import { MACHINE_TIME, pause, type Time } from './kubernetes/time.ts';
import { NAMESPACES_PATH, PIPELINE_RUNS_PATH, TASK_RUNS_PATH } from './names.ts';
import { type NeedsReader, type NeedsReaderSettings, needsReader } from './needs/needs-reader.ts';
import { poolNames } from './needs/pool-names.ts';
import { platformUse } from './platform-use.ts';
import { observedRun, type Placing } from './runs/observed-run.ts';
import { RunProjection } from './runs/run-projection.ts';
import type { SeenRun, SeenRunSettings } from './runs/seen-run.ts';
import { Sightings } from './runs/sightings.ts';
import { type SeenNamespace, seenNamespace } from './seen-namespace.ts';
import { type SeenTaskRun, seenTaskRun } from './seen-task-run.ts';

export interface SightOptions {
  readonly cluster: Cluster;
  readonly log: Log;
  readonly placing: Placing;
  readonly runs: SeenRunSettings;
  readonly needs: NeedsReaderSettings;
  readonly nowMs: number;
  readonly time?: Time;
  readonly bounds?: Partial<ReflectBounds>;
}

const FIRST_LOOK_PACE_MS = 20;

export class Sight {
  readonly #options: SightOptions;
  readonly #namespaces: Reflection<SeenNamespace>;
  readonly #runs: Reflection<SeenRun>;
  readonly #tasks: Reflection<SeenTaskRun>;
  readonly #projection: RunProjection;
  readonly #sightings: Sightings;
  readonly #byName = new Map<string, SeenNamespace>();
  #namesVersion = -1;
  #reader: NeedsReader;
  #needs: NeedsReaderSettings;

  constructor(options: SightOptions) {
    this.#options = options;
    this.#needs = options.needs;
    this.#reader = needsReader(options.needs);
    this.#sightings = new Sightings(options.placing, options.nowMs);
    this.#projection = new RunProjection({
      settings: options.runs,
      reader: () => this.#reader,
      labelsOfNamespace: (name) => this.#namespace(name)?.labels ?? {},
    });
    const { cluster, log, time, bounds } = options;
    const common = {
      cluster,
      log,
      ...(time === undefined ? {} : { time }),
      ...(bounds === undefined ? {} : { bounds }),
    };
    this.#namespaces = reflect({ ...common, path: NAMESPACES_PATH, project: seenNamespace });
    this.#runs = reflect({ ...common, path: PIPELINE_RUNS_PATH, project: this.#projection.project });
    this.#tasks = reflect({ ...common, path: TASK_RUNS_PATH, project: seenTaskRun });
    this.#runs.onRemove((uid, last) => {
      this.#projection.drop(uid);
      this.#sightings.removed(last, this.#namespace(last.namespace));
    });
  }

  async observe(options: { readonly fresh: boolean }, signal: AbortSignal): Promise<Observation> {
    await this.#synced(signal);
    if (options.fresh) await this.#runs.relist(signal);
    const doubt = this.#namespaces.doubt() ?? this.#runs.doubt();
    if (doubt !== null) throw new Error(doubt);
    return this.#observation();
  }

  #observation(): Observation {
    this.#indexNamespaces();
    const versions = `${this.#runs.version} ${this.#namespaces.version}`;
    return this.#sightings.observation(this.#runs.items(), this.#byName, versions);
  }

  run(id: RunId): SeenRun | null {
    const uid = this.#projection.uidOf(id);
    return uid === null ? null : (this.#runs.items().get(uid) ?? null);
  }

  isOurs(run: SeenRun): boolean {
    return this.#observed(run)?.ours === true;
  }

  forget(ids: readonly RunId[]): void {
    for (const id of ids) {
      const run = this.run(id);
      if (run === null || run.ending !== null) this.#sightings.forget(id, run !== null);
    }
  }

  /** Use of platforms beyond what runs ask for; null while what TaskRuns do may be stale, with why. */
  platformUse():
    | { readonly kind: 'known'; readonly use: ReadonlyMap<string, number> }
    | { readonly kind: 'doubt'; readonly why: string } {
    const why = this.#tasks.synced ? this.#tasks.doubt() : 'TaskRuns have not been listed yet';
    if (why !== null) return { kind: 'doubt', why };
    const names = poolNames(this.#needs.pools, this.#needs.unlimited);
    const known = new Set(this.#needs.pools);
    const use = platformUse({
      taskRuns: this.#tasks.items().values(),
      askedBy: (uid) => this.#askedBy(uid),
      poolOf: (platform) => {
        const pool = names.match(platform);
        return known.has(pool) ? pool : null;
      },
    });
    return { kind: 'known', use };
  }

  #askedBy(uid: string): Requests | null {
    const run = this.#runs.items().get(uid);
    const observed = run === undefined ? null : this.#observed(run);
    const occupies = observed !== null && observed.state !== 'held' && !isFinished(observed.state);
    return occupies ? observed.requests : null;
  }

  /** The pools there are have changed: what runs need is read anew. */
  async knowPools(
    pools: readonly string[],
    unlimited: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const same = (a: readonly string[], b: readonly string[]) => a.toSorted().join() === b.toSorted().join();
    if (same(pools, this.#needs.pools) && same(unlimited, this.#needs.unlimited)) return;
    this.#needs = { ...this.#needs, pools, unlimited };
    this.#reader = needsReader(this.#needs);
    await this.#runs.relist(signal);
  }

  onChange(listener: () => void): () => void {
    const unsubscribers = [this.#runs, this.#namespaces, this.#tasks].map((part) => part.onChange(listener));
    return () => {
      for (const unsubscribe of unsubscribers) unsubscribe();
    };
  }

  async close(): Promise<void> {
    for (const part of [this.#runs, this.#namespaces, this.#tasks]) part.close();
  }

  async #synced(signal: AbortSignal): Promise<void> {
    const parts = [this.#namespaces, this.#runs, this.#tasks];
    while (!parts.every((part) => part.synced)) {
      if (signal.aborted) {
        const why = parts.map((part) => part.doubt()).find((doubt) => doubt !== null);
        throw new Error(why ?? 'the cluster has not been listed yet');
      }
      await pause(this.#options.time ?? MACHINE_TIME, FIRST_LOOK_PACE_MS, signal);
    }
  }

  #observed(run: SeenRun) {
    return observedRun(run, this.#namespace(run.namespace), this.#options.placing);
  }

  #namespace(name: string): SeenNamespace | undefined {
    this.#indexNamespaces();
    return this.#byName.get(name);
  }

  #indexNamespaces(): void {
    if (this.#namesVersion === this.#namespaces.version) return;
    this.#namesVersion = this.#namespaces.version;
    this.#byName.clear();
    for (const namespace of this.#namespaces.items().values()) this.#byName.set(namespace.name, namespace);
  }
}
