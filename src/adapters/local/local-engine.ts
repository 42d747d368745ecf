/**
 * The local engine: Tekton pipelines as processes of this machine. Every run has a small
 * supervisor process that outlives Penstock; this object only moves markers between
 * folders (see state/layout.ts), so it may be killed, opened again, or opened twice, and
 * nothing is lost or started twice.
 *
 * A start: this side moves the run from `held` to `starting` under a name that carries
 * the deadline and a fresh token, and spawns a supervisor; the supervisor moves it on to
 * `running` only before the deadline; once that has passed, whoever observes moves it
 * back to `held`. The name is one that no other attempt has, and of the two renames only
 * one can succeed: a start takes effect in time and once, or never.
 */
import { randomBytes } from 'node:crypto';
import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CodedError } from '../../core/errors/catalogue.ts';
import { type RunId, runId } from '../../core/model/run.ts';
import type {
  CancelOptions,
  CancelOutcome,
  CreateOutcome,
  Engine,
  LogChunk,
  NewRun,
  Observation,
  ObserveOptions,
  StartOutcome,
  StartRequest,
} from '../../ports/engine.ts';
import { type Environment, passedEnvironment } from './environment.ts';
import { runPreparer } from './prepare-run.ts';
import { signal } from './process-table.ts';
import { spawnSupervisor } from './spawn-supervisor.ts';
import { Archive } from './state/archive.ts';
import { createBatch, nextTurn, type PreparedRun, RUNS_PER_TURN, recoverBatches } from './state/creation.ts';
import { dropDamaged } from './state/damage.ts';
import { codeOf, moved, writeOnce } from './state/files.ts';
import {
  endingMarker,
  heldMarker,
  NEVER_RAN,
  RUN_ID_PATTERN,
  runFolder,
  STATE_FOLDERS,
  startingMarker,
  stateFolder,
} from './state/layout.ts';
import { readLogs } from './state/logs.ts';
import { Observer } from './state/observer.ts';
import type { CancelRecord } from './state/records.ts';
import { RunFiles } from './state/run-files.ts';
import { isAlive, settleCancelled } from './state/settling.ts';
import { StateWatch } from './state/state-watch.ts';

export interface LocalEngineOptions {
  /** Everything the engine keeps is in here; made when it is not there. */
  readonly folder: string;
  /** The folder of a project, which steps find in PENSTOCK_PROJECT_FOLDER; null when it has none. */
  readonly projectFolder?: (project: string) => string | null;
  /** This process's own environment; steps see only what programs need to work at all. */
  readonly env?: Environment;
  /** Between asking processes to end and killing them. */
  readonly graceMs?: number;
  /** Kept of the output of each step. */
  readonly logLimitBytes?: number;
  /** How many forgotten runs keep their logs and work folders. */
  readonly keptRuns?: number;
}

const DEFAULT_GRACE_MS = 2_000;
const DEFAULT_LOG_LIMIT_BYTES = 1024 * 1024;
const DEFAULT_KEPT_RUNS = 500;
/** A run moves on while its cancellation looks for it; it has fewer states than this to move through. */
const CANCEL_LOOKS = 8;

export async function openLocalEngine(options: LocalEngineOptions): Promise<Engine> {
  const folder = resolve(options.folder);
  try {
    for (const state of STATE_FOLDERS) await mkdir(stateFolder(folder, state), { recursive: true });
    for (const name of ['runs', 'incoming']) await mkdir(join(folder, name), { recursive: true });
    await access(stateFolder(folder, 'held'), constants.W_OK);
    await recoverBatches(folder);
    await dropDamaged(folder);
  } catch (error) {
    throw unwritable(folder, error);
  }
  return new LocalEngine(folder, options);
}

function unwritable(folder: string, cause: unknown): CodedError {
  if (cause instanceof CodedError) return cause;
  const why = codeOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  const hint =
    why === 'ENOSPC' ? 'the disk is full' : `it must be a folder that this user may write (${why})`;
  return new CodedError('data-unwritable', `${folder}: ${hint}`, { cause });
}

class LocalEngine implements Engine {
  readonly kind = 'local';
  readonly can = {
    forget: (ids: readonly RunId[]): Promise<void> => this.#forget(ids),
    logs: async (id: RunId): Promise<readonly LogChunk[]> =>
      RUN_ID_PATTERN.test(id) ? readLogs(this.#folder, id) : [],
  };
  readonly #folder: string;
  readonly #options: LocalEngineOptions;
  readonly #graceMs: number;
  readonly #env: Readonly<Record<string, string>>;
  readonly #files: RunFiles;
  readonly #observer: Observer;
  readonly #watch: StateWatch;
  readonly #archive: Archive;
  /** Creations one after the other: each looks for what is there and then adds to it. */
  #creating: Promise<unknown> = Promise.resolve();

  constructor(folder: string, options: LocalEngineOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#graceMs = options.graceMs ?? DEFAULT_GRACE_MS;
    this.#env = passedEnvironment(options.env ?? {});
    this.#files = new RunFiles(folder);
    this.#observer = new Observer(folder, this.#files, this.#graceMs);
    this.#watch = new StateWatch(folder);
    this.#archive = new Archive(folder, options.keptRuns ?? DEFAULT_KEPT_RUNS);
  }

  create(runs: readonly NewRun[], abort: AbortSignal): Promise<readonly CreateOutcome[]> {
    const created = this.#creating.then(() => this.#createNow(runs, abort));
    this.#creating = created.catch(() => undefined);
    return created;
  }

  async #createNow(runs: readonly NewRun[], abort: AbortSignal): Promise<readonly CreateOutcome[]> {
    abort.throwIfAborted();
    const nowMs = Date.now();
    const projectFolder = this.#options.projectFolder ?? (() => null);
    const prepare = runPreparer(nowMs, projectFolder);
    const prepared: PreparedRun[] = [];
    for (const [index, run] of runs.entries()) {
      prepared.push(prepare(run));
      if (index % RUNS_PER_TURN === RUNS_PER_TURN - 1) await nextTurn();
    }
    const fresh = new Map<string, PreparedRun>();
    const outcomes = prepared.map((run): CreateOutcome => {
      const there = fresh.get(run.facts.id)?.facts ?? this.#files.factsIfThere(run.facts.id);
      if (there === null) {
        fresh.set(run.facts.id, run);
        return { kind: 'created', id: runId(run.facts.id) };
      }
      if (there.requestHash !== run.facts.requestHash) return { kind: 'conflict' };
      return { kind: 'exists', id: runId(run.facts.id) };
    });
    if (outcomes.some((outcome) => outcome.kind === 'conflict')) {
      return outcomes.map((outcome) => (outcome.kind === 'created' ? { kind: 'skipped' } : outcome));
    }
    try {
      if (fresh.size > 0) await createBatch(this.#folder, newToken(), [...fresh.values()]);
    } catch (error) {
      throw unwritable(this.#folder, error);
    }
    return outcomes;
  }

  async observe(_options: ObserveOptions, abort: AbortSignal): Promise<Observation> {
    abort.throwIfAborted();
    return this.#observer.observe();
  }

  async start(id: RunId, request: StartRequest, abort: AbortSignal): Promise<StartOutcome> {
    abort.throwIfAborted();
    if (!RUN_ID_PATTERN.test(id)) return { kind: 'refused', why: 'there is no such run' };
    if (Date.now() >= request.deadlineMs) return { kind: 'refused', why: 'the deadline has passed' };
    const attempt = { id, deadlineMs: Math.floor(request.deadlineMs), token: newToken() };
    const marker = startingMarker(this.#folder, attempt);
    try {
      if (!moved(heldMarker(this.#folder, id), marker))
        return { kind: 'refused', why: 'the run is not held' };
    } catch (error) {
      return { kind: 'refused', why: unwritable(this.#folder, error).message };
    }
    const order = {
      ...attempt,
      folder: this.#folder,
      graceMs: this.#graceMs,
      logLimitBytes: this.#options.logLimitBytes ?? DEFAULT_LOG_LIMIT_BYTES,
      env: this.#env,
    };
    const failed = await spawnSupervisor(order);
    if (failed === null) return { kind: 'accepted' };
    // Nobody has the token, so nobody can take this attempt; should the move fail, it lapses.
    moved(marker, heldMarker(this.#folder, id));
    return { kind: 'refused', why: `no process could be started: ${failed}` };
  }

  async cancel(
    id: RunId,
    reason: string,
    abort: AbortSignal,
    options: CancelOptions = { onlyHeld: false },
  ): Promise<CancelOutcome> {
    abort.throwIfAborted();
    if (!RUN_ID_PATTERN.test(id) || this.#files.factsIfThere(id) === null) return { kind: 'missing' };
    return options.onlyHeld ? this.#cancelHeld(id, reason) : this.#cancelAny(id, reason);
  }

  /** The request is written down only once the run cannot start any more: a supervisor that found it would obey. */
  async #cancelHeld(id: RunId, reason: string): Promise<CancelOutcome> {
    if (!moved(heldMarker(this.#folder, id), endingMarker(this.#folder, id, NEVER_RAN))) {
      const place = await this.#observer.place(id);
      return { kind: place?.state === 'finished' ? 'finished' : 'started' };
    }
    this.#writeCancel(id, reason);
    settleCancelled(this.#folder, id);
    return { kind: 'accepted' };
  }

  #writeCancel(id: RunId, reason: string): void {
    const record: CancelRecord = { reason, atMs: Date.now() };
    writeOnce(join(runFolder(this.#folder, id), 'cancel.json'), JSON.stringify(record), 'through-kill');
  }

  async #cancelAny(id: RunId, reason: string): Promise<CancelOutcome> {
    for (let look = 0; look < CANCEL_LOOKS; look += 1) {
      const place = await this.#observer.place(id);
      if (place === null) continue;
      if (place.state === 'finished') return { kind: 'finished' };
      this.#writeCancel(id, reason);
      if ('token' in place) {
        if (place.state === 'ending') return { kind: 'accepted' };
        const supervisor = this.#files.supervisor(id, place.token);
        // When it is gone, observing settles the run and finds the request to cancel it.
        if (supervisor !== null && isAlive(supervisor)) signal(supervisor.pid, 'SIGTERM');
        return { kind: 'accepted' };
      }
      if (!moved(place.marker, endingMarker(this.#folder, id, NEVER_RAN))) continue;
      settleCancelled(this.#folder, id);
      return { kind: 'accepted' };
    }
    return { kind: 'missing' };
  }

  async #forget(ids: readonly RunId[]): Promise<void> {
    for (const id of ids) {
      if (!RUN_ID_PATTERN.test(id)) continue;
      if (this.#archive.add(id)) this.#files.drop(id);
    }
    this.#archive.prune();
  }

  onChange(listener: () => void): () => void {
    return this.#watch.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#creating;
    await this.#observer.settled();
  }
}

function newToken(): string {
  return randomBytes(16).toString('hex');
}
