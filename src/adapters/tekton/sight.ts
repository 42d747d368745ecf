/**
 * What Penstock sees of the cluster: PipelineRuns, TaskRuns and namespaces, each by a watch.
 *
 * Always true: nothing is shown before all of them have been listed once, nor while one of
 * them may be stale; a fresh look shows every write that was answered before it was asked for.
 * When the way to read what runs need changes, all runs are read anew before they are shown so.
 */
import { isFinished, type Requests, type RunId } from '../../core/model/run.ts';
import { poolNames } from '../../core/needs/pool-names.ts';
import type { Observation, ObservedRun, ObserveOptions } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';
import type { ApiOutcome, Cluster } from './kubernetes/api.ts';
import { rawObject } from './kubernetes/reflector/raw-object.ts';
import { reflect } from './kubernetes/reflector/reflect.ts';
import type { ReflectBounds, Reflection } from './kubernetes/reflector/reflection.ts';
import { MACHINE_TIME, pause, type Time } from './kubernetes/time.ts';
import { NAMESPACES_PATH, PIPELINE_RUNS_PATH, pipelineRunPath, TASK_RUNS_PATH } from './names.ts';
import { type NeedsReader, type NeedsReaderSettings, needsReader } from './needs/needs-reader.ts';
import { platformUse, type TaskUse } from './platform-use.ts';
import { RunMeasures } from './profile/run-measures.ts';
import { ProofOfSight } from './proof-of-sight.ts';
import { observedRun, type Placing } from './runs/observed-run.ts';
import { placeOf } from './runs/run-ids.ts';
import { RunProjection } from './runs/run-projection.ts';
import { isOtherRun, type SeenRun, type SeenRunSettings } from './runs/seen-run.ts';
import { Sightings } from './runs/sightings.ts';
import { seenNamespace } from './seen-namespace.ts';
import { SeenNamespaces } from './seen-namespaces.ts';
import { isOtherTaskRun, type SeenTaskRun, seenTaskRun } from './seen-task-run.ts';
import type { Watched } from './watch-figures.ts';

export interface SightOptions {
  readonly cluster: Cluster;
  readonly log: Log;
  readonly placing: Placing;
  readonly runs: SeenRunSettings;
  readonly needs: NeedsReaderSettings;
  readonly nowMs: number;
  /**
   * By what name this process may write on a run that waits, to prove that it has seen
   * everything; null where it must not write: then everything is listed.
   */
  readonly writesAs: string | null;
  /** Where what is seen of runs' tasks is gathered. */
  readonly measures?: RunMeasures;
  readonly time?: Time;
  readonly bounds?: Partial<ReflectBounds>;
}

const LOOK_PACE_MS = 20;
/** A page of a list has as many; more at a time are listed. */
const READ_SINGLY_MAX = 100;
const READ_MS = 10_000;

/** All runs as one way of reading their needs shows them. */
interface Reading {
  readonly settings: NeedsReaderSettings;
  /** Labels of namespaces that conditions could look at. */
  readonly labelsVersion: number;
  readonly projection: RunProjection;
  readonly runs: Reflection<SeenRun>;
  /** Its first list began after so many looks were asked for. */
  readonly beganAfterLook: number;
}

export class Sight {
  readonly #options: SightOptions;
  readonly #namespaces: SeenNamespaces;
  readonly #tasks: Reflection<SeenTaskRun>;
  readonly #measures: RunMeasures;
  readonly #sightings: Sightings;
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  readonly #proof: ProofOfSight | null;
  #last: Observation | null = null;
  #readings = 0;
  #looks = 0;
  #reading: Reading | null = null;
  #rereading: Promise<void> | null = null;
  #needs: NeedsReaderSettings;

  constructor(options: SightOptions) {
    this.#options = options;
    this.#needs = options.needs;
    const measures = options.measures ?? new RunMeasures();
    this.#measures = measures;
    const { placing, nowMs, cluster, writesAs: identity, time = MACHINE_TIME } = options;
    this.#proof = identity === null ? null : new ProofOfSight({ cluster, identity, time });
    this.#sightings = new Sightings({ placing, nowMs, measured: (run) => measures.of(run) });
    this.#namespaces = new SeenNamespaces(
      reflect({ ...this.#common(), path: NAMESPACES_PATH, project: seenNamespace }),
    );
    this.#tasks = reflect({
      ...this.#common(),
      path: TASK_RUNS_PATH,
      isNews: isOtherTaskRun,
      project: (raw) => measures.saw(seenTaskRun(raw)),
    });
    this.#namespaces.onChange(this.#tell);
    this.#tasks.onChange(this.#tell);
  }

  async observe(options: ObserveOptions, signal: AbortSignal): Promise<Observation> {
    const { fresh, freshOf = [] } = options;
    this.#looks += 1;
    const look = this.#looks;
    await this.#until(() => this.#namespaces.synced, signal);
    const reading = await this.#upToDate(signal);
    await this.#until(() => this.#tasks.synced && reading.runs.synced, signal);
    if (fresh || freshOf.length > READ_SINGLY_MAX) {
      if (reading.beganAfterLook < look) await this.#catchUp(reading.runs, signal);
    } else await Promise.all(freshOf.map((id) => this.#readAfresh(reading.runs, id, signal)));
    const doubt = this.#namespaces.doubt() ?? reading.runs.doubt();
    if (doubt !== null) throw new Error(doubt);
    const versions = `${this.#readings} ${reading.runs.version} ${this.#namespaces.version}`;
    this.#last = this.#sightings.observation(reading.runs.items(), this.#namespaces, versions);
    return this.#last;
  }

  /** Everything written until now shows when it resolves. */
  async #catchUp(runs: Reflection<SeenRun>, signal: AbortSignal): Promise<void> {
    const waits = this.#proof === null ? null : this.#oneThatWaits(runs);
    if (waits !== null && (await this.#proof?.give(runs, waits, signal)) === true) return;
    await runs.relist(signal);
  }

  /** A run that Penstock may write on. */
  #oneThatWaits(runs: Reflection<SeenRun>): SeenRun | null {
    for (const run of runs.items().values()) {
      if (run.isPending && run.ending === null && this.isOurs(run)) return run;
    }
    return null;
  }

  /** What is not seen is not asked for: it is gone, or was never there. */
  async #readAfresh(runs: Reflection<SeenRun>, id: RunId, signal: AbortSignal): Promise<void> {
    const run = this.run(id);
    if (run === null) return;
    const path = pipelineRunPath(run.namespace, run.name);
    const answer = await this.#options.cluster.request({ method: 'GET', path, timeoutMs: READ_MS, signal });
    if (answer.kind === 'ok') runs.read(rawObject(answer.body));
    // Its last state is only in a deletion event; what a list misses is told with what was known.
    else if (answer.kind === 'api-status' && answer.code === 404) await runs.relist(signal);
    else throw new Error(`${run.namespace}/${run.name} cannot be read: ${wordsOf(answer)}`);
  }

  /** The last observation; null before the first. */
  last(): Observation | null {
    return this.#last;
  }

  run(id: RunId): SeenRun | null {
    const uid = this.#reading?.projection.uidOf(id) ?? null;
    return uid === null ? null : (this.#reading?.runs.items().get(uid) ?? null);
  }

  /** Looks afresh for one that the watch has not brought yet; null when there is none. */
  async find(id: RunId, signal: AbortSignal): Promise<SeenRun | null> {
    const seen = this.run(id);
    if (seen !== null || placeOf(id) === null) return seen;
    await this.observe({ fresh: true }, signal);
    return this.run(id);
  }

  isOurs(run: SeenRun): boolean {
    return this.#observed(run)?.ours === true;
  }

  forget(ids: readonly RunId[]): void {
    for (const id of ids) {
      const run = this.run(id);
      if (run !== null && run.ending === null) continue;
      this.#sightings.forget(id, run);
      if (run !== null) this.#measures.drop(run.uid);
    }
  }

  /** Units of pools that TaskRuns use beyond what runs ask for; in doubt while that may be stale. */
  platformUse(): { readonly doubt: string | null; readonly use: TaskUse } {
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
    return { doubt: this.#tasks.doubt(), use };
  }

  /** What pools there are, and what names mean none; the next observation is read by it. */
  readNeedsBy(settings: Partial<NeedsReaderSettings>): void {
    const next = { ...this.#needs, ...settings };
    if (sameSettings(next, this.#needs)) return;
    this.#needs = next;
    this.#tell();
  }

  /** The watches of what decisions rest on. */
  watches(): readonly Watched[] {
    const runs = this.#reading?.runs;
    return [
      ...(runs === undefined ? [] : [{ resource: 'pipelineruns', reflection: runs }]),
      { resource: 'taskruns', reflection: this.#tasks },
      { resource: 'namespaces', reflection: this.#namespaces },
    ];
  }

  /** uid of the PipelineRun of a TaskRun; null for one that is not seen. */
  runOf(taskRunUid: string): string | null {
    return this.#tasks.items().get(taskRunUid)?.runUid ?? null;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#rereading?.catch(() => undefined);
    await Promise.all([this.#namespaces.close(), this.#tasks.close(), this.#reading?.runs.close()]);
  }

  readonly #tell = (): void => {
    for (const listener of this.#listeners) listener();
  };

  #common() {
    const { cluster, log, time, bounds } = this.#options;
    return {
      cluster,
      log,
      ...(time === undefined ? {} : { time }),
      ...(bounds === undefined ? {} : { bounds }),
    };
  }

  async #upToDate(signal: AbortSignal): Promise<Reading> {
    for (;;) {
      const reading = this.#reading;
      const labelsVersion = this.#needs.rules.length === 0 ? 0 : this.#namespaces.labelsVersion;
      const isCurrent = reading?.settings === this.#needs && reading.labelsVersion === labelsVersion;
      if (reading !== null && isCurrent) return reading;
      this.#rereading ??= this.#readAnew(labelsVersion).finally(() => {
        this.#rereading = null;
      });
      await this.#rereading;
      signal.throwIfAborted();
    }
  }

  async #readAnew(labelsVersion: number): Promise<void> {
    const before = this.#reading;
    const settings = this.#needs;
    const reader: NeedsReader = needsReader(settings);
    const projection = new RunProjection({
      settings: this.#options.runs,
      reader: () => reader,
      labelsOfNamespace: (name) => this.#namespaces.get(name)?.labels ?? {},
    });
    const beganAfterLook = this.#looks;
    const { project } = projection;
    const runs = reflect({ ...this.#common(), path: PIPELINE_RUNS_PATH, project, isNews: isOtherRun });
    runs.onRemove((uid, last) => {
      projection.drop(uid);
      this.#sightings.removed(last, this.#namespaces.get(last.namespace));
      this.#measures.drop(uid);
    });
    if (before !== null) {
      try {
        await this.#until(() => runs.synced, this.#closing.signal);
      } catch (error) {
        await runs.close();
        throw error;
      }
      await before.runs.close();
    }
    this.#readings += 1;
    this.#reading = { settings, labelsVersion, projection, runs, beganAfterLook };
    runs.onChange(this.#tell);
  }

  /** Resolves when the condition holds; throws, with what is not there yet, when the signal fires. */
  async #until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    while (!condition()) {
      if (signal.aborted) {
        const parts = [
          this.#namespaces,
          this.#tasks,
          ...(this.#reading === null ? [] : [this.#reading.runs]),
        ];
        const why = parts.map((part) => part.doubt()).find((doubt) => doubt !== null);
        throw new Error(why ?? 'the cluster has not been listed yet');
      }
      await pause(this.#options.time ?? MACHINE_TIME, LOOK_PACE_MS, signal);
    }
  }

  #askedBy(uid: string): Requests | null {
    const run = this.#reading?.runs.items().get(uid);
    const observed = run === undefined ? null : this.#observed(run);
    const occupies = observed !== null && observed.state !== 'held' && !isFinished(observed.state);
    return occupies ? observed.requests : null;
  }

  #observed(run: SeenRun): ObservedRun | null {
    return observedRun(run, this.#namespaces.get(run.namespace), this.#options.placing);
  }
}

function wordsOf(answer: Exclude<ApiOutcome, { kind: 'ok' }>): string {
  return answer.kind === 'api-status' ? `${answer.code} ${answer.message}` : answer.why;
}

function sameSettings(a: NeedsReaderSettings, b: NeedsReaderSettings): boolean {
  const sameNames = (left: readonly string[], right: readonly string[]) =>
    left.toSorted().join('\n') === right.toSorted().join('\n');
  const sameRules = a.rules.length === b.rules.length && a.rules.every((rule, i) => rule === b.rules[i]);
  return (
    sameNames(a.pools, b.pools) &&
    sameNames(a.unlimited, b.unlimited) &&
    sameRules &&
    a.annotationPrefix === b.annotationPrefix
  );
}
